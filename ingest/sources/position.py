"""Where a stream stands that is read by update time, in pages."""

import msgspec

from ioc.errors import FatalError


class Position(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A cursor.

    Attributes:
        high_ms: greatest update time read so far, milliseconds since the epoch; None before the first.
        from_ms: where the window in hand begins; None from the source's beginning.
        page: pages of that window that are done; 0 also between two windows.
        size: records a page, without which `page` says nothing.
        open: whether a window is in hand.
        blind: the source tells no update times, `high_ms` is of a clock.
    """

    high_ms: int | None = None
    from_ms: int | None = None
    page: int = 0
    size: int = 0
    open: bool = False
    blind: bool = False

    def encode(self) -> str:
        """The position as it is saved."""
        return msgspec.json.encode(self).decode()


def decode(cursor: str | None) -> Position:
    """The position that was saved; the beginning for None.

    Raises:
        FatalError: it is none.
    """
    if cursor is None:
        return Position()
    try:
        return msgspec.json.decode(cursor, type=Position)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FatalError(
            f"cursor {cursor!r}: {error}; publish a right one to the topic cursors, or an empty value to begin anew"
        ) from error
