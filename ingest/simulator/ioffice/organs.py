"""The organisations that exchange documents: the province's units, ministries, other provinces."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from ingest.simulator.population import DEPARTMENTS, ODD_UNITS, TREE


@dataclass(frozen=True, slots=True)
class Organ:
    """An organisation: its OrganId and its name."""

    code: str
    name: str


PROVINCE: Final = Organ("000.00.00.H12", "UBND tỉnh Cà Mau")


@cache
def inside(day: date) -> tuple[Organ, ...]:
    """The province's organisations on a local day, itself first."""
    here = [code for level in ("district", "commune") for code in TREE.of_level(level, day)]
    return (PROVINCE, *(_organ(code) for code in (*DEPARTMENTS, *here)))


@cache
def weights(day: date) -> tuple[float, ...]:
    """How many documents each of them writes, beside one another; all local units together as many as ever."""
    ours = inside(day)
    local = len(ours) - 1 - len(DEPARTMENTS)
    return tuple(6.0 if o is PROVINCE else 3.0 if o.code in DEPARTMENTS else 30.0 / local for o in ours)


def _organ(code: str) -> Organ:
    return Organ(code, TREE.units[code].name.vi)


OURS: Final = frozenset(
    {PROVINCE.code, *DEPARTMENTS, *(code for code, unit in TREE.units.items() if unit.level in ("district", "commune"))}
)
"""Codes of all that have ever been of the province."""

ODD: Final = tuple(Organ(code, "Sở Tài nguyên và Môi trường") for code in ODD_UNITS)
"""A unit by its alias, and one that nobody knows."""

OUTSIDE: Final = (
    *(Organ(f"000.00.00.G{number:02d}", f"Bộ số {number}") for number in range(1, 23)),
    *(Organ(f"000.00.00.H{number:02d}", f"UBND tỉnh số {number}") for number in range(1, 64) if number != 12),
)
