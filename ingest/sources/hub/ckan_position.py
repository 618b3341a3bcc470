"""Where a stream of the portal stands: what was read of which table. A cursor has little room, so names and states stand short."""

import base64
import hashlib

import msgspec

from ioc.errors import FatalError

MAX_TABLES = 300
"""Of one kind; more do not fit into a cursor."""

_NAME_CHARS, _STATE_CHARS = 6, 4
_ENTRY_CHARS = _NAME_CHARS + _STATE_CHARS
_MAX_HANDS = 4


class Hand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table that is being read.

    Attributes:
        state: of the table when its reading began, short.
        total: rows that it had then.
        done: rows that are done.
    """

    state: str
    total: int
    done: int


class _Saved(msgspec.Struct, forbid_unknown_fields=True):
    """A cursor as it is written: the short names and states of `Position.read`, one behind the other."""

    read: str = ""
    hands: dict[str, Hand] = {}


class Position:
    """A cursor: which tables were read to their end, in which state, and which are in hand."""

    def __init__(self, read: dict[str, str] | None = None, hands: dict[str, Hand] | None = None) -> None:
        self._read = read or {}
        self._hands = hands or {}

    def encode(self) -> str:
        """The position as it is saved."""
        read = "".join(name + state for name, state in self._read.items())
        hands = dict(list(self._hands.items())[-_MAX_HANDS:])
        return msgspec.json.encode(_Saved(read, hands)).decode()

    def keep(self, tables: list[str]) -> None:
        """Forgets all tables but these.

        Raises:
            FatalError: they are too many.
        """
        if len(tables) > MAX_TABLES:
            raise FatalError(f"{len(tables)} tables of one kind, at most {MAX_TABLES} are read: mark fewer packages")
        kept = set(map(_name, tables))
        self._read = {name: state for name, state in self._read.items() if name in kept}
        self._hands = {name: hand for name, hand in self._hands.items() if name in kept}

    def was_read(self, table: str, state: str) -> bool:
        """Whether a table was read to its end in this state."""
        return self._read.get(_name(table)) == _short(state, _STATE_CHARS)

    def hand(self, table: str, state: str) -> Hand | None:
        """How far a table was read in this state; None: not at all, or in another."""
        hand = self._hands.get(_name(table))
        return hand if hand is not None and hand.state == _short(state, _STATE_CHARS) else None

    def in_hand(self, table: str) -> bool:
        """Whether a table is being read, in whatever state."""
        return _name(table) in self._hands

    def go_on(self, table: str, state: str, total: int, done: int) -> None:
        """Notes how far a table was read."""
        self._hands[_name(table)] = Hand(_short(state, _STATE_CHARS), total, done)

    def drop(self, table: str) -> None:
        """Notes that a table is to be begun again."""
        self._hands.pop(_name(table), None)

    def finish(self, table: str, state: str) -> None:
        """Notes that a table was read to its end."""
        self.drop(table)
        self._read[_name(table)] = _short(state, _STATE_CHARS)


def decode(cursor: str | None) -> Position:
    """The position that was saved; the beginning for None and the empty text.

    Raises:
        FatalError: it is none.
    """
    if not cursor:
        return Position()
    try:
        saved = msgspec.json.decode(cursor, type=_Saved)
        if len(saved.read) % _ENTRY_CHARS:
            raise msgspec.DecodeError("`read` is cut short")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FatalError(
            f"cursor {cursor!r}: {error}; publish a right one to the topic cursors, or an empty value to begin anew"
        ) from error
    entries = [saved.read[at : at + _ENTRY_CHARS] for at in range(0, len(saved.read), _ENTRY_CHARS)]
    return Position({entry[:_NAME_CHARS]: entry[_NAME_CHARS:] for entry in entries}, saved.hands)


def _name(table: str) -> str:
    return _short(table, _NAME_CHARS)


def _short(text: str, chars: int) -> str:
    return base64.urlsafe_b64encode(hashlib.blake2b(text.encode(), digest_size=6).digest())[:chars].decode()
