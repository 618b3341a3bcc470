"""Composites: what is refused when they are loaded, and how their parts are laid out."""

from typing import Any

import pytest

from ioc.catalogue.composite import SCALE, Part, faults, parts_of
from ioc.catalogue.indicator import Indicator

LEVELS = ["province", "commune"]
NAMES = {"vi": "Tên", "en": "Name"}


def plain(code: str, direction: str = "up", levels: list[str] = LEVELS) -> Indicator:
    return Indicator.model_validate(
        {
            "code": code, "name": NAMES, "kind": "stock", "event": "dossier", "unit": "dossier", "levels": levels,
            "direction": direction, "responsible": "Sở", "provenance": {"origin": "project"},
        }
    )  # fmt: skip


def total(code: str, *parts: dict[str, Any], levels: list[str] = LEVELS) -> Indicator:
    return Indicator.model_validate(
        {
            "code": code, "name": NAMES, "kind": "composite", "unit": "point", "levels": levels, "direction": "up",
            "responsible": "Sở", "provenance": {"origin": "project"}, "parts": list(parts),
        }
    )  # fmt: skip


def found(*indicators: Indicator) -> list[str]:
    return list(faults({indicator.code: indicator for indicator in indicators}))


A, B, C, D = plain("AA-001"), plain("AA-002", "down"), plain("AA-003", levels=["province"]), plain("AA-004")
PLAIN = (A, B, C, D)
GROUP = total("AA-010", {"code": "AA-001", "points": 30}, {"code": "AA-002", "points": 10, "zero": 20, "full": 0})
WHOLE = total(
    "AA-011",
    {"code": "AA-010", "points": 40, "full": 40},
    {"code": "AA-003", "points": 60, "levels": ["province"]},
    {"code": "AA-004", "points": 60, "levels": ["commune"], "full": 90.5},
)


def test_good_ones_have_no_fault() -> None:
    assert found(*PLAIN, GROUP, WHOLE) == []


def test_a_composite_within_another_stands_for_its_parts() -> None:
    mine = [part for part in parts_of({i.code: i for i in (*PLAIN, GROUP, WHOLE)}) if part.composite == "AA-011"]
    assert mine == [
        Part("AA-011", "commune", "AA-001", 30 * SCALE, 0, 100),
        Part("AA-011", "commune", "AA-002", 10 * SCALE, 20, 0),
        Part("AA-011", "commune", "AA-004", 60 * SCALE, 0, 90.5),
        Part("AA-011", "province", "AA-001", 30 * SCALE, 0, 100),
        Part("AA-011", "province", "AA-002", 10 * SCALE, 20, 0),
        Part("AA-011", "province", "AA-003", 60 * SCALE, 0, 100),
    ]


def one(**part: Any) -> Indicator:
    return total("AA-012", {"points": 100, **part}, levels=["province"])


FAULTS = [
    (one(code="AA-099"), "AA-012: parts: there is no indicator AA-099"),
    (one(code="AA-001", points=99), "AA-012: its parts have 99 at level province; they add up to"),
    (one(code="AA-001", levels=["commune"]), "levels commune are not of the composite, province"),
    (total("AA-012", {"code": "AA-003", "points": 100}), "AA-003 has no value at level commune; narrow the part"),
    (one(code="AA-002"), "part AA-002: lower is better: `zero` is above `full`, not 0 and 100"),
    (one(code="AA-001", zero=100, full=0), "part AA-001: higher is better: `zero` is below `full`, not 100 and 0"),
    (one(code="AA-010"), "part AA-010 has 100 points from 0 to 100; give it `points` and `full` of what its parts add"),
    (one(code="AA-011"), "part AA-011 is a total of totals"),
    (one(code="AA-012"), "part AA-012 is a total of totals"),
    (
        total("AA-012", *[{"code": "AA-001", "points": 50}] * 2),
        "AA-012: parts: AA-001 stands 2 times at level province",
    ),
    (
        total("AA-012", {"code": "AA-010", "points": 40, "full": 40}, {"code": "AA-001", "points": 60}),
        "AA-012: parts: AA-001 stands 2 times at level province, counting those of its composites",
    ),
    (
        total("AA-012", {"code": "AA-001", "points": 100}, {"code": "AA-003", "points": 5, "levels": ["province"]}),
        "its parts have 105 at level province, 100 at level commune",
    ),
]


@pytest.mark.parametrize(("wrong", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_faults_are_named(wrong: Indicator, said: str) -> None:
    assert any(said in fault for fault in found(*PLAIN, GROUP, WHOLE, wrong)), found(*PLAIN, GROUP, WHOLE, wrong)


def test_two_composites_are_not_the_same() -> None:
    twin = total("AA-013", *(part.model_dump() for part in GROUP.parts))
    (fault,) = (fault for fault in found(*PLAIN, GROUP, WHOLE, twin) if "keep one" in fault)
    assert fault == "AA-013: parts: they are those of AA-010; keep one of them"


def test_what_a_total_holds_need_not_have_a_hundred_points() -> None:
    assert found(*PLAIN, GROUP)
    assert not found(*PLAIN, GROUP, WHOLE)
