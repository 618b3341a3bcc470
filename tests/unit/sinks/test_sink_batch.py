"""From messages to inserts: what is kept, what is counted and what goes to the dead letters."""

from typing import Any

import msgspec
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from ioc.deadletters import Sealer
from ioc.kafka.consumer import Message
from ioc.topics import CONTROLS, DEAD_LETTERS, FEEDS, PARTIALS
from sinks.batch import Batch
from sinks.lane import write

AT = "2026-11-20T01:02:03Z"
RATING = {
    "source": "s", "kind": "dossier", "entity": "e", "facet": "rating", "version": 1, "unit": "u",
    "occurred_at": AT, "observed_at": AT, "data": {"rating": 4, "rated_at": AT},
}  # fmt: skip
PARTIAL: dict[str, Any] = {
    "generation": "g", "rollup_id": "r", "grain": "day", "part": 1, "revision": 7,
    "units": ["a", "b"], "buckets": [1, 2], "measures": [[1, 2], [3, 4]],
}  # fmt: skip


class Recorder:
    """A database that notes what is inserted."""

    def __init__(self) -> None:
        self.inserted: list[tuple[str, dict[str, list[Any]]]] = []

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        raise AssertionError(sql)

    def execute(self, sql: str) -> None:
        raise AssertionError(sql)

    def insert(self, table: str, columns: Any, data: Any) -> int:
        self.inserted.append((table, dict(zip(columns, map(list, data), strict=True))))
        return len(data[0])


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(SecretStr(Fernet.generate_key().decode()))


def message(topic: str, value: object, offset: int = 5, partition: int = 2) -> Message:
    return Message(topic, partition, offset, value if isinstance(value, bytes) else msgspec.json.encode(value))


def test_a_batch_goes_to_its_tables(sealer: Sealer) -> None:
    batch, database = Batch(sealer), Recorder()
    batch.add(message("events.dossier", [RATING, {**RATING, "entity": "f"}]))
    batch.add(message(PARTIALS.name, PARTIAL, offset=9))
    write(database, "ioc", batch)
    tables = dict(database.inserted)
    assert list(tables) == ["ioc.dossier_history", "ioc.partials"]
    assert tables["ioc.dossier_history"]["entity"] == ["e", "f"]
    assert tables["ioc.partials"]["measures"] == [[1, 2], [3, 4]]
    assert tables["ioc.partials"]["revision"] == [7, 7]
    assert batch.offsets == {("events.dossier", 2): 6, (PARTIALS.name, 2): 10}
    assert (batch.rows, batch.rejected, batch.letters) == (4, [], [])


FEED = {
    "source": "s", "stream": "a", "unit": "", "kinds": "dossier", "read_at": "2026-01-01T00:00:00Z", "source_time": None,
    "records": 0, "rejected": 0, "late": 0,
}  # fmt: skip
ORDER = {
    "source": "s", "stream": "", "action": "maintenance", "begins": "2026-01-01T00:00:00Z", "ends": None, "reason": "r",
    "ordered_at": "2026-01-01T00:00:00Z",
}  # fmt: skip


def test_heartbeats_are_kept_and_those_with_records_are_logged_for_the_volume(sealer: Sealer) -> None:
    batch, database = Batch(sealer), Recorder()
    batch.add(message(FEEDS.name, FEED))
    batch.add(message(FEEDS.name, {**FEED, "stream": "b", "records": 7, "rejected": 1, "late": 2}))
    batch.add(message(CONTROLS.name, ORDER))
    write(database, "ioc", batch)
    tables = dict(database.inserted)
    assert list(tables) == ["ioc.feeds", "ioc.source_controls", "ioc.feed_log"]
    assert tables["ioc.feeds"]["stream"] == ["a", "b"]
    log = {name: values for name, values in tables["ioc.feed_log"].items() if name != "read_at"}
    assert log == {"source": ["s"], "stream": ["b"], "unit": [""], "records": [7], "rejected": [1], "late": [2]}
    assert tables["ioc.source_controls"]["action"] == ["maintenance"]
    assert tables["ioc.source_controls"]["ends"] == [None]


def test_a_bad_element_of_an_event_message_costs_only_itself(sealer: Sealer) -> None:
    batch, database = Batch(sealer), Recorder()
    batch.add(message("events.dossier", [{**RATING, "version": -1}, RATING]))
    batch.add(message("events.dossier", b"\xff[", offset=6))
    write(database, "ioc", batch)
    assert dict(database.inserted)["ioc.dossier_history"]["version"] == [1]
    assert batch.rejected == ["invalid_value", "undecodable"]
    assert batch.letters == [], "the fold sends these to the dead letters"
    assert batch.offsets == {("events.dossier", 2): 7}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"units": ["a"]}, "invalid_value"),
        ({"part": 2**31}, "invalid_value"),
        ({"buckets": [1, 2**31]}, "invalid_value"),
        ({"revision": 2**63}, "invalid_value"),
        ({"measures": [[1, 2], [3, 2**63]]}, "invalid_value"),
        ({"measures": [[1, 2], [3, -(2**63) - 1]]}, "invalid_value"),
        ({"grain": "week"}, "invalid_value"),
        ({"units": [1, 2]}, "invalid_value"),
        ({"more": 1}, "invalid_value"),
    ],
)
def test_a_bad_partial_is_sealed_whole(sealer: Sealer, change: dict[str, Any], reason: str) -> None:
    batch = Batch(sealer)
    bad = message(PARTIALS.name, {**PARTIAL, **change})
    batch.add(bad)
    (letter,) = batch.letters
    assert (letter.reason, letter.source, letter.stream, letter.place) == (reason, "partials", "partials-2", "5")
    assert sealer.open(letter) == bad.value
    assert list(batch.inserts("ioc")) == []
    assert batch.rows == 0


@pytest.mark.parametrize("topic", [FEEDS.name, CONTROLS.name, DEAD_LETTERS.name])
def test_a_bad_control_message_is_sealed_too(sealer: Sealer, topic: str) -> None:
    batch = Batch(sealer)
    batch.add(message(topic, {"source": "s"}))
    batch.add(message(topic, b"", offset=6))
    assert [letter.reason for letter in batch.letters] == ["missing_field", "undecodable"]


def test_an_empty_partial_is_nothing(sealer: Sealer) -> None:
    batch = Batch(sealer)
    batch.add(message(PARTIALS.name, {**PARTIAL, "units": [], "buckets": [], "measures": []}))
    assert (batch.rows, batch.letters) == (0, [])
