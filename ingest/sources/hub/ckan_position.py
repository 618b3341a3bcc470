"""Where a stream of the portal stands: what was read of which resource."""

import msgspec

from ioc.errors import FatalError


class Hand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A resource that is being read.

    Attributes:
        state: of the resource (`Resource.state`) when its reading began.
        total: rows that it had then.
        done: rows that are done.
    """

    state: str
    total: int
    done: int


class Position(msgspec.Struct, forbid_unknown_fields=True):
    """A cursor.

    Attributes:
        read: by resource that was read to its end: its state then.
        hands: by resource that is being read.
    """

    read: dict[str, str] = {}
    hands: dict[str, Hand] = {}

    def encode(self) -> str:
        """The position as it is saved."""
        return msgspec.json.encode(self).decode()

    def keep(self, resources: set[str]) -> None:
        """Forgets all resources but these."""
        self.read = {name: state for name, state in self.read.items() if name in resources}
        self.hands = {name: hand for name, hand in self.hands.items() if name in resources}


def decode(cursor: str | None) -> Position:
    """The position that was saved; the beginning for None and the empty text.

    Raises:
        FatalError: it is none.
    """
    if not cursor:
        return Position()
    try:
        return msgspec.json.decode(cursor, type=Position)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FatalError(
            f"cursor {cursor!r}: {error}; publish a right one to the topic cursors, or an empty value to begin anew"
        ) from error
