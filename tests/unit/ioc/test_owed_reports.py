"""Which reports are missing on a day, and who owes them."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from ioc.catalogue.due_periods import overdue, period_of
from ioc.catalogue.load import load_catalogue, load_province
from ioc.catalogue.owed import Owed, Report, missing
from ioc.catalogue.province import Province

CATALOGUE = load_catalogue()
PROVINCE = load_province("ca_mau")
TODAY = date(2026, 11, 23)
COMMUNES = {unit.code for unit in PROVINCE.unit if unit.level == "commune" and unit.valid_on(TODAY)}


def owed(*reports: Report, since: date | None = date(2026, 11, 1), today: date = TODAY) -> list[Owed]:
    return missing(CATALOGUE, PROVINCE, reports, since, today)


def of(found: list[Owed], series: str) -> list[Owed]:
    return [one for one in found if one.series == series]


@pytest.mark.parametrize(
    ("grain", "day", "start", "end"),
    [
        ("day", date(2026, 11, 23), date(2026, 11, 23), date(2026, 11, 24)),
        ("week", date(2026, 11, 29), date(2026, 11, 23), date(2026, 11, 30)),
        ("month", date(2026, 12, 31), date(2026, 12, 1), date(2027, 1, 1)),
        ("quarter", date(2026, 11, 23), date(2026, 10, 1), date(2027, 1, 1)),
        ("year", date(2024, 2, 29), date(2024, 1, 1), date(2025, 1, 1)),
    ],
)
def test_the_period_of_a_day(grain: str, day: date, start: date, end: date) -> None:
    assert period_of(grain, day) == (start, end)  # type: ignore[arg-type]


def test_a_report_is_in_time_until_so_many_days_after_the_last_day_of_its_period() -> None:
    series = CATALOGUE.series["CC_TRAINED"]
    assert (series.grain, series.due_days) == ("month", 10)
    due = date(2026, 11, 10)
    assert list(overdue(series, due, due)) == []
    (period,) = overdue(series, due, due + timedelta(days=1))
    assert (period.start, period.end, period.due) == (date(2026, 10, 1), date(2026, 11, 1), due)
    assert list(overdue(series, due + timedelta(days=1), TODAY)) == []


def test_every_series_has_its_periods_without_gap() -> None:
    for series in CATALOGUE.series.values():
        periods = list(overdue(series, date(2024, 1, 1), TODAY))
        assert periods[0].due >= date(2024, 1, 1)
        assert all(one.end == other.start for one, other in pairwise(periods))
        assert periods[-1].due < TODAY
        assert period_of(series.grain, periods[-1].end)[1] + timedelta(days=series.due_days - 1) >= TODAY


def test_every_commune_owes_what_communes_report_but_those_that_did() -> None:
    there = sorted(COMMUNES)[:3]
    found = of(owed(*(Report("CC_TRAINED", unit, date(2026, 10, 1)) for unit in there)), "CC_TRAINED")
    assert {one.unit for one in found} == COMMUNES - set(there)
    assert {(one.start, one.due, one.reported, one.expected) for one in found} == {
        (date(2026, 10, 1), date(2026, 11, 10), 3, len(COMMUNES))
    }
    # From Tuesday 10 to Monday 23 November there are nine working days.
    assert {one.late for one in found} == {9}


def test_a_report_of_another_period_is_none_of_this() -> None:
    unit = min(COMMUNES)
    found = of(owed(Report("CC_TRAINED", unit, date(2026, 9, 1))), "CC_TRAINED")
    assert unit in {one.unit for one in found}


def test_of_a_series_that_one_unit_reports_it_is_the_unit_that_answers_for_it() -> None:
    (one,) = of(owed(), "CC_RECORDS")
    assert (one.unit_name, one.reported, one.expected) == ("Sở Nội vụ", 0, 1)
    assert one.unit == next(unit.code for unit in PROVINCE.unit if unit.name.vi == "Sở Nội vụ")


def test_of_a_series_that_one_unit_reports_it_is_the_one_that_did_last() -> None:
    health = next(unit.code for unit in PROVINCE.unit if unit.name.vi == "Sở Y tế")
    (one,) = of(owed(Report("CC_RECORDS", health, date(2026, 9, 1))), "CC_RECORDS")
    assert one.unit == health
    assert of(owed(Report("CC_RECORDS", health, date(2026, 10, 1))), "CC_RECORDS") == []


def test_daily_reports_that_stay_away_are_one_matter() -> None:
    daily = next(s for s in CATALOGUE.series.values() if s.grain == "day" and s.reporters == 1)
    found = of(owed(), daily.code)
    assert len(found) == 1
    days = [one.start for one in overdue(daily, date(2026, 11, 1), TODAY)]
    assert (found[0].start, found[0].periods) == (days[0], len(days))
    # One report in between ends the first silence.
    unit, middle = found[0].unit, days[5]
    first, second = of(owed(Report(daily.code, unit, middle)), daily.code)
    assert (first.start, first.periods) == (days[0], 5)
    assert (second.start, second.periods) == (days[6], len(days) - 6)


def test_without_a_beginning_the_last_due_report_of_each_series_counts() -> None:
    found = owed(since=None)
    assert {one.start for one in of(found, "CC_TRAINED")} == {date(2026, 10, 1)}
    assert all(one.periods == 1 for one in found)
    assert {one.series for one in found} == set(CATALOGUE.series)


def test_districts_reported_until_they_ceased_and_are_not_asked_today() -> None:
    july = owed(since=date(2025, 7, 1), today=date(2025, 7, 31))
    # The report of June 2025 was the districts': they are gone, so nobody is to be asked for it.
    assert of(july, "CC_TRAINED") == []


def test_who_answers_and_is_no_unit_is_named() -> None:
    other = Province.model_validate(
        PROVINCE.model_dump() | {"unit": [u.model_dump() for u in PROVINCE.unit if u.name.vi != "Sở Nội vụ"]}
    )
    (one,) = of(missing(CATALOGUE, other, [], date(2026, 11, 1), TODAY), "CC_RECORDS")
    assert (one.unit, one.unit_name) == ("", "Sở Nội vụ")
