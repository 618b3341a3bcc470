"""Files without a name: what goes into the engine or comes out of it by descriptor."""

import contextlib
import os
from collections.abc import Iterator


def write_all(descriptor: int, data: bytes) -> None:
    """Writes all of `data`, however little each write takes."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def empty(descriptor: int) -> None:
    """Makes a file empty again."""
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)


@contextlib.contextmanager
def in_memory(name: str, data: bytes = b"") -> Iterator[int]:
    """A file in memory for as long as the block runs, with `data` in it; yields its descriptor."""
    descriptor = os.memfd_create(name, os.MFD_CLOEXEC)
    try:
        write_all(descriptor, data)
        yield descriptor
    finally:
        os.close(descriptor)
