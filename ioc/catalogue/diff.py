"""What is different between two catalogues: what is counted, which makes a new generation, and what is merely told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from ioc.catalogue.load import Catalogue
from ioc.catalogue.province import Province
from ioc.catalogue.rollup import Compiled, MeasureRef


@dataclass(frozen=True)
class Diff:
    """Codes of indicators, ids of rollups and codes of series, each in order.

    Attributes:
        added: indicators that only the second catalogue has.
        removed: indicators that only the first one has.
        counted: indicators that count something else now, each with its keys that changed.
        told: indicators that count the same and are told otherwise (names, targets, levels …), each with its keys.
        rollups_added: rollups that only the second one has.
        rollups_removed: rollups that only the first one has.
        rollups_changed: rollups of which the vector changed.
        series: series that came, went or changed.
        new_generation: the events have to be folded anew.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    counted: dict[str, tuple[str, ...]]
    told: dict[str, tuple[str, ...]]
    rollups_added: tuple[str, ...]
    rollups_removed: tuple[str, ...]
    rollups_changed: tuple[str, ...]
    series: tuple[str, ...]
    new_generation: bool

    @property
    def is_empty(self) -> bool:
        """Whether the catalogues say the same."""
        return not any(getattr(self, field.name) for field in fields(self))

    @property
    def waiting(self) -> frozenset[str]:
        """Indicators that must be told as they were for as long as the first catalogue's figures are shown."""
        return frozenset(self.removed) | frozenset(self.counted)


def diff(first: Catalogue, second: Catalogue, provinces: tuple[Province, Province] | None = None) -> Diff:
    """What `second` has otherwise than `first`; with the profiles beside them, also whose targets are others."""
    old, new = first.indicators, second.indicators
    counted: dict[str, tuple[str, ...]] = {}
    told: dict[str, tuple[str, ...]] = {}
    for code in sorted(old.keys() & new.keys()):
        before, after = old[code].model_dump(), new[code].model_dump()
        keys = tuple(key for key in after if after[key] != before.get(key))
        if provinces is not None and provinces[0].targets_of(code) != provinces[1].targets_of(code):
            keys = (*keys, "targets")
        if meaning(first.compiled, code) != meaning(second.compiled, code):
            counted[code] = keys or ("series",)
        elif keys:
            told[code] = keys
    rollups, wanted = first.compiled.rollups, second.compiled.rollups
    return Diff(
        added=_only_in(new, old),
        removed=_only_in(old, new),
        counted=counted,
        told=told,
        rollups_added=_only_in(wanted, rollups),
        rollups_removed=_only_in(rollups, wanted),
        rollups_changed=_changed(rollups, wanted),
        series=tuple(sorted({c for c in first.series.keys() | second.series.keys() if first.series.get(c) != second.series.get(c)})),
        new_generation=first.compiled.hash != second.compiled.hash,
    )  # fmt: skip


def meaning(compiled: Compiled, code: str) -> object:
    """What an indicator counts, whatever places its measures have in their vectors; None for a composite."""
    formula = compiled.formulas.get(code)
    if formula is None:
        return None

    def resolved(value: Any) -> object:
        if not isinstance(value, MeasureRef):
            return value
        rollup = compiled.rollups[value.rollup_id]
        return rollup.kind, rollup.mode, rollup.time, rollup.where, rollup.measures[value.index]

    return tuple(resolved(getattr(formula, field.name)) for field in fields(formula))


def in_words(found: Diff, first: Catalogue, second: Catalogue) -> Iterator[str]:
    """The difference, a line each."""
    for code in found.added:
        yield f"+ {code}  {second.indicators[code].name.vi}"
    for code in found.removed:
        yield f"- {code}  {first.indicators[code].name.vi}"
    for code, keys in found.counted.items():
        yield f"! {code}  counts something else: {', '.join(keys)}"
    for code, keys in found.told.items():
        yield f"~ {code}  {', '.join(keys)}"
    for sign, rollups in (("+", found.rollups_added), ("-", found.rollups_removed), ("!", found.rollups_changed)):
        for rollup_id in rollups:
            size = len(first.compiled.rollups[rollup_id].measures) if rollup_id in first.compiled.rollups else 0
            now = len(second.compiled.rollups[rollup_id].measures) if rollup_id in second.compiled.rollups else 0
            yield f"{sign} rollup {rollup_id}  {size} measures, now {now}"
    for code in found.series:
        yield f"~ series {code}"
    if found.new_generation:
        yield "this is a new generation: `ioc migrate`, then `ioc catalogue deploy`"
    elif not found.is_empty:
        yield "the events need not be folded anew: `ioc migrate` brings it in"


def _only_in(these: Mapping[str, object], those: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(sorted(these.keys() - those.keys()))


def _changed(these: Mapping[str, object], those: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(sorted(key for key in these.keys() & those.keys() if these[key] != those[key]))
