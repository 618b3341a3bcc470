"""What systems write about units exists when it is written: districts until 30/6/2025, the new communes after."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import pytest

from ingest.simulator import population
from ingest.simulator.generator import Generator
from ingest.simulator.hub import push_alerts, push_cases
from ingest.simulator.ioffice.messages import document_of
from ingest.simulator.ioffice.organs import OURS, inside, weights
from ingest.simulator.moments import from_ms, to_ms
from ingest.simulator.world import ALWAYS, Event, Process
from ioc.clock import LOCAL

BORDER = datetime(2025, 7, 1, tzinfo=LOCAL)
BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)


def events(name: str) -> list[Event]:
    """A day of events on each side of the border."""
    first, last = to_ms(BORDER - timedelta(days=1)), to_ms(BORDER + timedelta(days=1))
    return list(Process(name, 300, ALWAYS, seed=1).events(first, last))


def exists(code: str, at_ms: int) -> bool:
    unit = population.TREE.units.get(population.TREE.codes.get(code, ""))
    return code in population.ODD_UNITS or (unit is not None and unit.valid_on(from_ms(at_ms).date()))


def levels(codes: Iterable[str]) -> set[str]:
    return {population.TREE.units[code].level for code in codes if code in population.TREE.units}


def test_units_are_those_of_the_day() -> None:
    assert len(population.units_on("district", BEFORE)) == 9
    assert levels(population.units_on("district", BEFORE)) == {"district"}
    assert population.units_on("district", AFTER) == population.units_on("commune", AFTER)
    assert len(population.units_on("commune", AFTER)) == 64
    assert population.units_on("department", BEFORE) == population.units_on("department", AFTER)


def test_dossiers_are_handed_over_when_their_unit_ceases() -> None:
    base_ms = to_ms(BORDER - timedelta(hours=8))
    made = Generator(seed=1, rate=0.05, backfill=4000, base_ms=base_ms)
    versions, _ = made.take_until(to_ms(BORDER + timedelta(hours=14)))
    later = [version for version in versions if version.updated_ms >= to_ms(BORDER)]
    assert len(later) > 1000
    assert all(exists(version.unit, version.updated_ms) for version in versions)
    assert levels(version.unit for version in later) == {"department", "commune"}
    begun = {version.dossier.code for version in versions if version.updated_ms < to_ms(BORDER)}
    assert any(version.dossier.code in begun for version in later)


def test_documents_are_exchanged_by_the_units_of_the_day() -> None:
    found = [(event.at_ms, document_of(event)) for event in events("documents")]
    codes = [
        (at_ms, organ.code) for at_ms, document in found for organ in (document.sender, *document.receivers)
        if organ.code.endswith("H12")
    ]  # fmt: skip
    assert all(exists(code, at_ms) for at_ms, code in codes)
    assert {code for _, code in codes} - set(population.ODD_UNITS) <= OURS
    assert levels(code for at_ms, code in codes if at_ms >= to_ms(BORDER)) == {"province", "department", "commune"}


@pytest.mark.parametrize("day", [BEFORE, AFTER])
def test_local_units_together_write_as_much_as_ever(day: date) -> None:
    assert len(inside(day)) == len(weights(day)) == len({organ.code for organ in inside(day)})
    assert sum(weights(day)) == pytest.approx(6 + 3 * len(population.DEPARTMENTS) + 30)


@pytest.mark.parametrize(("states", "key"), [(push_cases.states, "donViXuLy"), (push_alerts.states, "donVi")])
def test_what_is_pushed_names_units_that_exist_when_it_is_pushed(states: object, key: str) -> None:
    assert callable(states)
    codes = [(pushed.at_ms, pushed.record[key]) for event in events("pushed") for pushed in states(event)]
    assert len({code for _, code in codes}) > 40
    assert all(exists(code, at_ms) for at_ms, code in codes)
