"""The fold: from events to the values of cells."""
