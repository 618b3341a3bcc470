"""A dry run shows what would be published, and does nothing else."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from ingest.kit.dryrun import Tally, dry_run
from ingest.source import Change, Page, Record, Stream, Target
from ingest.sources.values import required
from ioc.errors import ConfigError, RetriableError

ROWS = [{"id": f"v{number}", "seen": f"2026-08-10T08:00:0{number}Z", "captain": "CANARY"} for number in range(5)]


class Vessels(Stream):
    name, stream, targets = "sea", "vessels", (Target("vessel", "position"),)
    known_fields = frozenset({"id", "seen"})

    def __init__(self, rows: list[dict[str, Any]] | None = None) -> None:
        self.rows = ROWS if rows is None else rows
        self.asked: list[int] = []
        self.ended = False

    def pages(self, cursor: str | None) -> Iterator[Page]:
        try:
            for start in range(int(cursor or 0), len(self.rows), 2):
                self.asked.append(start)
                found = self.rows[start : start + 2]
                yield Page([Record(repr(row).encode(), row) for row in found], str(start + 2), None)
        finally:
            self.ended = True

    def read(self, record: Record) -> Change:
        seen = datetime.fromisoformat(required(record.fields, "seen")).astimezone(UTC)
        data = {"last_seen_at": seen, "latitude_udeg": 1, "longitude_udeg": 2, "at_sea": True, "beyond_border": False}
        return Change(required(record.fields, "id"), "", int(seen.timestamp() * 1000), data)


def tried(stream: Stream, **words: Any) -> tuple[Tally, list[dict[str, Any]]]:
    lines: list[str] = []
    tally = dry_run(stream, hash_key=SecretStr(""), requests_per_s=1e9, show=lines.append, **words)  # type: ignore[arg-type]
    return tally, [json.loads(line) for line in lines]


def test_every_event_is_a_line_as_it_would_be_published() -> None:
    tally, lines = tried(Vessels())
    assert [line["entity"] for line in lines] == ["v0", "v1", "v2", "v3", "v4"]
    assert lines[0]["data"]["last_seen_at"] == "2026-08-10T08:00:00Z"
    assert (tally.events, tally.pages, tally.cursor, tally.ended) == (5, 3, "6", True)
    assert tally.unknown == {"captain": 5}
    assert "CANARY" not in json.dumps(lines)


def test_a_limit_ends_it_and_lets_go_of_the_source() -> None:
    stream = Vessels()
    tally, lines = tried(stream, limit=3)
    assert [line["entity"] for line in lines] == ["v0", "v1", "v2"]
    assert stream.asked == [0, 2]
    assert stream.ended
    assert not tally.ended
    assert tally.cursor == "2", "a page that was not shown to its end is not done"


def test_it_begins_at_a_cursor() -> None:
    _, lines = tried(Vessels(), cursor="4")
    assert [line["entity"] for line in lines] == ["v4"]


def test_bad_records_are_shown_with_their_reason_and_without_their_bytes() -> None:
    tally, lines = tried(Vessels([{"id": "", "seen": ROWS[0]["seen"]}, ROWS[1], {"id": "x", "seen": ""}]))
    assert tally.letters == {"missing_field": 2}
    letters = [line for line in lines if "dead_letter" in line]
    assert [(line["dead_letter"], line["error"]) for line in letters] == [
        ("missing_field", "id: missing or empty"),
        ("missing_field", "seen: missing or empty"),
    ]
    assert all(set(line) == {"dead_letter", "stream", "place", "error"} for line in letters)


def test_what_is_pushed_is_not_asked_for() -> None:
    class Pushed(Vessels):
        pushed = True

    stream = Pushed()
    with pytest.raises(ConfigError, match=r"sea/vessels is pushed to: .* acknowledged to its senders and lost"):
        tried(stream)
    assert stream.asked == []


def test_nothing_is_tried_again() -> None:
    class Away(Vessels):
        def pages(self, cursor: str | None) -> Iterator[Page]:
            raise RetriableError("no answer")
            yield

    with pytest.raises(RetriableError, match="no answer"):
        tried(Away())
