"""Figures of the documents, entered as reports: they come out as the documents state them, or are flagged as contradictory."""

from datetime import date
from decimal import Decimal

import pytest

from ingest.sources.hub.rows import read_figure
from ioc.catalogue.load import load_catalogue
from ioc.catalogue.profile import load_province, province_codes
from ioc.catalogue.province import Stated
from ioc.catalogue.stated import contradicts, quotient
from tests.examples.worked import Worked, period_start

CATALOGUE = load_catalogue()
RESULTS = [result for code in province_codes() for result in load_province(code).result]
WHOLE = [result for result in RESULTS if result.numerator is not None and result.denominator is not None]
REPORTED = [
    result
    for result in WHOLE
    if result.code
    and (series := CATALOGUE.series.get(CATALOGUE.indicators[result.code].series)) is not None
    and series.additivity == "ratio"
]
CONTRADICTORY = {"VB-003", "KT-034", "GD-013", "KT-023"}
"""98.67% of 349,605 / 356,257 (98.13%), 81.6% of 818,508 / 1,006,704 (81.31%), 99.2% of 200,583 / 202,583 (99.01%), 52.42% of the
2,490 / 3,360 that are 74.1% elsewhere."""


def name(result: Stated) -> str:
    return f"{result.code or result.what[:20]} {result.numerator}/{result.denominator}"


def test_what_contradicts_itself_in_the_documents() -> None:
    assert len(WHOLE) > 20
    assert {result.code for result in WHOLE if contradicts(result)} == CONTRADICTORY


@pytest.mark.parametrize(
    ("value", "wrong"), [(98.67, True), (98.13, False), (98.1, False), (98, False), (98.14, True), (99, True)]
)
def test_a_value_agrees_at_the_decimals_that_it_is_written_with(value: float, wrong: bool) -> None:
    stated = Stated(
        code="X",
        as_of=date(2024, 10, 15),
        value=value,
        numerator=349605,
        denominator=356257,
        document="d",
        reference="r",
    )
    assert contradicts(stated) == wrong
    assert contradicts(stated.model_copy(update={"denominator": None})) is False


@pytest.mark.parametrize("result", WHOLE, ids=name)
def test_the_connector_flags_what_contradicts_itself_and_nothing_else(result: Stated) -> None:
    said = {"series": "X", "unit": "H12", "period": "2024-10", "percentage": result.value or None}
    said |= {
        "value": None if result.value else result.numerator,
        "numerator": result.numerator,
        "denominator": result.denominator,
    }
    _, _, data = read_figure(said)
    if result.value is not None:
        assert data["contradictory"] == contradicts(result)


@pytest.mark.parametrize("result", REPORTED, ids=name)
def test_a_stated_share_comes_out_as_its_own_quotient(worked: Worked, result: Stated) -> None:
    grain = CATALOGUE.series[CATALOGUE.indicators[result.code].series].grain
    made = quotient(result)
    assert made is not None
    record = {
        "period_start": period_start(grain, result.as_of).isoformat(),
        "numerator": result.numerator,
        "denominator": result.denominator,
        "value": result.value if result.value is not None else float(made),
    }
    above, below = (round(Decimal(str(part)) * 1000) for part in (result.numerator, result.denominator))
    worked(result.code, [record], (above, below, float(made)), today="2024-12-31")
    if result.value is not None and result.code not in CONTRADICTORY:
        decimals = len(str(result.value).partition(".")[2])
        assert round(float(made), decimals) == pytest.approx(result.value)


@pytest.mark.parametrize(("value", "wrong"), [(4970, False), (4971, True), (4970.1, True)])
def test_a_whole_agrees_with_the_sum_of_its_parts(value: float, wrong: bool) -> None:
    parts = [{"what": "2G", "value": 948}, {"what": "3G", "value": 1906}, {"what": "4G", "value": 2116}]
    said = {"what": "BTS", "as_of": date(2024, 10, 15), "parts": parts, "document": "d", "reference": "r"}
    assert contradicts(Stated.model_validate(said | {"value": value})) == wrong
    for fault in ({}, {"value": value, "numerator": 1}):
        with pytest.raises(ValueError, match="`parts` are of `value`"):
            Stated.model_validate(said | fault | ({} if fault else {"numerator": 1}))
