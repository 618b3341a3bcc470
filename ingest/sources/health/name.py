"""The name of the healthcare records, on every event of it."""

NAME = "health"
