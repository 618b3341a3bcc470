"""The simulated hub: series, reports that come late, twice or not at all, tables by revision."""

import asyncio
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from ingest.simulator.clock import SimulatedClock
from ingest.simulator.faults import COMMON, Faults
from ingest.simulator.hub import plausible
from ingest.simulator.hub.figures import last_ended, period_name, reported, span
from ingest.simulator.hub.portal_tables import tables
from ingest.simulator.hub.pull import pull_parts
from ingest.simulator.hub.reports import SimulatedReports
from ingest.simulator.hub.series import BY_CODE, SERIES
from ingest.simulator.hub.system import SimulatedHub
from ingest.simulator.moments import DAY_MS, read_iso
from ingest.simulator.system import World
from ingest.sources.hub.periods import period
from ioc.catalogue.load import load_catalogue, load_province
from ioc.clock import LOCAL

BASE_MS = read_iso("2026-11-20T15:00:00+07:00")


def world(tmp_path: Path, days: float = 0.0, drop: bool = False) -> World:
    clock = SimulatedClock(0, 0, wall=lambda: BASE_MS + int(days * DAY_MS))
    folder = tmp_path / "drop" if drop else None
    return World("hub", 3, BASE_MS, clock, tmp_path / "data", drop_dir=folder, faults=Faults(names=COMMON))


def test_the_series_are_those_of_the_catalogue_within_their_domains() -> None:
    declared = load_catalogue().series
    assert list(BY_CODE) == list(declared)
    for code, series in BY_CODE.items():
        domain = declared[code]
        assert domain.low <= series.low < series.high <= domain.high
        assert (series.grain, series.share) == (domain.grain, domain.additivity == "ratio")
        assert series.measure == "%" or not series.share


def test_every_series_is_reported_by_as_many_units_as_the_catalogue_says() -> None:
    levels: dict[str, str] = {unit.code: unit.level for unit in load_province("ca_mau").unit}
    for code, declared in load_catalogue().series.items():
        for day in (date(2025, 3, 1), date(2025, 9, 1)):
            units = BY_CODE[code].units_on(day)
            allowed = {"district", "commune"} if declared.reporter == "local" else {declared.reporter}
            assert units
            assert len(units) == declared.reporters or declared.reporters is None
            assert len({levels[unit] for unit in units} & allowed) == len({levels[unit] for unit in units}) == 1


def test_what_is_named_with_a_range_or_a_way_is_a_series() -> None:
    assert {*plausible.RANGES, *plausible.WHOLES, *plausible.PORTAL} <= set(BY_CODE)


def test_a_department_reports_what_it_answers_for() -> None:
    assert BY_CODE["GD_DIGITAL_MODEL"].units_on(date(2025, 1, 1)) == ("000.00.11.H12",)
    assert BY_CODE["CC_RECORDS"].units_on(date(2025, 1, 1)) == ("000.00.06.H12",)


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter", "year"])
def test_periods_are_those_that_the_connector_reads(grain: str) -> None:
    number = last_ended(grain, BASE_MS)  # type: ignore[arg-type]
    of = span(grain, number)  # type: ignore[arg-type]
    assert of.end_ms <= BASE_MS < span(grain, number + 1).end_ms  # type: ignore[arg-type]
    for turn in range(3):
        read = period("period", period_name(grain, of, turn))  # type: ignore[arg-type]
        assert (read.grain, read.start.astimezone(LOCAL).date()) == (grain, of.first)


def test_figures_lie_in_their_range_and_shares_agree_with_their_parts_but_for_a_few() -> None:
    wrong = total = 0
    for series in SERIES:
        for number in range(600, 640):
            figure = reported(1, series, series.units[0], number)
            assert reported(1, series, series.units[0], number) == figure
            # Of eight schools seven or eight take part, and none between.
            step = 50 / (figure.denominator or 100)
            assert series.low - 0.5 - step <= figure.value <= series.high + 0.5 + step
            if figure.numerator is not None and figure.denominator is not None:
                assert 0 <= figure.numerator <= figure.denominator
                total += 1
                exact = 100 * figure.numerator / figure.denominator
                wrong += abs(float(figure.value) - exact) > 0.5000001 * 10**-series.decimals
    assert 0 < wrong < total * 0.05


def test_stocks_and_wholes_hardly_change_from_period_to_period() -> None:
    for series in SERIES:
        figures = [reported(1, series, series.units[0], number) for number in range(600, 612)]
        if series.steady:
            values = [float(figure.value) for figure in figures]
            assert max(values) - min(values) <= 0.04 * (series.high - series.low) + 10**-series.decimals
        wholes = [figure.denominator for figure in figures if figure.denominator is not None]
        assert not wholes or max(wholes) - min(wholes) <= 0.006 * max(wholes) + 1


