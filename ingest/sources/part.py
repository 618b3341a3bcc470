"""A part of a system: streams that share a way in, and what to let go of at the end."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ingest.source import Source


class Part(NamedTuple):
    """Streams of one way in (a portal, a folder, a webhook, a broker, a REST service).

    Attributes:
        streams: each is run on its own.
        close: lets go of its connections, once all streams have ended.
    """

    streams: Sequence[Source]
    close: Callable[[], None]
