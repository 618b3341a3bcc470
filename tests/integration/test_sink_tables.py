"""Migrations against the embedded front: done once, the same the second time, refused when they were tampered with."""

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from ioc.catalogue.load import Catalogue, load_catalogue, load_province
from ioc.catalogue.province import Province
from ioc.clock import LOCAL_OFFSET_S
from ioc.contracts.kinds import KINDS
from ioc.errors import FatalError, RetriableError
from ioc.settings import ClickHouseSettings, Login
from sinks.clickhouse.access import access_statements
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import data_columns, micros, quoted
from sinks.clickhouse.derived import tables, view_statements
from sinks.clickhouse.describe import tables_markdown
from sinks.clickhouse.migrate import Report, migrate
from sinks.clickhouse.reads import feed_statements
from sinks.clickhouse.render import Script, Target, numbered, views
from sinks.clickhouse.snapshot import refresh
from tests.clickhouse_front import FrontProcess

TOPICS = {"events.dossier": "test"}
DOCS = Path(__file__).resolve().parents[2] / "docs" / "tables.md"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def province() -> Province:
    return load_province("ca_mau")


def connect(front: FrontProcess) -> Client:
    user = front.users["ioc_admin"]
    where = ClickHouseSettings(native_port=front.native_port, http_port=front.http_port)
    return Client(where, Login.model_validate({"user": user.name, "password": user.password}))


@pytest.fixture
def client(clickhouse_front: FrontProcess) -> Iterator[Client]:
    with connect(clickhouse_front) as connected:
        yield connected


@pytest.fixture
def target(client: Client, request: pytest.FixtureRequest) -> Iterator[Target]:
    name = f"db_{re.sub('[^a-z0-9_]', '_', request.node.name)}"
    yield Target(name)
    client.execute(f"DROP DATABASE IF EXISTS {name} SYNC")


def test_the_second_time_nothing_is_left_to_do(
    client: Client, target: Target, catalogue: Catalogue, province: Province
) -> None:
    first = migrate(client, target, catalogue, province, TOPICS)
    assert first.applied == [script.name for script in numbered()]
    assert {f"created {table.name}" for table in tables()} < set(first.changed)
    again = migrate(client, target, catalogue, province, TOPICS)
    assert again == Report(first.generation, first.generation)


def test_an_applied_script_that_has_changed_is_refused(
    client: Client, target: Target, catalogue: Catalogue, province: Province
) -> None:
    migrate(client, target, catalogue, province, TOPICS)
    changed = [Script(s.name, s.text + "\n-- more") if s.name == "0002_partials" else s for s in numbered()]
    with pytest.raises(FatalError, match="0002_partials have changed since they were applied"):
        migrate(client, target, catalogue, province, TOPICS, scripts=changed)
    with pytest.raises(FatalError, match=f"does not know: {numbered()[-1].name}"):
        migrate(client, target, catalogue, province, TOPICS, scripts=numbered()[:-1])


def test_two_at_once_take_turns(
    clickhouse_front: FrontProcess, client: Client, target: Target, catalogue: Catalogue, province: Province
) -> None:
    reports: list[Report] = []

    def run() -> None:
        with connect(clickhouse_front) as own:
            reports.append(migrate(own, target, catalogue, province, TOPICS))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(report.applied) for report in reports) == [0, 0, len(numbered())]
    assert client.query(f"SELECT count(), uniqExact(name) FROM {target.database}.schema_migrations") == [
        (len(numbered()), len(numbered()))
    ]
    client.execute(f"CREATE TABLE {target.database}.migration_lock (held UInt8) ENGINE = Memory")
    with pytest.raises(RetriableError, match="another `ioc migrate` holds"):
        migrate(client, target, catalogue, province, TOPICS, wait_s=0.5)


def test_a_wider_contract_adds_columns_and_another_type_is_refused(
    client: Client, target: Target, catalogue: Catalogue, province: Province
) -> None:
    migrate(client, target, catalogue, province, TOPICS)
    database = target.database
    client.execute(f"DROP VIEW {database}.dossier_case_forward SYNC")
    for name in ("dossier_history", "dossier_case"):
        client.execute(f"ALTER TABLE {database}.{name} DROP COLUMN vneid")
    report = migrate(client, target, catalogue, province, TOPICS)
    assert report.changed == ["added dossier_history.vneid", "added dossier_case.vneid"]
    for table in tables():
        found = client.query(
            f"SELECT name, type FROM system.columns WHERE database = '{database}' AND table = '{table.name}' ORDER BY position"
        )
        assert found == [(column.name, column.type) for column in table.columns]
    client.execute(f"ALTER TABLE {database}.feeds MODIFY COLUMN records Int64")
    with pytest.raises(FatalError, match="records is Int64, not Int32"):
        migrate(client, target, catalogue, province, TOPICS)


