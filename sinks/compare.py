"""One look at both engines: what the fold, the seals and the views show beside what the tables of events say."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from ioc.catalogue.composite import parts_of
from ioc.catalogue.load import Catalogue
from ioc.catalogue.province import Province
from ioc.catalogue.rollup import Compiled, Rollup
from ioc.clock import local_day
from sinks.clickhouse.client import Client
from sinks.clickhouse.generations import live_generation
from sinks.clickhouse.mappings import mappings
from sinks.sides.cells import CellSides
from sinks.sides.composites import compare_composites
from sinks.sides.difference import EVERYTHING, Difference, Found, Scope
from sinks.sides.dimensions import compare_dimensions
from sinks.sides.hashes import Hashes
from sinks.sides.past import PastSide, is_laid_out
from sinks.sides.seals import compare_generation, compare_seals, looked_at, marks, sealed_until
from sinks.sides.snapshot import SnapshotSide, read_snapshot
from sinks.sides.states import StateSides, covered
from sinks.sides.units import compare_units
from sinks.sides.values import ValueSides
from sinks.truth.tree import TREES, Tree
from sinks.truth.values import Truth, rollups_of
from sinks.truth.versions import state_days

_ASKED_TOGETHER = 60
"""Indicators, at least, whose values are asked for at once."""


@dataclass
class Result:
    """What was compared and what came out.

    Attributes:
        quiet: nothing was on its way from the beginning to the end of the comparison.
        steady: neither seals nor the history of states moved on meanwhile.
        left_out: cells and values that changed while they were compared.
    """

    rollups: int = 0
    cells: int = 0
    indicators: int = 0
    values: int = 0
    quiet: bool = False
    steady: bool = True
    differences: list[Difference] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Comparison:
    """Compares cells and values, as often as asked."""

    def __init__(
        self,
        client: Client,
        database: str,
        catalogue: Catalogue,
        province: Province,
        scope: Scope = EVERYTHING,
        codes: Collection[str] | None = None,
    ) -> None:
        """`codes`: the indicators that are compared; None: all of them."""
        self._client, self._database, self._whole, self._province = client, database, catalogue, province
        self._scope = scope
        self._hashes = Hashes(client)
        self._codes = frozenset(catalogue.indicators if codes is None else codes)
        self.read = only(catalogue, self._codes)

    def server_time(self) -> datetime:
        """The server's clock."""
        now: datetime = self._client.query("SELECT now64(6, 'UTC')")[0][0]
        return now

    def refreshed_at(self) -> datetime:
        """When the snapshot was taken."""
        newest: datetime = self._client.query(f"SELECT max(refreshed_at) FROM {self._database}.indicator_now")[0][0]
        return newest

    def marks(self) -> tuple[object, ...]:
        """Changes when seals, the history of states or the live generation move on."""
        return marks(self._client, self._database)

    def laid_out(self) -> bool:
        """Whether charts read the newest laying out of the past: an older one stays as it was while the next is written."""
        return is_laid_out(self._client, self._database)

    def past_seen_until(self) -> datetime:
        """Every version that was stored before this moment counts in sealed days and in the history of states."""
        return looked_at(self._client, self._database, {rollup.kind for rollup in self.read.compiled.rollups.values()})

    def run(self) -> tuple[Result, dict[str, Difference]]:
        """One pass over everything."""
        compiled, today = self.read.compiled, _day(self.server_time())
        begun = self.marks()
        tree = Tree(self._province, today, mappings(self._client, self._database))
        generation, sealed = live_generation(self._client, self._database), sealed_until(self._client, self._database)
        tables = Found().merge(
            [
                compare_generation(self._client, self._database, self._whole.compiled),
                compare_units(self._client, self._database, tree),
                compare_dimensions(self._client, self._database, self._whole, self._province, generation),
                compare_seals(self._client, self._database, self._whole.compiled, sealed),
            ]
        )
        truth = Truth(self.read, tree, {}, today, sealed)
        history = self._history(truth, generation)
        snapshot = self._snapshot(truth)
        sides = CellSides(self._client, self._database, self._hashes, sealed, self._scope.since)
        values = ValueSides(self._client, self._database, self._hashes, truth, self._scope)
        past = PastSide(self._client, self._database, self._hashes, truth, self._scope)
        cells, figures = Found(), Found()
        for some in _batches(compiled):
            # What figures need is read right before the views are: the less can change in between.
            for rollup in some:
                truth.cells[rollup.rollup_id], found = sides.days(rollup)
                cells.merge([found] if rollup.mode != "flow" else [found, sides.hours(rollup)])
            figures.merge([values.compare([code for rollup in some for code in _codes_of(compiled, rollup)])])
            for rollup in some:
                codes = _codes_of(compiled, rollup)
                figures.merge([*map(snapshot.compare, codes), past.compare(rollup, codes)])
                if rollup.mode != "now":
                    del truth.cells[rollup.rollup_id]
        figures.merge([self._composites(snapshot)])
        result = Result(
            rollups=len(compiled.rollups),
            cells=cells.compared,
            indicators=len(self._codes),
            values=figures.compared + history.compared,
            steady=self.marks() == begun,
        )
        everything = Found().merge([tables, history, cells, figures])
        return result, {what: one for what, one in everything.differences.items() if self._asked_for(one, tree)}

    def _history(self, truth: Truth, generation: str) -> Found:
        """Compares the states of past days, and leaves in `truth` what they should be."""
        sides = StateSides(self._client, self._database, generation, self._hashes)
        found = Found()
        for kind, (since, until) in covered(self._client, self._database, generation).items():
            last = min(until, truth.today)
            states = state_days(self._client, self._database, self.read.compiled, kind, since, last)
            found.merge([sides.compare(states)])
            truth.states.update(states)
        return found

    def _snapshot(self, truth: Truth) -> SnapshotSide:
        """The snapshot; what it should hold is for the day on which it was taken."""
        day = _day(self.refreshed_at())
        if day != truth.today and day > 0:
            tree = Tree(self._province, day, mappings(self._client, self._database))
            truth = replace(truth, today=day, tree=tree, kept={}, windows={})
        return read_snapshot(self._client, self._database, truth)

    def _composites(self, snapshot: SnapshotSide) -> Found:
        parts = [part for part in parts_of(self._whole.indicators) if part.composite in self._codes]
        truth = snapshot.truth
        return compare_composites(self._client, self._database, parts, truth.tree, truth.today, snapshot.expected)

    def _asked_for(self, one: Difference, tree: Tree) -> bool:
        """Whether a difference is of the unit in question: of a value of it, or of a cell that counts in it."""
        unit = self._scope.unit
        if not unit or one.unit == unit:
            return True
        of_source = one.what.startswith(("cell ", "sealed ", "state_days "))
        return of_source and any(unit in trail for which in TREES for _, _, trail in tree.spans(which, one.unit))