def test_reports_are_the_same_whenever_they_are_asked_for(tmp_path: Path) -> None:
    one, two = (SimulatedReports(world(tmp_path, 30)) for _ in range(2))
    until_ms = BASE_MS + 30 * DAY_MS
    due = one.due(BASE_MS, until_ms)
    half_ms = BASE_MS + 11 * DAY_MS
    assert two.due(BASE_MS, half_ms) + two.due(half_ms, until_ms) == due
    assert one.file(due[5])[0] == two.file(due[5])[0]
    daily = [report for report in due if report.grain == "day" and report.turn == 0]
    lags = [report.at_ms - span("day", report.number).end_ms for report in daily]
    assert min(lags) < DAY_MS / 4
    assert max(lags) > DAY_MS
    assert any(report.turn for report in due)


def test_a_first_start_drops_the_last_report_of_each_unit(tmp_path: Path) -> None:
    reports = SimulatedReports(world(tmp_path))
    grains = {report.grain for report in reports.due(None, BASE_MS)}
    assert {"day", "week", "month"} <= grains


async def test_files_are_dropped_once_and_on_after_a_restart(tmp_path: Path) -> None:
    reports = SimulatedReports(world(tmp_path, drop=True))
    await reports.drop_due(asyncio.Event())
    first = {file.name for file in (tmp_path / "drop").iterdir()}
    assert len(first) == reports.dropped > 10
    assert {Path(name).suffix for name in first} == {".csv", ".xlsx"}
    again = SimulatedReports(world(tmp_path, drop=True))
    await again.drop_due(asyncio.Event())
    assert again.dropped == 0
    later = SimulatedReports(world(tmp_path, 1, drop=True))
    await later.drop_due(asyncio.Event())
    assert later.dropped > 5


def test_tables_are_revised_and_lose_a_row_now_and_then(tmp_path: Path) -> None:
    by_name = {table.name: table for table in tables(world(tmp_path))}
    schools = by_name["truong-hoc"]
    first, later = (schools.rows_at(revision, BASE_MS) for revision in (0, 3))
    assert len(first) == 501
    assert 495 <= len(later) < 501
    assert later != first
    systems = by_name["he-thong-thong-tin"].rows_at(0, BASE_MS)
    assert (len(systems), sum(row["complete"] for row in systems)) == (69, 53)
    assert all(set(row) <= set(table.columns) for table in by_name.values() for row in table.rows_at(0, BASE_MS))


def test_registers_hold_what_plan_267_counts(tmp_path: Path) -> None:
    """Part I, II.3: 948, 1,906, 2,103 and 13 stations by generation; 297 of 1,786 masts shared. II.6: 14, 43, 12 systems by level."""
    by_name = {table.name: table.rows_at(0, BASE_MS) for table in tables(world(tmp_path))}
    stations, masts = (Counter(row["phan_loai"] for row in by_name[name]) for name in ("tram-bts", "cot-ang-ten"))
    assert stations == {"2G": 948, "3G": 1_906, "4G": 2_103, "5G": 13}
    assert (masts["Dùng chung"], masts.total()) == (297, 1_786)
    assert Counter(row["category"] for row in by_name["he-thong-thong-tin"]) == {"3": 14, "2": 43, "1": 12}


def test_registers_know_when_a_camera_was_last_heard_of(tmp_path: Path) -> None:
    cameras = next(table for table in tables(world(tmp_path)) if table.name == "camera").rows_at(2, BASE_MS)
    hours = {
        online: [(BASE_MS - read_iso(row["ket_noi_cuoi"])) / 3_600_000 for row in cameras if row["ket_noi"] == online]
        for online in ("Có", "Không")
    }
    assert 0 < max(hours["Có"]) < 0.25
    assert min(hours["Không"]) > 1
    assert sum(hour > 96 for hour in hours["Không"]) >= 3


def test_what_stands_somewhere_stands_in_a_unit_of_that_day(tmp_path: Path) -> None:
    """Districts until 30/6/2025, communes from then on; a few units are written wrongly."""
    vessels = next(table for table in tables(world(tmp_path, 0)) if table.name == "tau-ca")
    levels: dict[str, str] = {unit.code: unit.level for unit in load_province("ca_mau").unit}
    for day, level in (("2025-06-30", "district"), ("2025-07-01", "commune")):
        found = Counter(levels.get(row["ma_don_vi"]) for row in vessels.rows_at(0, read_iso(f"{day}T08:00:00+07:00")))
        assert found[level] > 0.97 * found.total()


async def test_the_hub_runs_all_its_parts(tmp_path: Path) -> None:
    given = world(tmp_path)
    hub = SimulatedHub(pull_parts(given))
    stop = asyncio.Event()
    stop.set()
    await asyncio.wait_for(hub.run(stop), 10)
    assert set(hub.state()) == {"ckan", "lgsp", "reports"}
    assert len(hub.routes()) == 5
