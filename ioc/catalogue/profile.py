"""Reads a province from its folder; every fault names file, unit, key and value."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ioc.catalogue.indicator import Indicator
from ioc.catalogue.province import Head, Part, Province, Unit
from ioc.catalogue.read import CatalogueError, read

PACKAGED = Path(__file__).parent
HEAD = "province.toml"


def province_codes(directory: Path | None = None) -> list[str]:
    """The provinces below `directory` (None: the packaged ones)."""
    return sorted(file.parent.name for file in _folder(directory).glob(f"*/{HEAD}"))


def load_province(code: str, directory: Path | None = None) -> Province:
    """Reads `provinces/<code>/*.toml` and checks the tree.

    Raises:
        CatalogueError: the folder is missing or a file wrong, a code or alias stands at two units, a parent or successor does not
            exist or not for long enough, the tree has a ring or no single root.
    """
    folder = _folder(directory) / code
    head = folder / HEAD
    if not head.is_file():
        known = ", ".join(province_codes(directory)) or "none"
        raise CatalogueError([f"{head} does not exist; provinces there: {known}"])
    faults: list[str] = []
    parts: dict[Path, Part] = {}
    for file in [head, *(other for other in sorted(folder.glob("*.toml")) if other != head)]:
        try:
            parts[file] = read(file, Head if file == head else Part)
        except CatalogueError as error:
            faults += error.faults
    if faults:
        raise CatalogueError(faults)
    first = parts[head]
    assert isinstance(first, Head)
    if first.code != code:
        faults.append(f"{head}: code: {first.code!r} is not the folder's name, {code!r}")
    homes = {id(unit): file for file, part in parts.items() for unit in part.unit}
    units = [unit for part in parts.values() for unit in part.unit]
    for unit, fault in _Check(units).faults():
        faults.append(f"{homes.get(id(unit), head)}: {fault}")
    if faults:
        raise CatalogueError(faults)
    return Province(
        code=first.code,
        name=first.name,
        unit=units,
        target=[target for part in parts.values() for target in part.target],
        result=[result for part in parts.values() for result in part.result],
    )


def target_faults(province: Province, indicators: dict[str, Indicator]) -> list[str]:
    """A sentence for each target or result that does not fit the catalogue."""
    faults = []
    seen: set[tuple[str, int, str]] = set()
    for target in province.target:
        name = f"{province.code}: target {target.code} {target.year}"
        indicator = indicators.get(target.code)
        if indicator is None:
            faults.append(f"{name}: there is no indicator {target.code}")
            continue
        if indicator.direction == "none":
            faults.append(f"{name}: {target.code} has no `direction`, up or down")
        if target.level not in indicator.levels:
            faults.append(f"{name}: level {target.level!r} is not one of {', '.join(indicator.levels)}")
        if (key := (target.code, target.year, target.level)) in seen:
            faults.append(f"{name}: stands twice at level {target.level}")
        seen.add(key)
    return faults + [
        f"{province.code}: result {result.code} {result.as_of}: there is no indicator {result.code}"
        for result in province.result
        if result.code and result.code not in indicators
    ]


def check_targets(province: Province, indicators: dict[str, Indicator]) -> None:
    """Refuses a province whose targets or results do not fit the catalogue.

    Raises:
        CatalogueError: see `target_faults`.
    """
    if faults := target_faults(province, indicators):
        raise CatalogueError(faults)


def _folder(directory: Path | None) -> Path:
    return (directory or PACKAGED) / "provinces"


@dataclass(frozen=True)
class _Check:
    """What can be wrong with the units of a province, taken together."""

    units: list[Unit]

    def faults(self) -> Iterable[tuple[Unit | None, str]]:
        yield from self._codes()
        roots = [unit for unit in self.units if unit.parent is None]
        if len(roots) != 1 or roots[0].level != "province":
            found = ", ".join(f"{unit.code} ({unit.level})" for unit in roots) or "none"
            yield None, f"one unit has no parent, and its level is province; here: {found}"
        by_code = {unit.code: unit for unit in self.units}
        for unit in self.units:
            yield from self._successor(unit, by_code)
            for parent, first, end in _parents(unit):
                if parent not in by_code:
                    yield unit, f"{unit.code}.parent: {parent!r} is no unit's code"
                elif not _covers(by_code[parent], first, end):
                    yield unit, f"{unit.code}.parent: {parent} does not exist from {first} to {end or 'now'}"
        yield from _rings(self.units, by_code)

    def _codes(self) -> Iterable[tuple[Unit, str]]:
        owner: dict[str, str] = {}
        for unit in self.units:
            for alias in [unit.code, *unit.aliases]:
                if alias in owner:
                    yield unit, f"the code {alias!r} stands at {owner[alias]} and at {unit.code}"
                owner.setdefault(alias, unit.code)

    def _successor(self, unit: Unit, by_code: dict[str, Unit]) -> Iterable[tuple[Unit, str]]:
        if unit.successor is None:
            return
        if unit.successor not in by_code:
            yield unit, f"{unit.code}.successor: {unit.successor!r} is no unit's code"
        elif unit.valid_to is not None and not by_code[unit.successor].valid_on(unit.valid_to):
            # So each successor lives longer than what it follows, and no chain has a ring.
            yield unit, f"{unit.code}.successor: {unit.successor} does not exist on {unit.valid_to}"


def _parents(unit: Unit) -> Iterable[tuple[str, date, date | None]]:
    """The unit's parents: each with the first day and the day (exclusive) that it ends."""
    if unit.parent is None:
        return
    starts = [(unit.parent, unit.valid_from), *((move.parent, move.on) for move in unit.moved)]
    ends = [*(first for _, first in starts[1:]), unit.valid_to]
    yield from ((parent, first, end) for (parent, first), end in zip(starts, ends, strict=True))


def _covers(unit: Unit, first: date, end: date | None) -> bool:
    return unit.valid_from <= first and (unit.valid_to is None or (end is not None and end <= unit.valid_to))


def _rings(units: list[Unit], by_code: dict[str, Unit]) -> Iterable[tuple[Unit, str]]:
    """Rings on any day on which a parent changes."""
    told: set[str] = set()
    for day in sorted({unit.valid_from for unit in units} | {move.on for unit in units for move in unit.moved}):
        for unit in units:
            trail = [unit.code]
            while (
                (parent := by_code[trail[-1]].parent_on(day)) is not None and parent in by_code and parent not in trail
            ):
                trail.append(parent)
            if parent == unit.code and unit.code not in told:
                told.update(trail)
                yield unit, f"the units {' → '.join([*trail, unit.code])} form a ring"
