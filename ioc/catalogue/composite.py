"""Composites: totals of points that other indicators earn, such as the scores of Decision 766/QĐ-TTg.

A part earns no points at `zero` and all of its points at `full`; between them they grow in a straight line, and beyond them they
neither grow nor become less. Where less is better, `zero` is above `full`. A composite may be part of another one: it
stands for its own parts, whose points are the points that it earns there.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ioc.catalogue.indicator import Indicator, Level, PartRow

WHOLE = 100
"""Points of a composite that is part of no other."""

SCALE = 10_000
"""Points are counted in ten-thousandths, so that sums are exact and equal scores are equal."""


@dataclass(frozen=True, order=True)
class Part:
    """What one indicator can earn at one level.

    Attributes:
        composite, level, code: which part it is; `code` is no composite.
        points: ten-thousandths of a point that it earns at most.
        zero, full: its values at which it earns none and all of them.
    """

    composite: str
    level: Level
    code: str
    points: int
    zero: float
    full: float


def parts_of(indicators: Mapping[str, Indicator]) -> tuple[Part, ...]:
    """The parts of all composites; those of a composite that is itself a part stand in its place."""
    found = (
        Part(code, level, row.code, round(row.points * SCALE), float(row.zero), float(row.full))
        for code, indicator in indicators.items()
        for level in indicator.levels
        for row in _rows(indicators, indicator, level)
    )
    return tuple(sorted(found))


def _rows(indicators: Mapping[str, Indicator], composite: Indicator, level: Level) -> Iterator[PartRow]:
    for row in composite.parts:
        if level in (row.levels or composite.levels):
            inner = indicators[row.code]
            yield from _rows(indicators, inner, level) if inner.kind == "composite" else (row,)


def faults(indicators: Mapping[str, Indicator]) -> Iterator[str]:
    """A sentence for each thing that is wrong with a composite; begins with its code."""
    holders = {row.code: code for code, indicator in indicators.items() for row in indicator.parts}
    first: dict[tuple[str, ...], str] = {}
    for code, composite in indicators.items():
        if composite.kind != "composite":
            continue
        wrong = [fault for row in composite.parts for fault in _row_faults(indicators, composite, row)]
        totals = {level: _total(composite, level) for level in composite.levels}
        if len(set(totals.values())) > 1 or (code not in holders and set(totals.values()) != {WHOLE}):
            shown = ", ".join(f"{total:g} at level {level}" for level, total in totals.items())
            wrong.append(
                f"its parts have {shown}; they add up to the same at all levels, {WHOLE} where nothing holds it"
            )
        if (twin := first.setdefault((*map(repr, composite.parts), *composite.levels), code)) != code:
            wrong.append(f"parts: they are those of {twin}; keep one of them")
        if not wrong:
            wrong += _repetitions(indicators, composite)
        yield from (f"{code}: {fault}" for fault in wrong)


def _row_faults(indicators: Mapping[str, Indicator], composite: Indicator, row: PartRow) -> Iterator[str]:
    part = indicators.get(row.code)
    if part is None:
        yield f"parts: there is no indicator {row.code}"
        return
    levels = row.levels or composite.levels
    if strange := [level for level in levels if level not in composite.levels]:
        yield f"part {row.code}: levels {', '.join(strange)} are not of the composite, {', '.join(composite.levels)}"
    if without := [level for level in levels if level not in part.levels]:
        yield f"part {row.code} has no value at level {', '.join(without)}; narrow the part by `levels`"
    if part.kind == "composite":
        if any(indicators[inner.code].kind == "composite" for inner in part.parts if inner.code in indicators):
            yield f"part {row.code} is a total of totals; a composite holds composites of plain indicators at most"
        totals = {_total(part, level) for level in levels if level in part.levels}
        if totals != {row.points} or (row.zero, row.full) != (0, row.points):
            yield f"part {row.code} has {row.points:g} points from {row.zero:g} to {row.full:g}; give it `points` and `full` of what its parts add up to"
    elif part.direction != "none" and (part.direction == "up") != (row.zero < row.full):
        better = {"up": "higher is better: `zero` is below `full`", "down": "lower is better: `zero` is above `full`"}
        yield f"part {row.code}: {better[part.direction]}, not {row.zero:g} and {row.full:g}"


def _repetitions(indicators: Mapping[str, Indicator], composite: Indicator) -> Iterator[str]:
    for level in composite.levels:
        for code, times in Counter(row.code for row in _rows(indicators, composite, level)).items():
            if times > 1:
                yield f"parts: {code} stands {times} times at level {level}, counting those of its composites"


def _total(composite: Indicator, level: Level) -> float:
    mine = (row for row in composite.parts if level in (row.levels or composite.levels))
    return sum(round(row.points * SCALE) for row in mine) / SCALE
