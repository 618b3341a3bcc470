"""Compressed frames: checksum, method, sizes, data; the same in the native protocol and in HTTP's `compress=1`.

Source: ClickHouse, src/Compression/CompressedReadBufferBase.cpp. The checksum is CityHash 1.0.2 of 128 bits over
everything after it.
"""

import struct
from collections.abc import Iterator

import lz4.block
import zstandard
from clickhouse_cityhash.cityhash import CityHash128

from deploy.embedded.clickhouse.errors import ServerError
from deploy.embedded.clickhouse.native.wire import Reader

NONE, LZ4, ZSTD = 0x02, 0x82, 0x90
METHODS = {"none": NONE, "lz4": LZ4, "lz4hc": LZ4, "zstd": ZSTD}
FRAME_BYTES = 1 << 20
FRAME_MAX_BYTES = 1 << 30

_HEAD = struct.Struct("<BII")
_SUM = struct.Struct("<QQ")


def frames(data: bytes, method: int = LZ4) -> Iterator[bytes]:
    """`data` as frames of at most `FRAME_BYTES` before compression."""
    for start in range(0, len(data), FRAME_BYTES):
        part = data[start : start + FRAME_BYTES]
        if method == LZ4:
            packed = lz4.block.compress(part, store_size=False)
        elif method == ZSTD:
            packed = zstandard.ZstdCompressor(level=1).compress(part)
        else:
            packed = part
        body = _HEAD.pack(method, len(packed) + _HEAD.size, len(part)) + packed
        yield _SUM.pack(*_checksum(body)) + body


def read_frame(reader: Reader) -> bytes:
    """The next frame of a stream, decompressed.

    Raises:
        ServerError: 273, its checksum does not fit; 271, it cannot be decompressed.
    """
    stated = _SUM.unpack(reader.read(_SUM.size))
    head = reader.read(_HEAD.size)
    method, size, original = _HEAD.unpack(head)
    if not _HEAD.size <= size <= FRAME_MAX_BYTES or original > FRAME_MAX_BYTES:
        raise ServerError.named(271, f"A compressed frame of {size} bytes for {original} is broken")
    packed = reader.read(size - _HEAD.size)
    if _checksum(head + packed) != stated:
        raise ServerError.named(273, "Checksum doesn't match: corrupted data")
    try:
        if method == LZ4:
            return bytes(lz4.block.decompress(packed, uncompressed_size=original))
        if method == ZSTD:
            return zstandard.ZstdDecompressor().decompress(packed, max_output_size=original)
    except (lz4.block.LZ4BlockError, zstandard.ZstdError) as error:
        raise ServerError.named(271, f"Cannot decompress: {error}") from None
    if method == NONE:
        return packed
    raise ServerError.named(271, f"Unknown compression method 0x{method:02x}")


def unpack(data: bytes) -> bytes:
    """All frames of `data`, decompressed."""
    reader = Reader(lambda: b"")
    reader.buffer = bytearray(data)
    parts = []
    while reader.buffered:
        parts.append(read_frame(reader))
    return b"".join(parts)


def _checksum(body: bytes) -> tuple[int, int]:
    value = CityHash128(body)
    return value >> 64, value & ((1 << 64) - 1)
