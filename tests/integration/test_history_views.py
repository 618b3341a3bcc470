"""Views over the history: what was known at a moment, what was the case at a moment, and an entity's whole life."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from ioc.catalogue.load import load_catalogue, load_province
from ioc.settings import ClickHouseSettings, Login
from sinks.asof import as_known
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import micros
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.render import Target
from tests.clickhouse_front import FrontProcess

DATABASE = "history_views"
CATALOGUE = load_catalogue()


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2026, 3, number, hour, tzinfo=UTC)


def version(moment: datetime, content: int = 7) -> int:
    return (micros(moment) // 1000) << 16 | content


ROWS: tuple[tuple[str, str, datetime, datetime, bool, str | None, int | None], ...] = (
    # entity, facet, changed, observed, deleted, status, rating
    ("A", "case", day(1), day(1, 1), False, "received", None),
    ("A", "case", day(3), day(3, 1), False, "processing", None),
    # Returned on the 5th, but not read before the 8th.
    ("A", "case", day(5), day(8), False, "returned", None),
    ("A", "rating", day(6), day(6, 1), False, None, 5),
    ("A", "rating", day(9), day(9, 1), True, None, None),
    ("B", "case", day(2), day(2, 1), False, "received", None),
    ("B", "case", day(4), day(4, 1), True, None, None),
)


@pytest.fixture(scope="module")
def client(clickhouse_front: FrontProcess) -> Iterator[Client]:
    user = clickhouse_front.users["ioc_admin"]
    where = ClickHouseSettings(native_port=clickhouse_front.native_port, http_port=clickhouse_front.http_port)
    with Client(where, Login.model_validate({"user": user.name, "password": user.password})) as connected:
        migrate(connected, Target(DATABASE), CATALOGUE, load_province("ca_mau"), {})
        store(connected, *ROWS)
        yield connected


@pytest.fixture
def again(client: Client) -> Iterator[Client]:
    """A history of its own content, put back afterwards."""
    yield client
    for table in ("dossier_history", "dossier_case", "dossier_rating", "version_reads"):
        client.execute(f"TRUNCATE TABLE {DATABASE}.{table}")
    store(client, *ROWS)


def seen(client: Client, view: str, moment: datetime) -> list[tuple[Any, ...]]:
    return client.query(
        f"SELECT entity, deleted, status, rating FROM {DATABASE}.dossier_{view}(moment = '{moment:%Y-%m-%d %H:%M:%S}') "
        "ORDER BY entity"
    )


def test_only_what_was_read_by_a_moment_was_known_then(client: Client) -> None:
    assert seen(client, "as_known", day(1)) == []
    assert seen(client, "as_known", day(1, 1)) == [("A", False, "received", None)]
    # On the 7th the rating was known, the return was not.
    assert seen(client, "as_known", day(7)) == [("A", False, "processing", 5), ("B", True, None, None)]
    assert seen(client, "as_known", day(8)) == [("A", False, "returned", 5), ("B", True, None, None)]


def store(client: Client, *rows: tuple[str, str, datetime, datetime, bool, str | None, int | None]) -> None:
    """Stores versions of dossiers; of a facet that is no case only what it knows."""
    entity, facet, changed, observed, deleted, status, rating = zip(*rows, strict=True)
    columns: dict[str, list[Any]] = {
        "source": ["test"] * len(rows), "entity": list(entity), "facet": list(facet),
        "version": [version(moment) for moment in changed], "deleted": list(deleted), "unit": ["K01"] * len(rows),
        "occurred_at": list(changed), "observed_at": list(observed), "status": list(status), "rating": list(rating),
        "received_at": [day(1) if name == "case" else None for name in facet],
    }  # fmt: skip
    client.insert(f"{DATABASE}.dossier_history", tuple(columns), list(columns.values()))


def test_what_is_read_again_was_known_before(again: Client) -> None:
    def told() -> list[list[Any]]:
        moments = [day(1), day(1, 1), day(7), day(8), day(9, 1), day(21)]
        counted = [as_known(again, DATABASE, CATALOGUE, "DVC-001", date(2026, 3, number)) for number in (1, 3, 9)]
        return [[seen(again, "as_known", moment) for moment in moments], counted]

    before = told()
    # Everything is read once more on the 20th, by a replay; then the parts are merged.
    store(again, *((*row[:3], day(20), *row[4:]) for row in ROWS))
    assert told() == before
    for table in ("dossier_history", "version_reads"):
        again.execute(f"OPTIMIZE TABLE {DATABASE}.{table} FINAL")
    # Nothing of the first reading is left in the history.
    assert again.query(f"SELECT min(observed_at), count() FROM {DATABASE}.dossier_history") == [(day(20), len(ROWS))]
    assert told() == before
    life = again.query(f"SELECT changed_at, facet, known_since, observed_at FROM {DATABASE}.dossier_life(entity = 'A')")
    assert life == [(row[2], row[1], row[3], day(20)) for row in sorted(ROWS, key=lambda row: row[2]) if row[0] == "A"]


def test_what_was_the_case_follows_the_time_of_the_version_whenever_it_was_read(client: Client) -> None:
    assert seen(client, "as_was", day(2)) == [("A", False, "received", None), ("B", False, "received", None)]
    assert seen(client, "as_was", day(5)) == [("A", False, "returned", None), ("B", True, None, None)]
    # A deleted facet is no longer known.
    assert seen(client, "as_was", day(10)) == [("A", False, "returned", None), ("B", True, None, None)]


def test_at_the_end_both_are_the_entity_as_it_stands(client: Client) -> None:
    now = client.query(f"SELECT entity, deleted, status, rating FROM {DATABASE}.dossier ORDER BY entity")
    assert seen(client, "as_known", day(30)) == seen(client, "as_was", day(30)) == now


def test_a_life_is_every_version_in_order(client: Client, clickhouse_front: FrontProcess) -> None:
    sql = f"SELECT changed_at, facet, deleted FROM {DATABASE}.dossier_life(entity = 'A')"
    rows = [(row[2], row[1], row[4]) for row in sorted(ROWS, key=lambda row: row[2]) if row[0] == "A"]
    assert client.query(sql) == rows
    by_http = httpx.post(
        clickhouse_front.url, params={"user": "ioc_analyst", "password": "analyst-secret"}, content=f"{sql} FORMAT TSV"
    )
    assert len(by_http.text.splitlines()) == len(rows) == 5


def test_an_indicator_as_it_was_known_at_the_end_of_a_day(client: Client) -> None:
    # Dossiers received in the year that were not refused.
    code = "DVC-001"

    def province(day_of_march: int) -> list[int]:
        known = as_known(client, DATABASE, CATALOGUE, code, date(2026, 3, day_of_march))
        assert all(one.period_start == date(2026, 1, 1) for one in known)
        return [one.numerator for one in known if one.level == "province"]

    # A was read on the 1st, B on the 2nd; on the 4th B was read to be deleted. Days end at 17:00 UTC.
    assert [province(number) for number in (1, 2, 3, 4, 9)] == [[1], [2], [2], [1], [1]]
    assert client.query(f"SELECT count() FROM {DATABASE}.dossier WHERE NOT deleted") == [(1,)]
