"""Indicators of reported series: what they compile to, and which faults of a series are named."""

from pathlib import Path
from typing import Any

import pytest

from ioc.catalogue.compile import CompileError, compile_catalogue
from ioc.catalogue.expr import Compare, FieldValue, IsNull, Measure
from ioc.catalogue.indicator import Indicator
from ioc.catalogue.load import load_catalogue
from ioc.catalogue.read import CatalogueError
from ioc.catalogue.series import Series
from tests.unit.ioc.test_catalogue_load import GOOD, catalogue_of

NAMES = {"vi": "Chuỗi", "en": "Series"}


def series(**changes: Any) -> Series:
    row = {
        "code": "NEW_FIRMS", "name": NAMES, "grain": "month", "unit": "firm", "reporter": "local", "additivity": "sum",
        "over_time": "sum", "low": 0, "high": 1000,
    }  # fmt: skip
    return Series.model_validate(row | changes)


def latest(code: str = "KT-001", **changes: Any) -> Indicator:
    row = {
        "code": code, "name": NAMES, "kind": "latest", "series": "NEW_FIRMS", "unit": "firm", "levels": ["province"],
        "direction": "up", "responsible": "Sở", "provenance": {"origin": "project"},
    }  # fmt: skip
    return Indicator.model_validate(row | changes)


def test_values_add_up_in_thousandths_and_reports_are_counted() -> None:
    compiled = compile_catalogue([latest()], {"NEW_FIRMS": series()})
    (rollup,) = compiled.rollups.values()
    formula = compiled.formulas["KT-001"]
    mine = Compare("series", "eq", "NEW_FIRMS")
    assert (rollup.rollup_id, rollup.mode, rollup.time) == ("statistic_month", "report", "period_start")
    assert rollup.where == (Compare("period_grain", "eq", "month"),)
    assert rollup.measures[formula.numerator.index] == Measure((mine,), FieldValue("value_milli"))
    assert formula.reports is not None
    assert rollup.measures[formula.reports.index] == Measure((mine,))
    assert (formula.denominator, formula.multiplier, formula.divisor) == (None, 1, 1000)


def test_a_share_is_its_numerators_over_its_denominators() -> None:
    share = series(code="E_TAX", unit="percent", additivity="ratio", over_time="last", high=100)
    compiled = compile_catalogue([latest(series="E_TAX", unit="percent")], {"E_TAX": share})
    (rollup,) = compiled.rollups.values()
    formula = compiled.formulas["KT-001"]
    assert formula.denominator is not None
    assert formula.reports is not None
    below = rollup.measures[formula.denominator.index]
    assert below.value == FieldValue("denominator_milli")
    assert {IsNull("numerator_milli", False), IsNull("denominator_milli", False)} <= set(below.where)
    assert set(rollup.measures[formula.reports.index].where) == set(below.where)
    assert (formula.multiplier, formula.divisor) == (100, 1)


def test_series_of_one_grain_share_a_rollup() -> None:
    known = {"NEW_FIRMS": series(), "TOURISTS": series(code="TOURISTS"), "GRDP": series(code="GRDP", grain="quarter")}
    listed = [latest(), latest("KT-002", series="TOURISTS"), latest("KT-003", series="GRDP")]
    compiled = compile_catalogue(listed, known)
    assert {key: len(rollup.measures) for key, rollup in compiled.rollups.items()} == {
        "statistic_month": 4,
        "statistic_quarter": 2,
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"series": "OLD_FIRMS"}, "KT-001: series 'OLD_FIRMS' is not one of NEW_FIRMS"),
        ({"unit": "dossier"}, "KT-001: unit 'dossier' is not that of series NEW_FIRMS, 'firm'"),
    ],
)
def test_an_indicator_fits_its_series(changes: dict[str, str], message: str) -> None:
    with pytest.raises(CompileError, match=message):
        compile_catalogue([latest(**changes)], {"NEW_FIRMS": series()})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"high": 0}, "the domain 0..0 is empty"),
        ({"unit": "percent"}, "percentages are not added"),
        ({"additivity": "ratio"}, "additivity `ratio` is of a percentage, not of firm"),
    ],
)
def test_a_series_that_denies_itself_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        series(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"series": ""}, "kind latest needs `series`"),
        ({"event": "dossier"}, "kind latest reads statistic, not dossier"),
        ({"time": "period_start"}, "kind latest takes no `time`"),
        ({"kind": "count", "event": "dossier", "time": "received_at"}, "kind count takes no `series`"),
        ({"kind": "composite", "series": "", "unit": "point"}, "kind composite needs `parts`"),
    ],
)
def test_an_indicator_that_mixes_kinds_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        latest(**changes)


def test_composites_have_parts_and_no_formula() -> None:
    parts = [{"code": "KT-001", "points": 20, "zero": 50, "full": 100}]
    total = latest("KT-002", kind="composite", series="", unit="point", parts=parts)
    compiled = compile_catalogue([latest(), total], {"NEW_FIRMS": series()})
    assert list(compiled.formulas) == ["KT-001"]


def test_a_part_whose_points_cannot_grow_is_refused() -> None:
    parts = [{"code": "KT-001", "points": 20, "zero": 100, "full": 100}]
    with pytest.raises(ValueError, match="`zero` and `full` are both 100"):
        latest("KT-002", kind="composite", series="", unit="point", parts=parts)


SERIES = """
[[series]]
code = "NEW_FIRMS"
name = { vi = "Doanh nghiệp mới", en = "New firms" }
grain = "month"
unit = "firm"
reporter = "local"
additivity = "sum"
over_time = "sum"
low = 0
high = 1000
"""


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (SERIES, []),
        (SERIES + SERIES, ["the series NEW_FIRMS stands twice; codes are unique over all files"]),
        (SERIES.replace("month", "decade"), ["NEW_FIRMS.grain: Input should be 'day'"]),
    ],
)
def test_files_of_series_are_read_and_checked(text: str, faults: list[str], tmp_path: Path) -> None:
    folder = catalogue_of(tmp_path, dvc=GOOD)
    (folder / "series").mkdir()
    (folder / "series" / "kt.toml").write_text(text, encoding="utf-8")
    if not faults:
        assert list(load_catalogue(folder).series) == ["NEW_FIRMS"]
        return
    with pytest.raises(CatalogueError) as refused:
        load_catalogue(folder)
    assert len(refused.value.faults) == len(faults)
    assert all(wanted in found for wanted, found in zip(faults, refused.value.faults, strict=True))
