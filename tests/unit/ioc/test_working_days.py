"""Working days as a value of indicators: what is allowed, what it compiles to, and that the calendar names the generation."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from ioc.calendar import Calendar, calendar
from ioc.catalogue.compile import compile_catalogue
from ioc.catalogue.expr import Duration, WorkingDays
from ioc.catalogue.indicator import Indicator
from ioc.catalogue.words import measure_in_words
from sinks.clickhouse.oracle import measure_sql

MEAN: dict[str, Any] = {
    "code": "DVC-901",
    "name": {"vi": "Thời gian", "en": "Time"},
    "kind": "mean",
    "event": "dossier",
    "time": "finished_at",
    "value": {"from": "received_at", "to": "finished_at", "calendar": "working"},
    "unit": "working_day",
    "levels": ["province"],
    "direction": "down",
    "responsible": "x",
    "provenance": {"origin": "project"},
}
IN_DAYS = MEAN | {"value": {"from": "received_at", "to": "finished_at"}, "unit": "day"}


def indicator(**changes: Any) -> Indicator:
    return Indicator.model_validate(MEAN | changes)


def test_it_compiles_to_a_sum_of_working_days_over_those_that_have_both_times() -> None:
    compiled = compile_catalogue([indicator()])
    formula = compiled.formulas["DVC-901"]
    (rollup,) = compiled.rollups.values()
    total = rollup.measures[formula.numerator.index]
    assert total.value == WorkingDays("received_at", "finished_at")
    assert total.fields == {"received_at", "finished_at"}
    assert (formula.multiplier, formula.divisor) == (1, 1)
    assert "working days after the local day of received_at up to that of finished_at" in measure_in_words(total)[0]
    assert "ioc.calendar FINAL" in measure_sql("dossier", total, "ioc")


def test_seconds_stay_another_measure() -> None:
    compiled = compile_catalogue([indicator(), Indicator.model_validate(IN_DAYS | {"code": "DVC-902"})])
    (rollup,) = compiled.rollups.values()
    assert {type(measure.value) for measure in rollup.measures} >= {WorkingDays, Duration}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"unit": "day"}, "counts in working_day and nothing else does; not in day"),
        ({"value": {"from": "received_at", "to": "finished_at"}}, "not in working_day"),
        ({"value": {"field": "fee_vnd", "calendar": "working"}}, "`calendar` belongs to `from` and `to`"),
        ({"value": {"from": "received_at", "to": "finished_at", "calendar": "lunar"}}, "Input should be 'working'"),
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        indicator(**changes)


def test_a_changed_calendar_is_a_new_generation_where_working_days_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    counted, other = compile_catalogue([indicator()]), compile_catalogue([Indicator.model_validate(IN_DAYS)])
    before = counted.hash, other.hash
    day = next(day for day in calendar().off if day.weekday() < 5)
    changed: Calendar = replace(calendar(), off={d: n for d, n in calendar().off.items() if d != day})
    assert changed.cumulative[-1] == calendar().cumulative[-1] + 1
    monkeypatch.setattr("ioc.catalogue.rollup.calendar", lambda: changed)
    assert counted.hash != before[0]
    assert other.hash == before[1]
