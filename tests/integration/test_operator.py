"""What an operator does all day, against a real broker, the embedded front, the sink's and the connectors' processes."""

import json
import re
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ioc.cli.main import app
from ioc.cli.migrate import migrate
from ioc.contracts.base import wire_time
from ioc.contracts.control import Feed
from ioc.errors import ConfigError
from ioc.settings import SETTINGS_VARIABLE
from ioc.topics import FEEDS
from sinks.reconcile import reconcile
from tests.conformance.connectors.simulator import SimulatorProcess
from tests.integration.sink_rig import Rig, until
from tests.integration.test_ingest import Connectors

UNIT = "000.00.04.H12"
STRANGE = "XX.99"


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """Two hundred dossiers, stored; one unit code among theirs is unknown."""
    with Rig(tmp_path_factory.mktemp("operator")) as running:
        running.publish(running.log(1, 200))
        running.start_sink()
        until(lambda: count(running, "ioc.dossier") == 200, 60, "the dossiers are stored")
        yield running


@pytest.fixture
def ioc(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs a command with the rig's settings and gives what it printed."""
    monkeypatch.setenv(SETTINGS_VARIABLE, str(rig.settings_file))

    def run(*words: str) -> str:
        result = CliRunner().invoke(app(words[0]), list(words), catch_exceptions=True)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    return run


def count(rig: Rig, table: str) -> int:
    with rig.client() as client:
        return int(client.query(f"SELECT count() FROM {table}")[0][0])


def beat(
    rig: Rig, source: str, stream: str, *, unit: str = "", kinds: str = "dossier", age: timedelta, **more: Any
) -> None:
    """A heartbeat: everything up to `age` ago was read."""
    now = datetime.now(UTC)
    feed = Feed(
        source=source, stream=stream, unit=unit, kinds=kinds, read_at=now, source_time=now - age,
        **{"records": 0, "rejected": 0, "late": 0, **more},
    )  # fmt: skip
    rig.producer.publish(FEEDS.name, 0, feed.model_dump_json().encode()).wait(30)


def freshness(rig: Rig) -> dict[str, str]:
    """Unit → word, of an indicator of dossiers for departments, that is late after 15 minutes."""
    with rig.client() as client:
        rows = client.query(
            "SELECT unit, freshness FROM ioc.indicator_now WHERE code IN "
            "(SELECT code FROM ioc.indicators FINAL WHERE event = 'dossier' AND freshness_minutes = 15 "
            "AND has(levels, 'department') ORDER BY code LIMIT 1)"
        )
    return dict(rows)


HOUR = timedelta(hours=1)


def test_a_figure_is_as_old_as_the_streams_of_its_kind_and_the_unit_that_reports_itself(rig: Rig) -> None:
    beat(rig, "fold", "dossier/0", age=timedelta())
    until(lambda: set(freshness(rig).values()) == {"no_data"}, 20, "where nobody reads, a fold alone tells nothing")
    beat(rig, "dossier", "cases", age=timedelta())
    beat(rig, "dossier", "ratings", age=timedelta(seconds=20))
    beat(rig, "dossier", "catalogue", kinds="facility,statistic", age=9 * HOUR)
    beat(rig, "hub", "calls", kinds="service_call", age=9 * HOUR)
    until(lambda: set(freshness(rig).values()) == {"fresh"}, 20, "other kinds of the same source do not count")
    beat(rig, "dossier", "cases", unit="H12.04", age=2 * HOUR)
    until(lambda: freshness(rig)[UNIT] == "stale", 20, "the unit has told nothing for two hours")
    assert {word for unit, word in freshness(rig).items() if unit != UNIT} == {"fresh"}
    beat(rig, "dossier", "cases", unit=UNIT, age=timedelta(minutes=20))
    until(lambda: freshness(rig)[UNIT] == "late", 20, "of several codes of a unit the newest word counts")
    beat(rig, "dossier", "cases", unit=UNIT, age=timedelta())
    beat(rig, "dossier", "ratings", age=HOUR)
    until(lambda: set(freshness(rig).values()) == {"stale"}, 20, "its other stream is old for everybody")
    beat(rig, "dossier", "ratings", age=timedelta())
    until(lambda: set(freshness(rig).values()) == {"fresh"}, 20, "all is well again")


def test_silence_in_planned_maintenance_is_not_held_against_the_figures(rig: Rig, ioc: Callable[..., str]) -> None:
    now = datetime.now(UTC)

    def at(hours: float) -> str:
        return wire_time((now + timedelta(hours=hours)).replace(microsecond=0))

    def ages() -> tuple[int, int, int]:
        """Age, what of it is not planned, and up to which age the wall shows it as fresh."""
        with rig.client() as client:
            (found,) = client.query(
                "SELECT age_s, unplanned_age_s, freshness_minutes * 60 FROM ioc.indicator_now "
                "WHERE code = 'DVC-001' AND level = 'province'"
            )
        return tuple(found)

    beat(rig, "dossier", "cases", age=3 * HOUR)
    until(lambda: freshness(rig)["000.00.00.H12"] == "stale" and ages()[1] > 10_000, 20, "three hours are too old")
    with pytest.raises(ConfigError, match="there is no source or stream dosier; known: dossier"):
        ioc("source", "maintain", "dosier", "--from", at(-4), "--to", at(1))
    with pytest.raises(ConfigError, match="before it begins"):
        ioc("source", "maintain", "dossier", "--from", at(1), "--to", at(-4))
    ioc("source", "maintain", "dossier", "--from", at(-4), "--to", at(1), "--reason", "new servers")
    until(lambda: freshness(rig)["000.00.00.H12"] == "fresh", 20, "the whole silence was planned")
    age, unplanned, shown_fresh = ages()
    assert 10_800 <= age < 11_400, "the age itself stays honest"
    assert unplanned < 60
    assert shown_fresh > age
    states = {f"{one['source']}/{one['stream']}": one for one in json.loads(ioc("source", "list", "--json"))}
    assert states["dossier/cases"]["state"] == "maintenance"
    assert states["dossier/cases"]["why"].endswith(": new servers")
    ioc("source", "maintain", "dossier", "--from", at(-4), "--to", at(1), "--cancel")
    # Overlapping windows, of the source and of the stream, count once: two hours and a half of the three.
    ioc("source", "maintain", "dossier", "--from", at(-5), "--to", at(-1))
    ioc("source", "maintain", "dossier/cases", "--from", at(-2), "--to", at(-0.5))
    ioc("source", "maintain", "dossier/ratings", "--from", at(-3), "--to", at(0))
    until(lambda: 1_750 < ages()[1] < 2_000, 20, "after the window it is judged again")
    assert freshness(rig)["000.00.00.H12"] == "late"
    beat(rig, "dossier", "cases", age=timedelta())
    until(lambda: set(freshness(rig).values()) == {"fresh"}, 20, "it is read again")


def test_feeds_tell_age_and_volume(rig: Rig, ioc: Callable[..., str]) -> None:
    for records in (3, 4):
        beat(rig, "hub", "calls", kinds="service_call", age=timedelta(seconds=9), records=records, rejected=1, late=2)
    beat(rig, "hub", "calls", unit="H12.04", kinds="service_call", age=HOUR, records=5)
    beat(rig, "hub", "files", kinds="", age=HOUR, unknown_fields="a_new,b_new", alert="listing refused")

    def told() -> dict[tuple[str, str], dict[str, Any]]:
        return {(one["stream"], one["unit"]): one for one in json.loads(ioc("feeds", "--json", "--source", "hub"))}

    until(lambda: ("files", "") in told() and told()["calls", ""]["records_hour"] == 7, 20, "the heartbeats are stored")
    calls, unit, files = (told()[key] for key in (("calls", ""), ("calls", "H12.04"), ("files", "")))
    assert (calls["records_day"], calls["rejected_day"], calls["late_day"], calls["freshness"]) == (7, 2, 4, "fresh")
    assert 9 <= calls["age_s"] < 60
    assert (unit["unit_name"], unit["records_hour"], unit["kinds"]) == ("Sở Xây dựng", 5, ["service_call"])
    assert (files["unknown_fields"], files["alert"], files["records_day"]) == (["a_new", "b_new"], "listing refused", 0)
    shown = ioc("feeds")
    assert re.search(r"hub +calls +H12\.04 Sở Xây dựng", shown)
    assert "a_new, b_new" in shown
    assert "hub/files: listing refused" in shown
    assert "fold" not in shown


def test_a_code_mapped_later_changes_the_figures_without_reading_anything_again(
    rig: Rig, ioc: Callable[..., str]
) -> None:
    def value(unit: str) -> int:
        with rig.client() as client:
            return int(
                client.query(
                    "SELECT sum(numerator) FROM ioc.indicator_values WHERE code = 'DVC-001' AND grain = 'year' AND tree = 'today' "
                    f"AND unit = '{unit}'"
                )[0][0]
            )

    def shown(unit: str) -> list[tuple[Any, ...]]:
        with rig.client() as client:
            return client.query(f"SELECT numerator FROM ioc.indicator_now WHERE code = 'DVC-004' AND unit = '{unit}'")

    everything, lost, before = value("000.00.00.H12"), value("unknown"), value(UNIT)
    history = count(rig, "ioc.dossier_history")
    assert lost > 0
    (code,) = json.loads(ioc("units", "unknown", "--json"))
    assert (code["code"], code["kind"]) == (STRANGE, "dossier")
    assert code["entities"] > 0
    assert code["first_seen"] <= code["last_seen"]
    assert STRANGE in ioc("units", "unknown")
    with pytest.raises(ConfigError, match=r"there is no unit 000\.00\.044\.H12; near: .*000\.00\.04\.H12"):
        ioc("units", "map", STRANGE, "000.00.044.H12")
    with pytest.raises(ConfigError, match="by the profile of the province, which wins"):
        ioc("units", "map", "VPUBND", UNIT)
    assert value("unknown") == lost
    said = ioc("units", "map", STRANGE, UNIT, "--reason", "they told us")
    assert f"{code['entities']} entities" in said
    assert "the figures are renewed" in said
    assert 'aliases = ["H12.04", "XX.99"]' in said
    assert shown("unknown") == []
    assert (value("unknown"), value(UNIT), value("000.00.00.H12")) == (0, before + lost, everything)
    assert "every code" in ioc("units", "unknown")
    result = reconcile(rig.settings, timeout_s=30)
    assert (result.differences, result.quiet) == ([], True)
    migrate(rig.settings)
    assert value(UNIT) == before + lost
    (listed,) = json.loads(ioc("units", "list", "--json"))
    assert (listed["code"], listed["unit"], listed["reason"], listed["profile"]) == (
        STRANGE,
        UNIT,
        "they told us",
        None,
    )
    assert count(rig, "ioc.dossier_history") == history
    said = ioc("units", "map", STRANGE, "000.00.03.H12")
    assert f"no longer for {UNIT}" in said
    assert value(UNIT) == before
    with pytest.raises(ConfigError, match=r"XX\.98 is not mapped; near: XX\.99"):
        ioc("units", "unmap", "XX.98")
    ioc("units", "unmap", STRANGE)
    assert (value("unknown"), value(UNIT)) == (lost, before)


def test_drift_is_counted_and_shown_and_a_pause_is_obeyed_also_after_a_kill(
    rig: Rig, ioc: Callable[..., str], tmp_path: Path
) -> None:
    simulator = SimulatorProcess(tmp_path / "simulator", "--rate", "40", "--backfill", "300")
    simulator.faults(unknown_field={"probability": 1.0}, missing_required={"probability": 0.3})
    connectors = Connectors(rig.kafka.bootstrap, simulator, tmp_path)

    def states() -> dict[str, dict[str, Any]]:
        return {one["stream"]: one for one in json.loads(ioc("source", "list", "--json")) if one["source"] == "dossier"}

    def cursor() -> str:
        from ioc.cli.orders import cursors

        return cursors(rig.settings)["dossier", "cases"].position

    try:
        until(lambda: bool(states()["cases"]["unknown_fields"]), 30, "the unknown field is shown")
        with rig.client() as client:
            until(
                lambda: ("missing_field",) in client.query("SELECT DISTINCT reason FROM ioc.dead_letters FINAL"),
                30, "the missing field is a dead letter",
            )  # fmt: skip
        assert states()["ratings"]["state"] == "running"
        (name,) = states()["cases"]["unknown_fields"]
        assert name in ioc("feeds", "--source", "dossier")
        assert name in ioc("source", "list")

        ioc("source", "pause", "dossier/cases", "--reason", "too many letters")
        time.sleep(2)
        at = cursor()
        time.sleep(1)
        assert cursor() == at
        assert "paused already" in ioc("source", "pause", "dossier/cases")
        connectors.end(signal.SIGKILL)
        connectors = Connectors(rig.kafka.bootstrap, simulator, tmp_path)
        until(lambda: any(entry["event"] == "stream paused" for entry in connectors.logged()[-20:]), 30, "it knows")
        until(lambda: states()["ratings"]["heartbeat_age_s"] < 3, 30, "its sibling reads")
        assert cursor() == at
        paused = states()["cases"]
        assert paused["state"] == "paused"
        assert paused["why"].endswith(": too many letters")
        assert "all of dossier" not in ioc("source", "resume", "dossier/cases")
        until(lambda: cursor() != at, 10, "it goes on from its cursor")
        assert "neither paused" in ioc("source", "resume", "dossier/cases")
        assert connectors.end(signal.SIGTERM) == 0
    finally:
        if connectors.process.poll() is None:
            connectors.end(signal.SIGKILL)
        simulator.stop()
