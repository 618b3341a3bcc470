"""Blocks: walked to find where they end, passed on as they are, never decoded into values.

The engine's Native format and the protocol's blocks differ in one byte a column: from revision 54454 on, the protocol
says after each type whether its serialization is a custom one. The engine writes none, so the byte is 0.
"""

from dataclasses import dataclass

from deploy.embedded.clickhouse.errors import ServerError
from deploy.embedded.clickhouse.native.types import ColumnType, parse_type
from deploy.embedded.clickhouse.native.wire import Reader, string, varint

REVISION_CUSTOM_SERIALIZATION = 54454
BLOCK_INFO = b"\x01\x00\x02\xff\xff\xff\xff\x00"
"""Field 1: no overflow rows; field 2: bucket -1; end."""

COLUMNS_MAX = 100_000
_KEY_WIDTHS = (1, 2, 4, 8)
_HAS_GLOBAL_KEYS = 1 << 8
_HAS_OWN_KEYS = 1 << 9


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of a block, its columns' names and types, and its bytes as the engine's Native format has them."""

    columns: tuple[tuple[str, str], ...]
    rows: int
    native: bytes


def _walk_strings(reader: Reader, count: int) -> None:
    buffer, position = reader.buffer, reader.position
    for _ in range(count):
        try:
            size = buffer[position]
            start = position + 1
        except IndexError:
            size = 0x80
            start = position
        if size >= 0x80:
            reader.position = position
            size = reader.varint()
            start = reader.position
        position = start + size
        if position > len(buffer):
            reader.position = start
            reader.need(size)
    reader.position = position


def _walk_prefix(reader: Reader, kind: ColumnType) -> None:
    if kind.family == "LowCardinality":
        reader.skip(8)
        return
    for part in kind.inner:
        _walk_prefix(reader, part)


def _walk_low_cardinality(reader: Reader, kind: ColumnType) -> None:
    dictionary = kind.inner[0]
    if dictionary.family == "Nullable":
        dictionary = dictionary.inner[0]
    flags = reader.uint64()
    for flag in (_HAS_GLOBAL_KEYS, _HAS_OWN_KEYS):
        if flags & flag:
            _walk(reader, dictionary, reader.uint64())
    reader.skip(reader.uint64() * _KEY_WIDTHS[flags & 3])


def _walk(reader: Reader, kind: ColumnType, rows: int) -> None:
    if not rows:
        return
    if kind.family == "Fixed":
        reader.skip(rows * kind.width)
    elif kind.family == "String":
        _walk_strings(reader, rows)
    elif kind.family == "Nullable":
        reader.skip(rows)
        _walk(reader, kind.inner[0], rows)
    elif kind.family == "Array":
        reader.skip(8 * (rows - 1))
        _walk(reader, kind.inner[0], reader.uint64())
    elif kind.family == "Tuple":
        for part in kind.inner:
            _walk(reader, part, rows)
    else:
        _walk_low_cardinality(reader, kind)


def read_block(reader: Reader, revision: int) -> Block:
    """Reads a block without its BlockInfo from a stream and returns it as the engine's Native format has it."""
    columns, rows = reader.varint(), reader.varint()
    if columns > COLUMNS_MAX:
        raise ServerError.named(117, f"A block of {columns} columns is broken")
    names: list[tuple[str, str]] = []
    out = [varint(columns), varint(rows)]
    for _ in range(columns):
        name, type_text = reader.string(), reader.string()
        names.append((name, type_text))
        out += (string(name), string(type_text))
        if revision >= REVISION_CUSTOM_SERIALIZATION and reader.uint8():
            raise ServerError.named(48, f"Column {name}: custom serialization is not supported")
        if rows:
            kind = parse_type(type_text)
            reader.mark()
            if kind.has_prefix:
                _walk_prefix(reader, kind)
            _walk(reader, kind, rows)
            out.append(reader.taken())
    return Block(tuple(names), rows, b"".join(out))


def for_client(native: bytes, revision: int) -> tuple[bytes, bytes]:
    """A block of the engine as the client's revision expects it, and the same block with no rows: the header."""
    reader = Reader(lambda: b"")
    reader.buffer = bytearray(native)
    columns, rows = reader.varint(), reader.varint()
    custom = b"\x00" if revision >= REVISION_CUSTOM_SERIALIZATION else b""
    out: list[bytes | memoryview] = [varint(columns), varint(rows)]
    head = [varint(columns), varint(0)]
    view = memoryview(native)
    for _ in range(columns):
        start = reader.position
        _, type_text = reader.binary(), reader.string()
        described = native[start : reader.position] + custom
        start = reader.position
        kind = parse_type(type_text)
        if rows:
            if kind.has_prefix:
                _walk_prefix(reader, kind)
            _walk(reader, kind, rows)
        head.append(described)
        out += (described, view[start : reader.position])
    return b"".join(out), b"".join(head)


def header(columns: list[tuple[str, str]], revision: int) -> bytes:
    """A block of these columns with no rows."""
    custom = b"\x00" if revision >= REVISION_CUSTOM_SERIALIZATION else b""
    return varint(len(columns)) + varint(0) + b"".join(string(name) + string(kind) + custom for name, kind in columns)
