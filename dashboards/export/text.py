"""Text that a spreadsheet must not take for a formula."""

_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What a formula, or a command of old programs, begins with (OWASP, CSV Injection)."""


def harmless(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would compute it: the apostrophe says "text" there."""
    return f"'{text}" if text.lstrip(" ").startswith(_STARTS) else text
