"""What every composite should be, worked out from the values of its parts in plain Python.

It shares nothing with the views `composite_scores` and `composite_values` but the parts: what is missing stays out of `available`,
units are ranked within their level by earned / available, equal ones share a rank and the next rank is left free.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ioc.catalogue.composite import SCALE, Part


@dataclass(frozen=True)
class Score:
    """A composite's score of one unit.

    Attributes:
        earned, available: points earned, and points of the parts that have a value.
        points: points of all parts.
        missing: codes of the parts without a value, sorted.
        rank: place within the level, 1 is best; 0 when nothing is available.
        tied: how many units share the rank, itself included; 0 without a rank.
    """

    earned: float
    available: float
    points: float
    missing: tuple[str, ...]
    rank: int
    tied: int


def earned(part: Part, value: float) -> int:
    """Ten-thousandths of a point that a value earns, rounded half up."""
    reached = min(1.0, max(0.0, (value - part.zero) / (part.full - part.zero)))
    return math.floor(part.points * reached + 0.5)


def scores(
    parts: Iterable[Part], values: Mapping[tuple[str, str], float | None], units: Mapping[str, str]
) -> dict[tuple[str, str], Score]:
    """The score of every unit by (composite, unit).

    Args:
        parts: all parts of all composites.
        values: (code, unit) → value; absent or None: there is none.
        units: unit → level.
    """
    by_place: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        by_place.setdefault((part.composite, part.level), []).append(part)
    found: dict[tuple[str, str], Score] = {}
    for (composite, level), mine in by_place.items():
        rows = {unit: _sums(mine, values, unit) for unit, of in units.items() if of == level}
        shares = {unit: gained / known for unit, (gained, known, _) in rows.items() if known}
        for unit, (gained, known, missing) in rows.items():
            share = shares.get(unit)
            found[composite, unit] = Score(
                earned=gained / SCALE,
                available=known / SCALE,
                points=sum(part.points for part in mine) / SCALE,
                missing=missing,
                rank=0 if share is None else 1 + sum(other > share for other in shares.values()),
                tied=0 if share is None else sum(other == share for other in shares.values()),
            )
    return found


def _sums(
    parts: Iterable[Part], values: Mapping[tuple[str, str], float | None], unit: str
) -> tuple[int, int, tuple[str, ...]]:
    """Earned and available ten-thousandths, and the codes that are missing."""
    gained = known = 0
    missing = []
    for part in parts:
        value = values.get((part.code, unit))
        if value is None:
            missing.append(part.code)
        else:
            gained += earned(part, value)
            known += part.points
    return gained, known, tuple(sorted(missing))
