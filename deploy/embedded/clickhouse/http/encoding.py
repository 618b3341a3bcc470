"""Compression of HTTP bodies: by standard content encodings, and by ClickHouse's own frames."""

import gzip
import zlib
from collections.abc import Callable
from typing import Protocol

import lz4.frame
import zstandard

from deploy.embedded.clickhouse.errors import ServerError
from deploy.embedded.clickhouse.native.compression import frames


class Encoder(Protocol):
    """Compresses a stream piece by piece."""

    def compress(self, data: bytes) -> bytes:
        """What is ready after `data`."""

    def flush(self) -> bytes:
        """The rest."""


class _Frames:
    """ClickHouse's own frames, for `compress=1`."""

    def compress(self, data: bytes) -> bytes:
        return b"".join(frames(data))

    def flush(self) -> bytes:
        return b""


class _Lz4:
    def __init__(self) -> None:
        self._inner = lz4.frame.LZ4FrameCompressor()
        self._begun = False

    def compress(self, data: bytes) -> bytes:
        head = b"" if self._begun else bytes(self._inner.begin())
        self._begun = True
        return head + bytes(self._inner.compress(data))

    def flush(self) -> bytes:
        return self.compress(b"") + bytes(self._inner.flush())


def native_frames() -> Encoder:
    """Encoder for `compress=1`."""
    return _Frames()


ENCODERS: dict[str, Callable[[], Encoder]] = {
    "gzip": lambda: zlib.compressobj(1, zlib.DEFLATED, 31),
    "deflate": lambda: zlib.compressobj(1),
    "zstd": lambda: zstandard.ZstdCompressor(level=1).compressobj(),
    "lz4": _Lz4,
}

_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
    "lz4": lambda data: bytes(lz4.frame.decompress(data)),
}


def choose(accepted: str) -> str:
    """The first encoding of an Accept-Encoding header that is known; empty if none is."""
    names = (part.split(";")[0].strip().lower() for part in accepted.split(","))
    return next((name for name in names if name in ENCODERS), "")


def decode(body: bytes, encoding: str) -> bytes:
    """A request's body, decompressed.

    Raises:
        ServerError: 48, the encoding is not known; 271, the body is not what the header says.
    """
    encoding = encoding.strip().lower()
    if not encoding or encoding == "identity":
        return body
    if encoding not in _DECODERS:
        raise ServerError.named(48, f"Unknown Content-Encoding {encoding!r}; known are {', '.join(_DECODERS)}")
    try:
        return _DECODERS[encoding](body)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError, RuntimeError) as error:
        raise ServerError.named(271, f"Cannot decompress the body as {encoding}: {error}") from None
