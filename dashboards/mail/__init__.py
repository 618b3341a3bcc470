"""E-mail to people: what is handed to a mail server, and the log of it."""