def only(catalogue: Catalogue, codes: Collection[str]) -> Catalogue:
    """What some indicators need of a catalogue: composites need their parts, formulas their rollups, whole."""
    wanted = {*codes, *(part.code for part in parts_of(catalogue.indicators) if part.composite in codes)}
    formulas = {code: formula for code, formula in catalogue.compiled.formulas.items() if code in wanted}
    needed = {rollup for formula in formulas.values() for rollup in rollups_of(formula)}
    rollups = {key: rollup for key, rollup in catalogue.compiled.rollups.items() if key in needed}
    sectors = tuple(
        sector.model_copy(update={"indicator": [one for one in sector.indicator if one.code in wanted]})
        for sector in catalogue.sectors
    )
    return replace(catalogue, sectors=sectors, compiled=Compiled(rollups, formulas))


def _present_first(rollups: Iterable[Rollup]) -> Iterator[Rollup]:
    """The rollups in such an order that the denominators of age-dependent shares are there before their numerators."""
    yield from sorted(rollups, key=lambda rollup: (rollup.mode != "now", rollup.rollup_id))


def _batches(compiled: Compiled) -> Iterator[list[Rollup]]:
    """Rollups whose indicators are asked for together: a question costs as much as many answers."""
    some: list[Rollup] = []
    count = 0
    for rollup in _present_first(compiled.rollups.values()):
        some.append(rollup)
        count += len(_codes_of(compiled, rollup))
        if count >= _ASKED_TOGETHER:
            yield some
            some, count = [], 0
    if some:
        yield some


def _codes_of(compiled: Compiled, rollup: Rollup) -> list[str]:
    return [code for code, one in compiled.formulas.items() if one.numerator.rollup_id == rollup.rollup_id]


def _day(moment: datetime) -> int:
    return local_day(int(moment.timestamp()))
