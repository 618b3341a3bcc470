"""The shipped catalogue and province: complete, cited, and fed by codes that the source really writes."""

import unicodedata
from collections import Counter

import pytest

from ingest.simulator import population, receipt
from ioc.catalogue.composite import SCALE, parts_of
from ioc.catalogue.expr import Compare, In
from ioc.catalogue.indicator import Indicator
from ioc.catalogue.load import load_catalogue
from ioc.catalogue.profile import load_province, province_codes

CATALOGUE = load_catalogue()
PROVINCES = province_codes()
CA_MAU = load_province("ca_mau")
DVC = {code: i for code, i in CATALOGUE.indicators.items() if i.event == "dossier"}
KNOWN_UNITS = {code for unit in CA_MAU.unit for code in (unit.code, *unit.aliases)}


@pytest.mark.parametrize("code", PROVINCES)
def test_every_province_loads(code: str) -> None:
    assert load_province(code).unit


COUNTS = {
    "DVC": 64, "VB": 44, "YT": 56, "GD": 22, "KT": 36, "PA": 16, "CC": 14, "MT": 14, "TC": 14, "TN": 12, "NN": 18, "GT": 12,
    "HT": 16,
}  # fmt: skip
"""How many indicators each sector has: 338 (the pieces of information that the centre shows, Plan 267/KH-UBND, part I.II.7)."""


def test_there_are_338_by_sector() -> None:
    found = {sector.code: len(sector.indicator) for sector in CATALOGUE.sectors}
    other = {code: f"{found.get(code, 0)} of {count}" for code, count in COUNTS.items() if found.get(code) != count}
    assert other == {}
    assert sum(found.values()) == 338


def test_codes_are_counted_through() -> None:
    assert sorted(CATALOGUE.indicators) == sorted(
        f"{s}-{n:03d}" for s, count in COUNTS.items() for n in range(1, count + 1)
    )


def test_every_series_is_an_indicator_and_no_two_read_the_same() -> None:
    read = [indicator.series for indicator in CATALOGUE.indicators.values() if indicator.series]
    assert sorted(read) == sorted(CATALOGUE.series)


def test_decision_766_scores_by_18_20_22_22_18() -> None:
    """Openness, progress and results, digitisation, online provision, satisfaction: 100 points (Decision 766/QĐ-TTg)."""
    total = CATALOGUE.composites["DVC-064"]
    assert [(part.code, part.points) for part in total.parts] == [
        ("DVC-059", 18), ("DVC-060", 20), ("DVC-061", 22), ("DVC-062", 22), ("DVC-063", 18),
    ]  # fmt: skip
    sums: dict[tuple[str, str], int] = {}
    for part in parts_of(CATALOGUE.indicators):
        sums[part.composite, part.level] = sums.get((part.composite, part.level), 0) + part.points
    for group in total.parts:
        for level in total.levels:
            assert sums[group.code, level] == group.points * SCALE
    assert all(sums["DVC-064", level] == 100 * SCALE for level in total.levels)


def test_the_emulation_has_11_criteria_for_the_province_and_12_below() -> None:
    """The 2025 emulation movement: 11 contents for the province, 12 for districts and for communes, 100 points each."""
    mine = [part for part in parts_of(CATALOGUE.indicators) if part.composite == "VB-044"]
    assert Counter(part.level for part in mine) == {"province": 11, "district": 12, "commune": 12}
    for level in ("province", "district", "commune"):
        assert sum(part.points for part in mine if part.level == level) == 100 * SCALE


def test_every_kind_that_the_dossier_source_can_feed_is_there() -> None:
    forms = {(i.kind, i.window is not None) for i in DVC.values()}
    assert forms == {
        ("count", False), ("sum", False), ("mean", False), ("ratio", False), ("ratio", True), ("stock", False), ("stock", True),
    }  # fmt: skip


def test_names_are_unique_and_composed() -> None:
    for language in ("vi", "en"):
        names = [getattr(i.name, language) for i in CATALOGUE.indicators.values()]
        assert len(set(names)) == len(names)
        assert all(unicodedata.is_normalized("NFC", name) and name == name.strip() for name in names)


def test_every_measure_is_asked_for_once() -> None:
    seen = [(f.numerator, f.denominator, f.window) for f in CATALOGUE.compiled.formulas.values()]
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("province", PROVINCES)
def test_targets_can_be_missed(province: str) -> None:
    for target in load_province(province).target:
        if CATALOGUE.indicators[target.code].unit == "percent":
            assert 0 < target.value <= 100


@pytest.mark.parametrize("indicator", CATALOGUE.indicators.values(), ids=lambda i: i.code)
def test_somebody_of_the_province_is_responsible(indicator: Indicator) -> None:
    assert indicator.responsible in {unit.name.vi for unit in CA_MAU.unit}


@pytest.mark.parametrize(
    ("code", "year", "value"),
    [("DVC-011", 2024, 80), ("DVC-012", 2025, 85), ("DVC-052", 2025, 100), ("DVC-054", 2025, 90)],
)
def test_targets_that_plan_267_states(code: str, year: int, value: int) -> None:
    found = [
        t.value
        for t in CA_MAU.targets_of(code)
        if (t.year, t.level) == (year, "province") and "267/KH-UBND" in t.document
    ]
    assert found == [value]


def test_fields_of_administration_are_codes_that_occur() -> None:
    """A field code that no dossier carries would be a figure that stays 0 without anyone knowing why."""
    written = {field.code for field in receipt.FIELDS.values()} | {p.field.code for p in population.PROCEDURES}
    asked = set()
    for rollup in CATALOGUE.compiled.rollups.values():
        for measure in rollup.measures:
            for condition in measure.where:
                match condition:
                    case Compare("field", _, str(value)):
                        asked.add(value)
                    case In("field", values, _):
                        asked.update(map(str, values))
    assert asked
    assert asked <= written


def test_the_units_of_the_simulated_source_are_known_but_for_one() -> None:
    written = {*population.DEPARTMENTS, receipt.RECEIVING_UNIT}
    written |= {receipt.unit_code(f"Group {n}") for n in (1, 2, 3, 4, 7, 12, 13, 14, 15)}
    assert written <= KNOWN_UNITS
    assert set(population.ODD_UNITS) - KNOWN_UNITS == {receipt.UNKNOWN_UNIT}
