"""A seeded load of dossiers with the real contract: each dossier is received, worked on and finished over several versions.

Dossiers come in over the months before `BASE` in office hours, at the units of a province; versions of different
dossiers are mixed as a log would have them.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ioc.contracts.event import version_of
from ioc.kafka.partition import partition_of

BASE = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
UNITS = 101
PROCEDURES = 1820
FIELDS = ("MT01", "MT02", "MT03", *(f"L{number:02d}" for number in range(37)))
APPLICANTS = ("person", "person", "person", "business", "agency", "other")
CHANNELS = ("online_full", "online_full", "online_partial", "in_person", "post", "internal")
DAYS = 60


class Dossiers:
    """Versions of `entities` dossiers, in random order of the dossiers."""

    def __init__(self, entities: int, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._entities = entities
        self._steps = bytearray(entities)

    def next(self) -> dict[str, Any]:
        """The next version of some dossier."""
        number = self._random.randrange(self._entities)
        step = self._steps[number] = min(self._steps[number] + 1, 250)
        return self._event(number, step)

    def all(self) -> Iterator[dict[str, Any]]:
        """One version of every dossier."""
        for number in range(self._entities):
            yield self._event(number, 1 + number % 4)

    def _event(self, number: int, step: int) -> dict[str, Any]:
        rnd = random.Random(number)
        day, hour = rnd.randrange(DAYS), rnd.choice((0, 1, 2, 3, 6, 7, 8, 9))
        received = BASE - timedelta(days=DAYS - day) + timedelta(hours=hour, seconds=rnd.randrange(3600))
        due = received + timedelta(days=rnd.choice((1, 3, 5, 10, 20)))
        end = received + timedelta(hours=rnd.randrange(1, 400))
        finished = end if step > 2 else None
        changed = received + timedelta(hours=step)
        components = rnd.randrange(8)
        data: dict[str, Any] = {
            "procedure": f"1.{rnd.randrange(PROCEDURES):06d}",
            "field": rnd.choice(FIELDS),
            "applicant_type": rnd.choice(APPLICANTS),
            "channel": rnd.choice(CHANNELS),
            "status": ("received", "processing", "processed", "returned")[min(step, 4) - 1],
            "received_at": received,
            "due_at": due,
            "finished_at": finished,
            "returned_at": finished + timedelta(hours=20) if finished and step > 3 else None,
            "supplements": step // 5,
            "extensions": step // 7,
            "fee_vnd": rnd.choice((None, 0, 50_000, 120_000)),
            "paid_online": rnd.choice((None, True, False)),
            "components": components,
            "components_digitised": rnd.randrange(components + 1),
            "components_reused": rnd.choice((None, 0)),
            "result_digitised": rnd.choice((True, False)),
            "vneid": rnd.choice((None, True, False)),
        }
        unit = f"000.00.{rnd.randrange(UNITS):02d}.H12"
        return {
            "source": "dossier",
            "kind": "dossier",
            "entity": f"{unit}-{received:%y%m%d}-{number:06d}",
            "facet": "case",
            "version": version_of(int(changed.timestamp()) * 1000 + step, {"step": step}),
            "deleted": False,
            "unit": unit,
            "occurred_at": changed,
            "observed_at": changed + timedelta(seconds=2),
            "data": data,
        }


def messages(events: Iterator[dict[str, Any]], partitions: int, size: int = 100) -> Iterator[tuple[int, bytes]]:
    """The events as messages, arrays of `size` (the last ones shorter), with their partition."""
    waiting: list[list[dict[str, Any]]] = [[] for _ in range(partitions)]
    for event in events:
        partition = partition_of(event["entity"], partitions)
        waiting[partition].append(event)
        if len(waiting[partition]) == size:
            yield partition, msgspec.json.encode(waiting[partition])
            waiting[partition].clear()
    for partition, rest in enumerate(waiting):
        if rest:
            yield partition, msgspec.json.encode(rest)
