"""Made-up records in a source's own format, from what its stream says of its keys and codes."""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ingest.kit.fields import Field, facet_of, fields_of
from ingest.kit.json_stream import JsonStream
from ioc import clock
from ioc.contracts.event import unix_ms

Row = dict[str, Any]

CANARY = "CANARY Nguyễn Thị Thử"
"""Stands in every personal field that is made up."""

_HOUR_MS = 3_600_000
_UNITS = ("000.00.01.H12", "000.00.02.H12", "000.00.03.H12", "H12.02", "000.00.99.H12")


def rows(stream: JsonStream, count: int, seed: int = 1) -> list[Row]:
    """`count` records of different entities, in the order of their update times, the last an hour ago."""
    return list(_rows(stream, count, random.Random(seed)))


def _rows(stream: JsonStream, count: int, draw: random.Random) -> Iterator[Row]:
    target = stream.targets[0]
    fields = fields_of(target)
    personal = sorted(stream.ignored) or ["person"]
    head = "CANARY-" if facet_of(target).data.PERSONAL_ENTITY else f"{stream.stream}-"
    updated_ms = unix_ms(clock.now()) - _HOUR_MS - count * 60_000
    for number in range(count):
        # Every third has the update time of the one before.
        updated_ms += 60_000 if number % 3 else 0
        row: Row = {}
        _put(row, stream.entity_key, f"{head}{number:06d}")
        _put(row, stream.unit_key, draw.choice(_UNITS))
        _put(row, stream.updated_key, stream.written(updated_ms))
        for place, field in enumerate(fields):
            moment_ms = updated_ms - (len(fields) - place + draw.randrange(48) * len(fields)) * _HOUR_MS
            _put(row, stream.keys.get(field.name, field.name), _value(stream, field, moment_ms, number, draw))
        _in_order(row, stream, facet_of(target).data.ORDERED)
        for key in personal:
            _put(row, key, f"{CANARY} {number}")
        yield row


def _value(stream: JsonStream, field: Field, moment_ms: int, number: int, draw: random.Random) -> Any:
    if field.optional and draw.random() < 0.2:
        return None
    if codes := stream.codes.get(field.name):
        return draw.choice([code for code in codes if code])
    if field.shape == "code":
        return draw.choice(field.codes)
    if field.shape == "yes":
        return draw.random() < 0.5
    if field.shape == "moment":
        return stream.written(moment_ms)
    if field.shape == "number":
        lowest = max(0, field.lowest)
        return draw.randint(lowest, min(lowest + 200, field.highest))
    return f"CANARY-{number:06d}" if field.personal else f"{field.name[:12]}-{draw.randrange(9)}"


def _in_order(row: Row, stream: JsonStream, pairs: Sequence[tuple[str, str]]) -> None:
    """Exchanges moments that deny one another."""
    for pair in pairs:
        first, second = (stream.keys.get(name, name) for name in pair)
        told = [_at(row, key) for key in (first, second)]
        if None in told:
            continue
        times = sorted(told, key=lambda text: stream.moment_ms(first, text) or 0)
        _put(row, first, times[0])
        _put(row, second, times[1])


def _put(row: Row, path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for key in outer:
        row = row.setdefault(key, {})
    row[last] = value


def _at(row: Mapping[str, Any], path: str) -> Any:
    value: Any = row
    for key in path.split("."):
        value = value[key]
    return value