@pytest.mark.parametrize("died_after", range(4))
def test_a_database_of_before_learns_since_when_its_versions_are_known(
    client: Client, target: Target, catalogue: Catalogue, province: Province, died_after: int
) -> None:
    migrate(client, target, catalogue, province, TOPICS)
    database, script = target.database, "0017_version_reads"
    # As it stood before.
    for kind in KINDS:
        client.execute(f"DROP VIEW {database}.{kind}_reads_forward SYNC")
    client.execute(f"DROP TABLE {database}.version_reads SYNC")
    client.execute(
        f"ALTER TABLE {database}.schema_migrations DELETE WHERE name = '{script}' SETTINGS mutations_sync = 2"
    )

    def read(year: int, *versions: int) -> None:
        moment, count = micros(datetime(year, 5, 1, tzinfo=UTC)), len(versions)
        columns: list[list[object]] = [["a"] * count, ["case"] * count, [*versions], [moment] * count]
        client.insert(f"{database}.dossier_history", ("entity", "facet", "version", "observed_at"), columns)

    read(2021, 1)
    read(2022, 2)
    # A migration that died after some of its statements; the sink goes on writing.
    (made,) = (one.statements(target) for one in numbered() if one.name == script)
    for statement in [*made, *feed_statements("dossier", target)][:died_after]:
        client.execute(statement)
    read(2023, 3)
    report = migrate(client, target, catalogue, province, TOPICS)
    assert report.applied == [script]
    assert report.changed == [f"version_reads is fed from {kind}_history" for kind in KINDS]
    read(2024, 1, 2, 3, 4)
    for table in ("dossier_history", "version_reads"):
        client.execute(f"OPTIMIZE TABLE {database}.{table} FINAL")
    found = client.query(
        f"SELECT version, toYear(first_observed_at), toYear(last_observed_at) FROM {database}.version_reads ORDER BY version"
    )
    assert found == [(1, 2021, 2024), (2, 2022, 2024), (3, 2023, 2024), (4, 2024, 2024)]
    assert migrate(client, target, catalogue, province, TOPICS).changed == []


def test_what_leaves_the_catalogue_leaves_the_tables(
    client: Client, target: Target, catalogue: Catalogue, province: Province
) -> None:
    migrate(client, target, catalogue, province, TOPICS)
    gone = province.unit[-1]
    smaller = province.model_copy(update={"unit": province.unit[:-1]})
    report = migrate(client, target, catalogue, smaller, TOPICS)
    assert report.changed == ["units: 0 rows changed, 1 gone", "unit_lineage: 0 rows changed, 1 gone"]
    assert client.query(f"SELECT count() FROM {target.database}.units FINAL WHERE code = '{gone.code}'") == [(0,)]


def test_a_reader_sees_a_whole_snapshot_or_the_one_before(
    clickhouse_front: FrontProcess, client: Client, target: Target, catalogue: Catalogue, province: Province
) -> None:
    migrate(client, target, catalogue, province, TOPICS)
    refresh(client, target.database)
    whole = client.query(f"SELECT count() FROM {target.database}.indicator_now")[0][0]
    today = datetime.now(timezone(timedelta(seconds=LOCAL_OFFSET_S))).date()
    units = [u for u in province.unit if u.valid_from <= today and (u.valid_to is None or u.valid_to > today)]
    assert whole == sum(
        sum(unit.level in indicator.levels for unit in units) for indicator in catalogue.indicators.values()
    )
    stop = threading.Event()
    seen: set[tuple[int, int]] = set()

    def read() -> None:
        with connect(clickhouse_front) as own:
            while not stop.is_set():
                seen.update(own.query(f"SELECT count(), uniqExact(refreshed_at) FROM {target.database}.indicator_now"))

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(15):
        refresh(client, target.database)
    stop.set()
    reader.join()
    assert seen == {(whole, 1)}


def test_the_page_of_tables_is_up_to_date(
    client: Client, target: Target, catalogue: Catalogue, province: Province
) -> None:
    migrate(client, target, catalogue, province, TOPICS)
    page = tables_markdown(client, target.database)
    assert DOCS.read_text(encoding="utf-8") == page, (
        "write it anew: python -m sinks.clickhouse.describe > docs/tables.md"
    )
    uncommented = client.query(
        f"SELECT table, name FROM system.columns WHERE database = '{target.database}' AND comment = '' "
        "AND table NOT LIKE '%_forward' AND table NOT LIKE '%_live' AND table NOT LIKE 'live_%' "
        "AND table != 'units_touched'"
    )
    assert uncommented == []


def test_what_only_a_cluster_or_a_server_with_users_runs_is_at_least_read_by_the_parser(client: Client) -> None:
    cluster = Target("ioc", "province")
    statements = [
        *access_statements(cluster, ClickHouseSettings()),
        *access_statements(Target("ioc"), ClickHouseSettings()),
        *(table.ddl(cluster) for table in tables()),
        *view_statements(cluster),
        *feed_statements("dossier", cluster),
        *(statement for script in [*numbered(), *views()] for statement in script.statements(cluster)),
    ]
    for statement in statements:
        parsed = client.query(f"SELECT formatQuerySingleLine({quoted(statement)})")[0][0]
        assert parsed.split()[:2] == statement.split()[:2]
    with pytest.raises(FatalError, match="code 62"):
        client.query("SELECT formatQuery('CREATE USER x ON CLUSTR y')")


def test_every_extreme_that_a_contract_allows_is_stored_as_it_is(
    client: Client, target: Target, catalogue: Catalogue, province: Province
) -> None:
    from ioc.contracts.base import TIME_MAX, TIME_MIN
    from ioc.contracts.dossier import DossierCase

    migrate(client, target, catalogue, province, TOPICS)
    names = [column.name for column in data_columns(DossierCase)]
    assert "received_at" in names
    low, high = 0, int(TIME_MAX.timestamp()) * 1_000_000 + 999_999
    row: list[list[object]] = [
        ["e"],
        [2**63 - 1],
        [True],
        ["Đơn vị"],
        [low],
        [high],
        [2**31 - 1],
        [10**15],
        [low],
        [high],
    ]
    columns = (
        "entity",
        "version",
        "deleted",
        "unit",
        "occurred_at",
        "observed_at",
        "supplements",
        "fee_vnd",
        "received_at",
        "due_at",
    )
    client.insert(f"{target.database}.dossier_history", ("facet", *columns), [["case"], *row])
    found = client.query(f"SELECT {', '.join(columns)} FROM {target.database}.dossier")
    assert found == [("e", 2**63 - 1, True, "Đơn vị", TIME_MIN, TIME_MAX, 2**31 - 1, 10**15, TIME_MIN, TIME_MAX)]
