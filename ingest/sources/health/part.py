"""A part of the healthcare records: streams that share a way in, and what to let go of at the end."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ingest.source import Source

NAME = "health"
"""The system's name, on every event of it."""


class Part(NamedTuple):
    """Streams of one way in (a folder, a FHIR server, a REST service).

    Attributes:
        streams: each is run on its own.
        close: lets go of its connections, once all streams have ended.
    """

    streams: Sequence[Source]
    close: Callable[[], None]
