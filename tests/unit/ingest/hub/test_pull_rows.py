"""What a row of a table means."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.source import Record
from ingest.sources.hub.rows import KINDS, read_facility, read_figure, read_vessel
from ioc.errors import SkippableError

FIGURE = {"series": "GD_ONLINE", "unit": "000.00.11.H12", "period": "tháng 11/2026", "percentage": "98,13"}


def test_a_figure() -> None:
    entity, unit, data = read_figure(FIGURE | {"numerator": "349.605", "denominator": 356257})
    assert (entity, unit) == ("GD_ONLINE/000.00.11.H12/2026-11", "000.00.11.H12")
    assert data == {
        "series": "GD_ONLINE",
        "period_grain": "month",
        "period_start": datetime(2026, 10, 31, 17, tzinfo=UTC),
        "value_milli": 98_130,
        "numerator_milli": 349_605_000,
        "denominator_milli": 356_257_000,
        "contradictory": False,
    }


@pytest.mark.parametrize(
    ("numerator", "denominator", "stated", "milli"),
    [(349_605, 356_257, "98,67", 98_670), (818_508, 1_006_704, 81.6, 81_600), ("200.583", "202.583", "99,2%", 99_200)],
)
def test_the_documents_own_contradictions_are_kept_and_flagged(
    numerator: Any, denominator: Any, stated: Any, milli: int
) -> None:
    _, _, data = read_figure(FIGURE | {"numerator": numerator, "denominator": denominator, "percentage": stated})
    assert data["contradictory"] is True
    assert data["value_milli"] == milli


@pytest.mark.parametrize(
    ("cells", "milli", "contradictory"),
    [
        ({"value": "5"}, 5_000, False),
        ({"value": "5", "numerator": "3"}, 5_000, False),
        ({"value": "50", "numerator": "1", "denominator": "2"}, 50_000, False),
        ({"value": "0,5", "numerator": "1", "denominator": "2"}, 500, False),
        ({"value": "7", "numerator": "1", "denominator": "2"}, 7_000, True),
        ({"value": "1", "percentage": "50", "numerator": "1", "denominator": "2"}, 50_000, False),
        ({"value": "50", "percentage": "50"}, 50_000, False),
        ({"value": "49", "percentage": "50"}, 50_000, True),
    ],
)
def test_the_figure_is_the_percentage_or_the_value(cells: dict[str, str], milli: int, contradictory: bool) -> None:
    _, _, data = read_figure(FIGURE | {"percentage": None} | cells)
    assert (data["value_milli"], data["contradictory"]) == (milli, contradictory)


@pytest.mark.parametrize("field", ["series", "unit", "period", "percentage"])
def test_a_figure_needs(field: str) -> None:
    with pytest.raises(SkippableError) as refused:
        read_figure(FIGURE | {field: ""})
    assert refused.value.reason == "missing_field"


FACILITY = {"code": "TH-1", "type": "Trường học", "category": "THPT", "unit": "000.00.21.H12", "online": "Có"}


def test_a_facility() -> None:
    entity, unit, data = read_facility(FACILITY | {"approved": "không", "last_seen": "2026-11-22T08:00:00+07:00"})
    assert (entity, unit) == ("school/TH-1", "000.00.21.H12")
    assert data == {
        "type": "school",
        "category": "THPT",
        "online": True,
        "approved": False,
        "complete": None,
        "last_seen_at": datetime(2026, 11, 22, 1, tzinfo=UTC),
    }


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"code": ""}, "missing_field"),
        ({"type": None}, "missing_field"),
        ({"online": ""}, "missing_field"),
        ({"online": "thỉnh thoảng"}, "invalid_value"),
        ({"type": "Nhà máy"}, "invalid_value"),
        ({"approved": 7}, "invalid_value"),
        ({"last_seen": "hôm qua"}, "invalid_value"),
    ],
)
def test_a_facility_is_refused_for(cells: dict[str, Any], reason: str) -> None:
    with pytest.raises(SkippableError) as refused:
        read_facility(FACILITY | cells)
    assert refused.value.reason == reason


VESSEL = {"registration": "CM-91234-TS ", "length": "15,4", "tracked": "có", "licensed_until": "31/12/2026"}


def test_a_vessel() -> None:
    entity, unit, data = read_vessel(VESSEL)
    assert (entity, unit) == ("CM-91234-TS", "")
    assert data == {
        "length_mm": 15_400,
        "licensed_until": datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC),
        "tracked": True,
    }


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"registration": " "}, "missing_field"),
        ({"length": ""}, "missing_field"),
        ({"length": "dài"}, "invalid_value"),
        ({"tracked": ""}, "missing_field"),
        ({"licensed_until": "2026"}, "invalid_value"),
    ],
)
def test_a_vessel_is_refused_for(cells: dict[str, Any], reason: str) -> None:
    with pytest.raises(SkippableError) as refused:
        read_vessel(VESSEL | cells)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("kind", "row", "broken"),
    [
        ("facility", FACILITY, {"online": "?"}),
        ("vessel", VESSEL, {"length": "?"}),
        ("statistic", FIGURE, {"value": "?"}),
    ],
)
def test_a_listing_knows_also_rows_that_are_refused(kind: str, row: dict[str, Any], broken: dict[str, Any]) -> None:
    table = KINDS[kind]
    entity, unit, _ = table.read(row)
    assert table.identify(row | broken) == (entity, unit)


@pytest.mark.parametrize("updated", [None, "5", True])
def test_a_row_without_update_time_is_refused(updated: Any) -> None:
    with pytest.raises(SkippableError):
        KINDS["statistic"].change(Record(b"", FIGURE | {"_updated_ms": updated}))
