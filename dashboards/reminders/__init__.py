"""Reminders to those who have not reported, and to who answers for them."""
