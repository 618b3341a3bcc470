"""Forecasts out of real tables: months of dossiers and a target in, a row of `forecasts` and a line of the view out."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ioc.catalogue.load import load_catalogue, load_province
from ioc.settings import SETTINGS_VARIABLE, ClickHouseSettings, Login
from sinks.clickhouse.client import Client
from sinks.clickhouse.migrate import migrate
from sinks.clickhouse.render import TODAY, Target
from sinks.clickhouse.snapshot import refresh
from sinks.forecast.nightly import Nightly
from sinks.forecast.run import Forecast, forecasts, store
from tests.clickhouse_front import WRITER, FrontProcess

DATABASE = "forecast_test"
CODE = "DVC-012"
"""Share of dossiers received fully online, with a target of 85% for the province."""

EPOCH = date(1970, 1, 1)


@pytest.fixture(scope="module")
def client(clickhouse_front: FrontProcess) -> Iterator[Client]:
    user = clickhouse_front.users["ioc_admin"]
    where = ClickHouseSettings(
        native_port=clickhouse_front.native_port, http_port=clickhouse_front.http_port, database=DATABASE
    )
    catalogue = load_catalogue()
    with Client(where, Login.model_validate({"user": user.name, "password": user.password})) as opened:
        report = migrate(opened, Target(DATABASE), catalogue, load_province("ca_mau"), {"events.dossier": "test"})
        ((today,),) = opened.query(f"SELECT {TODAY}")
        formula = catalogue.compiled.formulas[CODE]
        assert formula.denominator is not None
        size = len(catalogue.compiled.rollups[formula.numerator.rollup_id].measures)
        rows: list[list[Any]] = []
        for back in range(540):
            vector = [0] * size
            # Nine of ten from a year ago on, six of ten before: the target is met, and surely.
            vector[formula.numerator.index], vector[formula.denominator.index] = (9, 10) if back < 365 else (6, 10)
            rows.append(
                [report.generation, formula.numerator.rollup_id, "day", "000.00.05.H12", today - back, 0, 1, vector]
            )
        names = ("generation", "rollup_id", "grain", "unit", "bucket", "part", "revision", "measures")
        opened.insert(f"{DATABASE}.partials", names, list(map(list, zip(*rows, strict=True))))
        refresh(opened, DATABASE)
        yield opened


def test_a_target_is_projected_to_the_end_of_the_year(client: Client) -> None:
    made = [one for one in forecasts(client, DATABASE, CODE) if one.level == "province"]
    assert [type(one) for one in made] == [Forecast]
    (one,) = made
    assert (one.code, one.target, one.on_track) == (CODE, 85, "yes")
    assert one.value == pytest.approx(90, abs=0.5)
    assert one.value is not None
    assert one.low is not None
    assert one.high is not None
    assert one.low <= one.value <= one.high <= 100
    assert one.periods >= 16


def test_it_is_stored_once_a_day_and_shown(client: Client) -> None:
    settings = ClickHouseSettings(database=DATABASE)
    made = forecasts(client, DATABASE, CODE)
    store(client, settings, made)
    store(client, settings, made)
    shown = client.query(
        f"SELECT value, target, on_track, made_on FROM {DATABASE}.forecast_now WHERE code = '{CODE}' AND level = 'province'"
    )
    ((today,),) = client.query(f"SELECT {TODAY}")
    (one,) = [one for one in made if one.level == "province"]
    assert shown == [(one.value, 85, "yes", EPOCH + timedelta(days=today))]


def test_without_history_it_says_so(client: Client) -> None:
    made = {one.code: one for one in forecasts(client, DATABASE) if one.level == "province"}
    empty = [one for code, one in made.items() if code != CODE and one.code.startswith("YT")]
    assert empty
    assert {(one.value, one.on_track, one.method) for one in empty} == {(None, "unknown", "too little history")}


def test_the_sink_has_them_made_once_a_day_by_a_process_of_their_own(
    client: Client, clickhouse_front: FrontProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "ioc.toml"
    settings.write_text(
        "[clickhouse]\n"
        f'database = "{DATABASE}"\nnative_port = {clickhouse_front.native_port}\nhttp_port = {clickhouse_front.http_port}\n'
        f'writer = {{ user = "{WRITER.name}", password = "{WRITER.password}" }}\n',
        encoding="utf-8",
    )
    # The child reads the settings that the sink was started with, in the sink's folder.
    monkeypatch.setenv(SETTINGS_VARIABLE, str(settings))
    monkeypatch.chdir(tmp_path)
    client.execute(f"TRUNCATE TABLE {DATABASE}.forecasts")
    deadline = time.monotonic() + 120
    with closing(Nightly(first_look_s=0.0)) as nightly:
        nightly.tend(client, DATABASE)
        while nightly.busy:
            assert time.monotonic() < deadline
            time.sleep(0.2)
            nightly.tend(client, DATABASE)
    stored = f"SELECT count(), max(revision) FROM {DATABASE}.forecasts WHERE code = '{CODE}' AND level = 'province'"
    made = client.query(stored)
    assert made[0][0] == 1
    with closing(Nightly(first_look_s=0.0)) as again:
        again.tend(client, DATABASE)
        assert not again.busy
    assert client.query(stored) == made
