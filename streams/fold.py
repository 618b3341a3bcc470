"""The fold: events of one partition of a kind → touched cells. Pure: no clock, no input or output.

The state after a batch, and the cells that it touched, are those of applying its events one by one, whatever the borders
of the batches: a cell is touched by an event when the entity lay there before it or after it, also if another event of the
same batch takes it away again, or if its vector comes out the same. Somebody may have emitted a value in between
under a lower revision, and only a newer revision replaces that downstream.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ioc.catalogue.expr import Condition
from ioc.catalogue.rollup import Rollup
from ioc.contracts.decoder import FastEvent
from ioc.contracts.kinds import KINDS
from streams.cells import NOWHERE
from streams.entities import PAGES, Entities
from streams.features import Array, Columns, FacetBatch, Layout, Rows
from streams.placement import Cells, Placement
from streams.vector import Gate, Program


class Fold:
    """The state of one partition.

    Attributes:
        layout: the features remembered.
        texts: codes of units and texts.
        entities: what is remembered of each entity.
        horizon: cells of flows before this local day (days since 1970-01-01) are sealed: they are not kept, whatever comes.
    """

    def __init__(self, kind: str, rollups: Sequence[Rollup]) -> None:
        self.layout = Layout(kind, rollups)
        self.texts = self.layout.texts()
        self.entities = Entities(self.layout)
        self.horizon = 0
        self._remembers = not KINDS[kind].main.data.IMMUTABLE
        self._changed_pages = np.zeros(PAGES, np.bool_)
        by_facets: dict[frozenset[int], list[Rollup]] = {}
        for rollup in rollups:
            facets = frozenset({0, *(self.layout.facet_of(field) for field in rollup.fields)})
            by_facets.setdefault(facets, []).append(rollup)
        self._groups = [_Group(facets, members, self) for facets, members in by_facets.items()]

    def apply(self, events: Sequence[FastEvent]) -> None:
        """Applies events in the order of the log."""
        if not events:
            return
        news = []
        for batch in self.layout.split(events, self.texts):
            entities = self.entities.rows_of(batch.entities)
            newer = self.entities.newer(batch, entities)
            if newer.any():
                news.append(_News(batch, entities, newer))
        if not news:
            return
        moves = [move for group in self._groups if (move := group.begin(news)) is not None]
        for new in news:
            self.entities.keep(new.batch, new.entities, new.newer)
            self._changed_pages[self.entities.pages[new.entities[new.newer]]] = True
        for move in moves:
            move.finish()

    def advance(self, horizon: int) -> None:
        """Moves the horizon on, never back: drops the cells before it, and entities that no other cell needs.

        Entities of several facets stay: an event brings one facet, and the others would be missing when it brings the
        entity back into a cell. A cell that was touched and not taken is dropped too.
        """
        if horizon <= self.horizon:
            return
        self.resume(horizon)
        if len(self.layout.facets) > 1:
            return
        needed = np.zeros(len(self.entities), np.bool_)
        for group in self._groups:
            needed |= group.needed()
        if needed.all():
            return
        self._changed_pages[self.entities.pages[: len(needed)][~needed]] = True
        rows = np.flatnonzero(needed)
        self.entities.keep_only(rows, remember=self._remembers)
        for group in self._groups:
            for placement in group.placements:
                placement.keep(rows)

    def resume(self, horizon: int) -> None:
        """Sets the horizon under which loaded entities were stored, before they are counted."""
        self.horizon = horizon
        for group in self._groups:
            for placement in group.placements:
                placement.cut(horizon)

    def take_changed_pages(self) -> list[int]:
        """The hash ranges in which something changed since the last time."""
        pages: list[int] = np.flatnonzero(self._changed_pages).tolist()
        self._changed_pages[:] = False
        return pages

    def rebuild(self, first: int, last: int) -> None:
        """Counts the entities of rows `first` … `last` - 1, which were loaded and not yet counted; touches nothing."""
        rows = np.arange(first, last)[self.entities.exists[first:last]]
        for group in self._groups:
            group.count(rows)

    def take(self) -> Iterator[Cells]:
        """The touched cells with their vectors; forgets that they were touched."""
        for group in self._groups:
            for placement in group.placements:
                yield from placement.take(self.texts.texts)


class _News:
    """The events of one facet in a batch, and which of them are newer than what was known."""

    def __init__(self, batch: FacetBatch, entities: Rows, newer: NDArray[np.bool_]) -> None:
        self.batch, self.entities, self.newer = batch, entities, newer


class _Group:
    """The rollups that read the same facets: an event of another facet cannot change them."""

    def __init__(self, facets: frozenset[int], rollups: Sequence[Rollup], fold: Fold) -> None:
        self.facets = facets
        self.entities = fold.entities
        by_place: dict[tuple[bool, str | None, tuple[Condition, ...]], list[Rollup]] = {}
        for rollup in rollups:
            by_place.setdefault((rollup.mode == "flow", rollup.time, rollup.where), []).append(rollup)
        ordered = [rollup for members in by_place.values() for rollup in members]
        measures = [measure for rollup in ordered for measure in rollup.measures]
        self.program = Program(measures, fold.layout.features, fold.texts)
        self.placements: list[Placement] = []
        first = 0
        for members in by_place.values():
            gate = Gate(members[0].where, fold.layout.features, fold.texts) if members[0].where else None
            self.placements.append(Placement(members, self.program, first, gate))
            first += sum(len(rollup.measures) for rollup in members)
        placed = {name for placement in self.placements for name in placement.reads}
        self.features = tuple(sorted({*self.program.features, *placed}))
        self.facet_of = {name: fold.layout.facet_of(name) for name in placed}

    def begin(self, news: Sequence[_News]) -> "_Move | None":
        """Looks at the entities that the news change in these rollups, before they are stored."""
        mine = [new for new in news if new.batch.facet in self.facets]
        if not mine:
            return None
        return _Move(self, mine)

    def gather(self, rows: Rows) -> Columns:
        """The features of entities."""
        return {name: self.entities.columns[name][rows] for name in self.features}

    def needed(self) -> NDArray[np.bool_]:
        """Which entities lie in a cell of a flow, or add anything to another."""
        size = len(self.entities)
        found = np.zeros(size, np.bool_)
        for placement in self.placements:
            placement.reserve(size)
            if placement.flows:
                found |= placement.home(np.arange(size)) != NOWHERE
        rows = np.flatnonzero(~found & self.entities.exists[:size])
        counts, sums = self.program.run(self.gather(rows), len(rows))
        for placement in self.placements:
            if not placement.flows:
                found[rows] |= placement.counts_any(counts, sums)
        return found

    def count(self, rows: Rows) -> None:
        """Counts entities that were not counted yet."""
        columns = self.gather(rows)
        counts, sums = self.program.run(columns, len(rows))
        units, alive = self.entities.units[rows], np.ones(len(rows), np.bool_)
        for placement in self.placements:
            placement.reserve(len(self.entities))
            cells = placement.locate(units, columns, alive, np.full(len(rows), NOWHERE))
            placement.add(cells, counts, sums)
            placement.settle(rows, cells)


class _Move:
    """What a batch does in the rollups of a group: entities leave their cells as they were and enter as they are."""

    def __init__(self, group: _Group, news: Sequence[_News]) -> None:
        self.group, self.entities = group, group.entities
        rows = np.concatenate([new.entities[new.newer] for new in news])
        ordered = np.sort(rows)
        self.rows = ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))]
        for placement in group.placements:
            placement.reserve(len(self.entities))
        if len(self.rows) < len(rows):
            self._pass_through(news, rows)
        self.leaving = self.rows[self.entities.exists[self.rows]]
        self.before = group.gather(self.leaving)

    def finish(self) -> None:
        """Once the news are stored: takes away what the entities added before and adds what they add now."""
        group, entities = self.group, self.entities
        entering = self.rows[entities.exists[self.rows]]
        after = group.gather(entering)
        left = len(self.leaving)
        columns = {name: np.concatenate((self.before[name], after[name])) for name in group.features}
        counts, sums = group.program.run(columns, left + len(entering))
        np.negative(counts[:left], out=counts[:left])
        np.negative(sums[:left], out=sums[:left])
        units, alive = entities.units[entering], np.ones(len(entering), np.bool_)
        for placement in group.placements:
            old = placement.home(self.leaving)
            new = placement.locate(units, after, alive, placement.home(entering))
            cells = np.concatenate((old, new))
            placement.add(cells, counts, sums)
            placement.touch(cells)
            placement.settle(self.leaving, np.full(left, NOWHERE))
            placement.settle(entering, new)

    def _pass_through(self, news: Sequence[_News], rows: Rows) -> None:
        """Touches the cells in which entities with several events lie between two of them."""
        steps = _Steps(news, rows)
        exists = steps.fill(0, [n.batch.alive for n in news], self.entities.exists)
        units = steps.fill(0, [n.batch.units for n in news], self.entities.units)
        for placement in self.group.placements:
            columns = {
                name: steps.fill(
                    self.group.facet_of[name], [n.batch.columns.get(name) for n in news], self.entities.columns[name]
                )
                for name in placement.reads
            }
            hint = placement.home(steps.entities)
            placement.touch(placement.locate(units, columns, exists, hint))


class _Steps:
    """The newer events of the entities that have several, ordered by entity and then as they came.

    Attributes:
        entities: the row of each event's entity.
    """

    def __init__(self, news: Sequence[_News], rows: Rows) -> None:
        self._news = news
        came = np.concatenate([new.batch.at[new.newer] for new in news])
        facets = np.concatenate([np.full(int(new.newer.sum()), new.batch.facet) for new in news])
        order = np.lexsort((came, rows))
        entities = rows[order]
        same = entities[1:] == entities[:-1]
        several = np.zeros(len(rows), np.bool_)
        several[1:] |= same
        several[:-1] |= same
        self._order = order[several]
        self.entities = entities[several]
        self._facets = facets[self._order]
        starts = np.concatenate(([True], self.entities[1:] != self.entities[:-1]))
        self._first = np.maximum.accumulate(np.where(starts, np.arange(len(starts)), 0))

    def fill(self, facet: int, columns: Sequence[Array | None], known: Array) -> NDArray[Any]:
        """A column of one facet as it is after each event: from the last event of the facet so far, else what was known.

        Args:
            facet: index of the facet.
            columns: the column in each of the news; None in those of other facets.
            known: the column of all entities, before the batch.
        """
        came = np.concatenate(
            [
                np.zeros(int(new.newer.sum()), known.dtype) if column is None else column[new.newer]
                for new, column in zip(self._news, columns, strict=True)
            ]
        )[self._order]
        places = np.arange(len(came))
        last = np.maximum.accumulate(np.where(self._facets == facet, places, -1))
        return np.where(last >= self._first, came[last], known[self.entities])
