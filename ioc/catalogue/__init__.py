"""The indicators and provinces as data, and what they compile to."""
