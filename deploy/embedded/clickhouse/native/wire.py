"""Primitive values of the native protocol, read from a source of bytes and written to bytes."""

import struct
from collections.abc import Callable

from deploy.embedded.clickhouse.errors import ServerError

STRING_MAX_BYTES = 256 << 20
"""A longer string is taken for a broken stream."""

PIECE_MAX_BYTES = 2 << 30
"""A column of a block that claims to be larger is taken for a broken stream."""

_CHUNK_BYTES = 1 << 20


class PeerClosedError(ConnectionError):
    """The other side closed the connection, in the middle of a packet or between two."""


class Reader:
    """Reads values off a stream; can hand back the raw bytes between two points of it.

    Args:
        fill: returns the next bytes of the stream, none at its end.
    """

    def __init__(self, fill: Callable[[], bytes]) -> None:
        self._fill = fill
        self.buffer = bytearray()
        self.position = 0
        self._marked = False
        self._mark = 0

    def need(self, count: int) -> None:
        """Makes `count` bytes available after the position.

        Raises:
            PeerClosedError: the stream ends before.
            ServerError: 117, no sound stream has so much in one piece.
        """
        if count > PIECE_MAX_BYTES:
            raise ServerError.named(117, f"A piece of {count} bytes is too large")
        if not self._marked and self.position and self.position == len(self.buffer):
            self.buffer.clear()
            self.position = 0
        while len(self.buffer) - self.position < count:
            if not self._marked and self.position > _CHUNK_BYTES:
                del self.buffer[: self.position]
                self.position = 0
            more = self._fill()
            if not more:
                raise PeerClosedError("the client closed the connection")
            self.buffer += more

    @property
    def buffered(self) -> int:
        """Bytes that are here and not yet read."""
        return len(self.buffer) - self.position

    def mark(self) -> None:
        """Begins to keep what is read."""
        self._mark = self.position
        self._marked = True

    def taken(self) -> bytes:
        """What was read since `mark`."""
        self._marked = False
        return bytes(self.buffer[self._mark : self.position])

    def skip(self, count: int) -> None:
        """Passes over bytes."""
        self.need(count)
        self.position += count

    def read(self, count: int) -> bytes:
        """The next bytes."""
        self.need(count)
        start = self.position
        self.position = start + count
        return bytes(self.buffer[start : self.position])

    def uint8(self) -> int:
        """One byte."""
        self.need(1)
        self.position += 1
        return self.buffer[self.position - 1]

    def uint64(self) -> int:
        """Eight bytes, little-endian."""
        self.need(8)
        self.position += 8
        return int.from_bytes(self.buffer[self.position - 8 : self.position], "little")

    def varint(self) -> int:
        """An unsigned number in base 128, low digits first."""
        value = shift = 0
        while True:
            byte = self.uint8()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise ServerError.named(117, "Malformed variable-length number")

    def string(self) -> str:
        """Text with its length before it; bytes that are not UTF-8 are replaced."""
        return self.binary().decode("utf-8", "replace")

    def binary(self) -> bytes:
        """Bytes with their length before them."""
        size = self.varint()
        if size > STRING_MAX_BYTES:
            raise ServerError.named(117, f"A string of {size} bytes is too long")
        return self.read(size)


def varint(value: int) -> bytes:
    """An unsigned number in base 128, low digits first."""
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def string(value: str | bytes) -> bytes:
    """Text or bytes with their length before them."""
    data = value.encode("utf-8") if isinstance(value, str) else value
    return varint(len(data)) + data


def int32(value: int) -> bytes:
    """Four bytes, little-endian, signed."""
    return struct.pack("<i", value)
