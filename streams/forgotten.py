"""Entities that no cell needs any more: of each only a hash and its version stay, so that an old version is recognised when it comes again."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

_HASH_BYTES = 16

Hashes = NDArray[np.bytes_]
Versions = NDArray[np.int64]


class Forgotten:
    """Versions by hash of the entity, apart for each page, so that a page can be stored without looking at the others."""

    def __init__(self) -> None:
        self._pages: dict[int, tuple[Hashes, Versions]] = {}

    def __len__(self) -> int:
        return sum(len(versions) for _, versions in self._pages.values())

    def add(self, page: int, entities: Iterable[str], versions: Versions) -> None:
        """Remembers entities of a page; of one that was there already the greater version stays."""
        hashes = np.array([_hash(entity) for entity in entities], f"S{_HASH_BYTES}")
        if page in self._pages:
            known, theirs = self._pages[page]
            hashes, versions = np.concatenate((known, hashes)), np.concatenate((theirs, versions))
        order = np.lexsort((versions, hashes))
        hashes, versions = hashes[order], versions[order]
        last = np.append(hashes[1:] != hashes[:-1], True)
        self._pages[page] = hashes[last], versions[last]

    def versions_of(self, pages: Sequence[int], entities: Sequence[str], default: int) -> list[int]:
        """The version of each entity, `default` for those that were not forgotten."""
        if not self._pages:
            return [default] * len(entities)
        return [self._version(page, entity, default) for page, entity in zip(pages, entities, strict=True)]

    def _version(self, page: int, entity: str, default: int) -> int:
        if page not in self._pages:
            return default
        hashes, versions = self._pages[page]
        wanted = np.bytes_(_hash(entity))
        place = int(np.searchsorted(hashes, wanted))
        return int(versions[place]) if place < len(hashes) and hashes[place] == wanted else default

    def dump(self, page: int) -> tuple[bytes, bytes]:
        """Hashes and versions of a page, as bytes."""
        if page not in self._pages:
            return b"", b""
        hashes, versions = self._pages[page]
        return hashes.tobytes(), versions.tobytes()

    def load(self, page: int, hashes: bytes, versions: bytes) -> None:
        """Takes what `dump` gave."""
        if hashes:
            self._pages[page] = np.frombuffer(hashes, f"S{_HASH_BYTES}"), np.frombuffer(versions, np.int64)


def _hash(entity: str) -> bytes:
    return blake2b(entity.encode(), digest_size=_HASH_BYTES).digest()
