"""The shipped catalogue and province: complete, cited, and fed by codes that the source really writes."""

import unicodedata

import pytest

from ingest.simulator import population, receipt
from ioc.catalogue.expr import Compare, In
from ioc.catalogue.indicator import Indicator
from ioc.catalogue.load import load_catalogue
from ioc.catalogue.profile import load_province, province_codes

CATALOGUE = load_catalogue()
PROVINCES = province_codes()
CA_MAU = load_province("ca_mau")
DVC = {code: i for code, i in CATALOGUE.indicators.items() if i.sector == "DVC"}
KNOWN_UNITS = {code for unit in CA_MAU.unit for code in (unit.code, *unit.aliases)}


@pytest.mark.parametrize("code", PROVINCES)
def test_every_province_loads(code: str) -> None:
    assert load_province(code).unit


def test_public_services_leave_only_the_composites_free() -> None:
    """Of 64, the five groups of Decision 766 and their total are composites (CATALOGUE, Decision 766/QĐ-TTg)."""
    assert list(DVC) == [f"DVC-{n:03d}" for n in range(1, 59)]


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


@pytest.mark.parametrize("indicator", CATALOGUE.indicators.values(), ids=lambda i: i.code)
def test_targets_are_cited_and_can_be_missed(indicator: Indicator) -> None:
    for target in indicator.targets:
        assert target.document
        assert target.reference
        if indicator.unit == "percent":
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
        t.value for t in DVC[code].targets if (t.year, t.level) == (year, "province") and "267/KH-UBND" in t.document
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
    written = {code for units in population.UNITS.values() for code in units} | {receipt.RECEIVING_UNIT}
    written |= {receipt.unit_code(f"Group {n}") for n in (1, 2, 3, 4, 7, 12, 13, 14, 15)}
    assert written <= KNOWN_UNITS
    assert set(population.ODD_UNITS) - KNOWN_UNITS == {receipt.UNKNOWN_UNIT}
