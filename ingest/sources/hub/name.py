"""The name of the data hub, on every event of it."""

NAME = "hub"
