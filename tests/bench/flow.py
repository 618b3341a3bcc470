"""A steady flow of made-up events of all kinds into the topics of a broker, as connectors would publish them; a process of its own.

    python -m tests.bench.flow BOOTSTRAP EVENTS_A_SECOND

It publishes until it is ended. Two thirds of the events are of new entities, the others later versions of some that came before.
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from ioc.catalogue.load import load_catalogue, load_province
from ioc.contracts.base import wire_time
from ioc.contracts.event import unix_ms, version_of
from ioc.contracts.kinds import KINDS
from ioc.kafka.arrays import Arrays
from ioc.kafka.producer import Producer
from ioc.topics import FEEDS, PARTITIONS, events
from tests.made_events import made_events

SHARES = {
    "sensor_reading": 20, "traffic_count": 14, "service_call": 8, "encounter": 14, "dossier": 14, "document": 12,
    "work_file": 3, "feedback_case": 3, "security_alert": 3, "vessel": 3, "immunization": 2,
    "appointment": 2, "observation": 1, "health_record": 1, "office_account": 1, "facility": 1, "statistic": 2,
}  # fmt: skip
"""Of a hundred events and a few: those of a province's day. Sensors, cameras and shared services speak most often, statistics rarely."""

TICK_S = 0.5
BEAT_S = 3.0
DAYS = 30
"""What happens now concerns what began in the last weeks: sealed days are touched rarely."""

_NEW = 0.67


class Flow:
    """Events for one tick after another."""

    def __init__(self, rate: float, seed: int = 1) -> None:
        self._rnd = random.Random(seed)
        self._count = round(rate * TICK_S)
        self._units = [code for unit in load_province("ca_mau").unit for code in (unit.aliases or (unit.code,))]
        self._known: Counter[str] = Counter()
        kinds = {rollup.kind for rollup in load_catalogue().compiled.rollups.values()}
        self._kinds = {kind: SHARES[kind] / len(KINDS[kind].facets) for kind in sorted(kinds)}
        self._owed = 0

    def tick(self, now: datetime) -> Iterator[tuple[str, int, bytes]]:
        """Topic, partition and value of each message of the events of a tick."""
        self._owed += self._count
        wanted: Counter[str] = Counter()
        while self._owed > 0:
            (kind,) = self._rnd.choices(list(self._kinds), list(self._kinds.values()))
            wanted[kind] += 1
            self._owed -= len(KINDS[kind].facets)
        for kind, entities in wanted.items():
            arrays = Arrays(PARTITIONS)
            names: dict[str, str] = {}
            for event in made_events(kind, self._rnd, entities, self._units, now, DAYS):
                name = names.get(event.entity) or names.setdefault(event.entity, self._name(kind))
                version = version_of(unix_ms(now), {"entity": name})
                arrays.add(name, msgspec.json.encode(msgspec.structs.replace(event, entity=name, version=version)))
            for partition, value in arrays.messages():
                yield events(kind).name, partition, value

    def _name(self, kind: str) -> str:
        before = self._known[kind]
        if before and self._rnd.random() > _NEW:
            return f"flow-{self._rnd.randrange(before)}"
        self._known[kind] += 1
        return f"flow-{before}"


def heartbeat(now: datetime, records: int) -> bytes:
    """Says that the source was read up to now."""
    feed = {
        "source": "made-up", "stream": "all", "unit": "", "kinds": ",".join(KINDS), "read_at": wire_time(now),
        "source_time": wire_time(now), "records": records, "rejected": 0, "late": 0,
    }  # fmt: skip
    return msgspec.json.encode(feed)


def main(bootstrap: str, rate: float) -> None:
    """Publishes until the process is ended."""
    flow, due, beat = Flow(rate), time.monotonic(), 0.0
    with Producer(bootstrap) as producer:
        while True:
            now = datetime.now(UTC)
            for topic, partition, value in flow.tick(now):
                producer.publish(topic, partition, value)
            if time.monotonic() - beat > BEAT_S:
                beat = time.monotonic()
                producer.publish(FEEDS.name, 0, heartbeat(now, round(rate * BEAT_S)))
            due += TICK_S
            time.sleep(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
