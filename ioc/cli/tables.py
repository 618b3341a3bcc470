"""Tables on a terminal or in a pipe: a wide one is left to the terminal to wrap, never cut."""

from rich.console import Console

_WIDE = 1000
"""Columns: more than any table has."""


def console() -> Console:
    """A console that cuts nothing."""
    return Console(soft_wrap=True, width=_WIDE)
