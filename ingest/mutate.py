"""Records as they look after a source has changed its format: a field missing, or of another type."""

import copy
from collections.abc import Iterator
from typing import Any, NamedTuple

from ingest.envelope import Enveloper
from ingest.source import Change, Record, Source
from ingest.testing import HASH_KEY
from ioc import clock
from ioc.errors import SkippableError
from ioc.privacy import Pseudonyms

Path = tuple[str | int, ...]

MAX_PATHS = 80


class Outcome(NamedTuple):
    """What came of a record: its events' data by target and entity, or why it was refused."""

    data: tuple[tuple[str, str, dict[str, Any] | None], ...] = ()
    refused: SkippableError | None = None


class Judge:
    """Reads single records of a source as the runner would."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._enveloper = Enveloper(source, Pseudonyms(HASH_KEY))

    def outcome(self, record: Record) -> Outcome:
        """What comes of a record.

        Raises:
            Exception: the source does not refuse it, it breaks.
        """
        try:
            if record.fault is not None:
                raise record.fault
            changes = self._source.read(record)
            listed = [changes] if isinstance(changes, Change) else list(changes)
            for change in listed:
                self._enveloper.event(change, clock.now())
        except SkippableError as error:
            return Outcome(refused=error)
        return Outcome(tuple((str(change.target), change.entity, change.data) for change in listed))


def paths(fields: dict[str, Any]) -> list[Path]:
    """The places in a record where a value stands: top level first, then in objects and the first of each list."""
    found: list[Path] = []
    level: list[tuple[Path, Any]] = [((), fields)]
    while level and len(found) < MAX_PATHS:
        below: list[tuple[Path, Any]] = []
        for path, value in level:
            for key, member in _members(value):
                found.append((*path, key))
                below.append(((*path, key), member))
        level = below
    return found[:MAX_PATHS]


def without(record: Record, path: Path) -> Record:
    """The record without what stands at a path."""
    fields = copy.deepcopy(record.fields)
    del _holder(fields, path)[path[-1]]
    return Record(record.raw, fields)


def with_value(record: Record, path: Path, value: Any) -> Record:
    """The record with something else at a path."""
    fields = copy.deepcopy(record.fields)
    _holder(fields, path)[path[-1]] = value
    return Record(record.raw, fields)


def value_at(record: Record, path: Path) -> Any:
    """What stands at a path."""
    return _holder(record.fields, path)[path[-1]]


def required_paths(judge: Judge, record: Record) -> list[Path]:
    """Places without which the record is refused for a missing field."""
    found = []
    for path in paths(record.fields):
        refused = judge.outcome(without(record, path)).refused
        if refused is not None and refused.reason == "missing_field":
            found.append(path)
    return found


def bad_copies(source: Source, record: Record) -> list[Record]:
    """The record without a field that it must have."""
    if record.fault is not None:
        return []
    return [without(record, path) for path in required_paths(Judge(source), record)[:1]]


def _members(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list) and value:
        yield 0, value[0]


def _holder(fields: Any, path: Path) -> Any:
    for key in path[:-1]:
        fields = fields[key]
    return fields
