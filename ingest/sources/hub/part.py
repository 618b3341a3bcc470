"""A part of the data hub: streams that share a way in, and what to let go of at the end."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ingest.source import Source

NAME = "hub"
"""The system's name, on every event of it."""


class Part(NamedTuple):
    """Streams of one way in (a portal, a folder, a webhook, a broker).

    Attributes:
        streams: each is run on its own.
        close: lets go of its connections, once all streams have ended.
    """

    streams: Sequence[Source]
    close: Callable[[], None]
