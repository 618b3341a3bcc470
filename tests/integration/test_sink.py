"""The sink's process against a real broker and the embedded front: what is stored, when it is killed, when it must halt."""

import random
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import msgspec
import pytest

from ioc.catalogue.load import load_province
from ioc.contracts.control import DeadLetter
from ioc.deadletters import Sealer
from ioc.kafka.consumer import progress_of
from ioc.kafka.partition import partition_of
from ioc.topics import DEAD_LETTERS, FEEDS, PARTIALS, PARTITIONS, events
from sinks.clickhouse.dimensions import dimensions, load
from sinks.clickhouse.render import Target
from sinks.compare import Comparison
from sinks.reconcile import Asked, reconcile
from tests.integration.sink_rig import Log, Rig, dossiers, until

EVENTS = {events("dossier").name: PARTITIONS}


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with Rig(tmp_path_factory.mktemp("sink")) as running:
        yield running


def wire_rows(log: Log) -> dict[tuple[str, str, int], tuple[str, bool]]:
    """(entity, facet, version) → (unit, deleted), as they were published."""
    return {
        (event["entity"], event["facet"], event["version"]): (event["unit"], event["deleted"])
        for found in log.values()
        for message in found
        for event in message
    }


def stored_rows(rig: Rig, prefix: str) -> dict[tuple[str, str, int], tuple[str, bool]]:
    with rig.client() as client:
        rows = client.query(
            "SELECT entity, facet, version, unit, deleted FROM ioc.dossier_history FINAL "
            f"WHERE position(entity, '{prefix}') > 0"
        )
    assert len({row[:3] for row in rows}) == len(rows)
    return {row[:3]: row[3:] for row in rows}


def has_rows(rig: Rig, prefix: str, count: int) -> bool:
    return len(stored_rows(rig, prefix)) >= count


def done(rig: Rig) -> bool:
    """Whether the sink has committed everything."""
    bootstrap = rig.kafka.bootstrap
    return (
        progress_of(bootstrap, "ioc-sink-events", EVENTS).lag == 0
        and progress_of(
            bootstrap, "ioc-sink-figures", {t.name: t.partitions for t in (PARTIALS, FEEDS, DEAD_LETTERS)}
        ).lag
        == 0
    )


def test_everything_is_stored_and_poison_costs_only_itself(rig: Rig) -> None:
    log = rig.log(1, 800)
    rig.publish(log)
    good = next(dossiers(2, 1, rig.base))
    mixed = msgspec.json.encode([{**good, "version": -1}, good])
    partition = partition_of(good["entity"], PARTITIONS)
    rig.producer.publish(events("dossier").name, partition, mixed).wait(30)
    rig.publish({partition: [[good]]})  # once more alone, which changes nothing, so that the fold of the test has it
    rig.producer.publish(events("dossier").name, 1, b"[{").wait(30)
    rig.producer.publish(PARTIALS.name, 2, b'{"generation": 7}').wait(30)
    rig.producer.publish(FEEDS.name, 0, b"\xff\xfe").wait(30)
    rig.beat(datetime.now(UTC) - timedelta(minutes=1))
    rig.start_sink()
    until(lambda: done(rig), 60, "the sink is done")
    assert stored_rows(rig, "H12-1-") == wire_rows(log)
    assert list(stored_rows(rig, "H12-2-")) == [(good["entity"], good["facet"], good["version"])]
    with rig.client() as client:

        def letters() -> list[tuple[Any, ...]]:
            columns = ", ".join(DeadLetter.model_fields)
            return client.query(f"SELECT {columns} FROM ioc.dead_letters FINAL ORDER BY source")

        until(lambda: len(letters()) == 2, 30, "two dead letters")
        sealer = Sealer(rig.settings.privacy.dead_letter_key)
        opened = [DeadLetter(**dict(zip(DeadLetter.model_fields, row, strict=True))) for row in map(utc, letters())]
        assert [(letter.source, sealer.open(letter)) for letter in opened] == [
            ("feeds", b"\xff\xfe"),
            ("partials", b'{"generation": 7}'),
        ]


