"""Cursors: where each stream stands, in the compacted topic `cursors`."""

from typing import Protocol

from pydantic import ValidationError

from ioc import clock
from ioc.contracts.control import Cursor
from ioc.errors import FatalError
from ioc.kafka.compacted import latest_values
from ioc.kafka.producer import Delivery, Publisher
from ioc.topics import CURSORS


class CursorStore(Protocol):
    """Keeps the cursor of each stream."""

    def load(self, source: str, stream: str) -> str | None:
        """The position saved last; None when there is none."""
        ...

    def save(self, source: str, stream: str, position: str) -> Delivery:
        """Saves a position up to which everything is acknowledged. Later saves of a stream overtake earlier ones."""
        ...


class KafkaCursors:
    """The store that all connectors use."""

    def __init__(self, bootstrap: str, publisher: Publisher) -> None:
        self._bootstrap = bootstrap
        self._publisher = publisher

    def load(self, source: str, stream: str) -> str | None:
        """See `CursorStore.load`.

        Raises:
            RetriableError: the broker cannot be reached.
            FatalError: what is saved is no cursor.
        """
        key = cursor_key(source, stream)
        return read_position(key, latest_values(self._bootstrap, CURSORS.name).get(key))

    def save(self, source: str, stream: str, position: str) -> Delivery:
        """See `CursorStore.save`."""
        return save_position(self._publisher, source, stream, position)


def cursor_key(source: str, stream: str) -> bytes:
    """Key of a stream's cursor in the topic."""
    return f"{source}/{stream}".encode()


def save_position(publisher: Publisher, source: str, stream: str, position: str) -> Delivery:
    """Publishes a stream's cursor."""
    cursor = Cursor(source=source, stream=stream, position=position, saved_at=clock.now())
    return publisher.publish(CURSORS.name, 0, cursor.model_dump_json().encode(), cursor_key(source, stream))


def read_position(key: bytes, raw: bytes | None) -> str | None:
    """The position in a saved cursor; None where there is none.

    Raises:
        FatalError: what is saved is no cursor.
    """
    if raw is None:
        return None
    try:
        return Cursor.model_validate_json(raw).position
    except ValidationError as error:
        raise FatalError(
            f"topic {CURSORS.name}, key {key.decode()}: not a cursor: {error.errors(include_input=False)}; "
            "publish a right one, or an empty value to read the source from its beginning"
        ) from error
