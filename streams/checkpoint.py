"""What a checkpoint is, as messages of a compacted topic, and which of those found there count. Pure.

    p/<page>/<owner>   8 bytes of revision, then the packed page: its entities as of that source offset
    m/<owner>          manifest: everything below `offset` is in the pages, and these are the revisions that are meant

An owner is a token drawn for each state, so that a paused worker that wakes up never overwrites its successor's keys. Steps
of a checkpoint, each waiting for the one before: cells emitted, pages stored, manifest stored, keys of earlier owners
deleted. A manifest whose pages are not all there, because a later owner replaced and deleted them, is void; of the
others the one with the greatest offset counts. A page may be newer than the manifest (its owner died in between):
whatever it holds beyond the offset was emitted before it was stored, under a greater revision than any repetition has.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from ioc.errors import FatalError

FORMAT = 2
"""Format of pages and manifests."""

_REVISION_BYTES = 8


class Manifest(msgspec.Struct, frozen=True):
    """What an owner's checkpoint consists of."""

    format: int
    offset: int
    revisions: dict[int, int]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Manifest)


def new_owner() -> str:
    """A token that no other state has; it begins with the time, for who reads the topic."""
    return f"{time.time_ns():x}.{secrets.token_hex(3)}"


def page_key(page: int, owner: str) -> bytes:
    """Key of an owner's page."""
    return f"p/{page}/{owner}".encode()


def page_value(revision: int, packed: bytes) -> bytes:
    """Value of a page."""
    return revision.to_bytes(_REVISION_BYTES, "big") + packed


def manifest_key(owner: str) -> bytes:
    """Key of an owner's manifest."""
    return f"m/{owner}".encode()


def manifest_value(offset: int, revisions: dict[int, int]) -> bytes:
    """Value of a manifest."""
    return _ENCODER.encode(Manifest(FORMAT, offset, revisions))


@dataclass
class Found:
    """What a partition of the state topic holds.

    Attributes:
        offset: the source offset to go on from; None when no manifest holds.
        pages: the newest of each page, packed.
        revisions: their revisions.
        page_keys: all keys of each page.
        manifest_keys: all keys of manifests.
        void: offsets of the manifests whose pages are not all there.
    """

    offset: int | None = None
    pages: dict[int, bytes] = field(default_factory=dict)
    revisions: dict[int, int] = field(default_factory=dict)
    page_keys: dict[int, list[bytes]] = field(default_factory=dict)
    manifest_keys: list[bytes] = field(default_factory=list)
    void: list[int] = field(default_factory=list)


def choose(messages: Mapping[bytes, bytes], topic: str) -> Found:
    """What counts of the messages of a partition (the last value of each key).

    Args:
        messages: value by key.
        topic: name of the state topic, for messages.

    Raises:
        FatalError: a message is not one of ours, or of another format.
    """
    found = Found()
    manifests: list[Manifest] = []
    for key, value in messages.items():
        kind, _, rest = key.partition(b"/")
        try:
            if kind == b"m":
                found.manifest_keys.append(key)
                manifests.append(_DECODER.decode(value))
                continue
            page = int(rest.partition(b"/")[0])
        except (ValueError, msgspec.MsgspecError) as error:
            raise FatalError(
                f"{topic}: key {key!r} is no checkpoint ({error}); is something else writing there?"
            ) from error
        revision = int.from_bytes(value[:_REVISION_BYTES], "big")
        found.page_keys.setdefault(page, []).append(key)
        if revision > found.revisions.get(page, -1):
            found.revisions[page], found.pages[page] = revision, value[_REVISION_BYTES:]
    for manifest in manifests:
        if manifest.format != FORMAT:
            raise FatalError(
                f"{topic}: checkpoint of format {manifest.format}, this version reads {FORMAT}; run the version that wrote it, "
                "or begin a new generation"
            )
        if any(found.revisions.get(page, -1) < revision for page, revision in manifest.revisions.items()):
            found.void.append(manifest.offset)
        else:
            found.offset = max(manifest.offset, found.offset or 0)
    if found.offset is None:
        # Pages without a manifest: their owner died before its first one, and what they hold comes again from the log.
        found.pages.clear()
        found.revisions.clear()
    return found