def utc(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(value.astimezone(UTC) if isinstance(value, datetime) else value for value in row)


def test_the_view_is_the_union_of_the_newest_facets(rig: Rig) -> None:
    rows = wire_rows(rig.log(1, 800))
    newest: dict[tuple[str, str], int] = {}
    for entity, facet, version in rows:
        newest[entity, facet] = max(version, newest.get((entity, facet), -1))
    with rig.client() as client:
        found = client.query("SELECT entity, version, deleted, unit, rating FROM ioc.dossier WHERE entity LIKE '%-1-%'")
    assert {row[0] for row in found} == {entity for entity, facet in newest if facet == "case"}
    for entity, version, deleted, unit, _rating in found:
        assert (unit, deleted) == rows[entity, "case", version]
        assert version == newest[entity, "case"]
    rated = {entity: version for (entity, facet), version in newest.items() if facet == "rating"}
    for entity, _, _, _, rating in found:
        shown = entity in rated and not rows[entity, "rating", rated[entity]][1]
        assert (rating is not None) == shown


def test_killed_again_and_again_the_tables_are_those_of_an_undisturbed_run(rig: Rig) -> None:
    rnd = random.Random(7)
    logs = [rig.log(seed, 600, size=20) for seed in (11, 12, 13)]
    if rig.process is None:
        rig.start_sink()
    for number, log in enumerate(logs):
        rig.publish(log)
        wanted = 1 + rnd.randrange(400)
        until(partial(has_rows, rig, f"H12-{11 + number}-", wanted), 60, "some rows are stored")
        rig.kill_sink()
        if number == 1:
            rig.front.kill()
            rig.start_sink()  # finds no server, and tries again
            rig.front.start()
        else:
            rig.start_sink()
    until(lambda: done(rig), 90, "the sink is done")
    for number, log in enumerate(logs):
        assert stored_rows(rig, f"H12-{11 + number}-") == wire_rows(log)
    result = reconcile(rig.settings)
    assert result.differences == []
    assert result.quiet
    assert result.cells > 5_000
    assert result.indicators == len(rig.catalogue.indicators)


def measures_of_cell(rig: Rig, unit: str, bucket: int) -> int:
    with rig.client() as client:
        where = f"rollup_id = 'dossier_by_received_at' AND grain = 'day' AND unit = '{unit}' AND bucket = {bucket}"
        return int(client.query(f"SELECT measures[1] FROM ioc.cells WHERE {where}")[0][0])


def test_a_wrong_cell_is_found_by_name(rig: Rig) -> None:
    until(lambda: done(rig), 60, "the sink is done")
    with rig.client() as client:
        (unit, bucket, part, measures) = client.query(
            "SELECT unit, bucket, part, measures FROM ioc.partials FINAL "
            "WHERE rollup_id = 'dossier_by_received_at' AND grain = 'day' AND measures[1] > 0 ORDER BY bucket DESC LIMIT 1"
        )[0]
        wrong = [measures[0] + 1, *measures[1:]]
        columns = ("generation", "rollup_id", "grain", "unit", "bucket", "part", "revision", "measures")
        row = [rig.generation, "dossier_by_received_at", "day", unit, bucket, part, 2**62, wrong]
        client.insert("ioc.partials", columns, [[value] for value in row])
        rig.beat(datetime.now(UTC))  # has the sink take a snapshot
        try:
            told = subprocess.run(
                [sys.executable, "-m", "ioc.cli.main", "reconcile", "--json"],
                env=rig.environment,
                capture_output=True,
                check=False,
            )
        finally:
            client.insert("ioc.partials", columns, [[v] for v in [*row[:6], 2**62 + 1, measures]])
            rig.beat(datetime.now(UTC))
    cell = f"cell dossier_by_received_at day unit={unit} bucket={bucket} measure=1"
    assert told.returncode == 1, told.stderr
    found = {d["what"]: (d["fold"], d["oracle"]) for d in msgspec.json.decode(told.stdout)["differences"]}
    assert found[cell] == (measures_of_cell(rig, unit, bucket) + 1, measures_of_cell(rig, unit, bucket))
    shown = {"indicator_values", "indicator_now", "unit_days"}
    assert shown < {what.split()[0] for what in found} <= {"cell", "composite_values", *shown}
    assert reconcile(rig.settings).differences == []


def test_while_data_flow_nothing_that_is_on_its_way_counts_as_a_difference(rig: Rig) -> None:
    stop = threading.Event()

    def flow() -> None:
        for seed in count(100):
            rig.publish(rig.log(seed, 20, size=5))
            if stop.wait(0.1):
                return

    with ThreadPoolExecutor(1) as pool:
        flowing = pool.submit(flow)
        try:
            # One indicator is looked at many times in this time, all of them hardly once.
            result = reconcile(rig.settings, Asked(indicator="DVC-002"), timeout_s=12)
        finally:
            stop.set()
        flowing.result()
    assert result.differences == []
    until(lambda: done(rig), 60, "the sink is done")
    settled = reconcile(rig.settings)
    assert (settled.differences, settled.left_out, settled.quiet) == ([], [], True)


def test_what_the_next_round_over_the_past_puts_right_is_no_difference(rig: Rig) -> None:
    until(lambda: done(rig), 60, "the sink is done")
    with rig.client(rig.settings.clickhouse.writer) as client:
        comparison = Comparison(client, "ioc", rig.catalogue, load_province("ca_mau"), codes={"DVC-027"})
        for seed in count(40_000):
            # Dossiers of the last year, heard of only now: states of past days that are written down change.
            rig.publish(rig.log(seed, 60))
            until(lambda: done(rig), 60, "the sink is done")
            # A round may come right now; it cannot do so each time.
            if any(what.startswith("state_days ") for what in comparison.run()[1]):
                break
    result = reconcile(rig.settings)
    assert (result.differences, result.left_out, result.quiet) == ([], [], True)


def test_the_command_prints_what_it_compared(rig: Rig) -> None:
    until(lambda: done(rig), 60, "the sink is done")
    command = [sys.executable, "-m", "ioc.cli.main", "reconcile"]
    told = subprocess.run(
        [*command, "--indicator", "DVC-003"], env=rig.environment, capture_output=True, check=False, text=True
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert re.search(r"rollups\W+1\b", told.stdout)
    assert re.search(r"indicators compared\W+1\b", told.stdout)
    assert re.search(r"differences\W+0\b", told.stdout)
    unknown = subprocess.run(
        [*command, "--indicator", "DVC-999"], env=rig.environment, capture_output=True, check=False, text=True
    )
    assert unknown.returncode == 1
    assert unknown.stderr.startswith("DVC-999 is not in the catalogue")


def test_a_code_that_no_unit_has_is_shown_and_counted_and_finds_its_unit_later(rig: Rig) -> None:
    value = (
        "SELECT sum(numerator) FROM ioc.indicator_values WHERE code = 'DVC-001' AND grain = 'year' AND tree = 'today'"
    )
    with rig.client() as client:
        now = client.query("SELECT unit_name, level FROM ioc.indicator_now WHERE unit = 'unknown' AND code = 'DVC-001'")
        assert now == [("Chưa xác định: XX.99", "unknown")]
        assert client.query("SELECT raw_code FROM ioc.unknown_units") == [("XX.99",)]
        everything = client.query(
            "SELECT sum(c.measures[f.numerator_position]) FROM ioc.day_cells AS c "
            "INNER JOIN ioc.live_formulas AS f ON f.numerator_rollup = c.rollup_id WHERE f.code = 'DVC-001'"
        )[0][0]
        assert client.query(f"{value} AND level = 'province'")[0][0] == everything
        lost = client.query(f"{value} AND unit = 'unknown'")[0][0]
        before = client.query(f"{value} AND unit = '000.00.04.H12'")[0][0]
        assert lost > 0
        province = load_province("ca_mau")
        units = [
            u.model_copy(update={"aliases": [*u.aliases, "XX.99"]}) if u.code == "000.00.04.H12" else u
            for u in province.unit
        ]
        moved = province.model_copy(update={"unit": units})
        load(client, Target("ioc"), dimensions(rig.catalogue, moved, rig.generation))
        try:
            assert client.query(f"{value} AND unit = 'unknown'")[0][0] == 0
            assert client.query(f"{value} AND unit = '000.00.04.H12'")[0][0] == before + lost
            assert client.query(f"{value} AND level = 'province'")[0][0] == everything
            assert client.query("SELECT raw_code FROM ioc.unknown_units") == []
        finally:
            load(client, Target("ioc"), dimensions(rig.catalogue, province, rig.generation))
        assert client.query(f"{value} AND unit = 'unknown'")[0][0] == lost


def test_a_snapshot_tells_its_age(rig: Rig) -> None:
    rig.beat(datetime.now(UTC) - timedelta(minutes=20))
    until(lambda: freshness(rig) == {"late"}, 60, "twenty minutes old is late")
    rig.beat(datetime.now(UTC))
    until(lambda: freshness(rig) == {"fresh"}, 60, "just read is fresh")


def freshness(rig: Rig) -> set[str]:
    with rig.client(rig.settings.clickhouse.wall) as client:
        # Of kinds that nobody has told of there is no data, whatever beats.
        rows = client.query(
            "SELECT DISTINCT freshness FROM ioc.indicator_now WHERE freshness_minutes BETWEEN 7 AND 19 AND freshness != 'no_data'"
        )
    return {row[0] for row in rows}


def test_a_missing_table_halts_the_sink_and_commits_nothing(rig: Rig) -> None:
    until(lambda: done(rig), 60, "the sink is done")
    before = progress_of(rig.kafka.bootstrap, "ioc-sink-events", EVENTS).committed
    with rig.client() as client:
        client.execute("RENAME TABLE ioc.dossier_history TO ioc.hidden")
        try:
            log = rig.log(21, 30)
            rig.publish(log)
            assert rig.process is not None
            assert rig.process.wait(60) == 1
            rig.process = None
            assert progress_of(rig.kafka.bootstrap, "ioc-sink-events", EVENTS).committed == before
        finally:
            client.execute("RENAME TABLE ioc.hidden TO ioc.dossier_history")
    assert "run `ioc migrate`" in rig.sink_log.read_text()
    rig.start_sink()
    until(lambda: done(rig), 60, "the sink has caught up")
    assert stored_rows(rig, "H12-21-") == wire_rows(log)
    assert rig.end_sink(within_s=10) == 0
