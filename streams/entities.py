"""What is remembered of each entity: versions and features, a row each."""

import zlib
from collections.abc import Sequence
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from streams.cells import grown
from streams.features import NULL_CODE, Array, Columns, FacetBatch, Layout, Rows
from streams.forgotten import Forgotten

PAGES = 256
"""Hash ranges of entities; a checkpoint writes the ranges in which something changed."""

UNKNOWN = -1
"""The version of a facet of which nothing is known."""


def page_of(entity: str) -> int:
    """The hash range of an entity."""
    return zlib.crc32(entity.encode()) % PAGES


class Entities:
    """Rows of entities.

    Attributes:
        names: the entities, by row.
        pages: the hash range of each (int16).
        versions: for each facet, the version known of each entity (int64), `UNKNOWN` for none.
        exists: whether the main facet is known and not deleted.
        units: code of the main facet's unit (int32), null while it is unknown.
        columns: the features by name.
        forgotten: versions of entities (of kinds with one facet) that have no row any more.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._rows: dict[str, int] = {}
        self.names: list[str] = []
        self.pages = np.zeros(64, np.int16)
        self.versions: list[NDArray[np.int64]] = [np.full(64, UNKNOWN, np.int64) for _ in layout.facets]
        self.exists = np.zeros(64, np.bool_)
        self.units = np.full(64, NULL_CODE, np.int32)
        self.columns: Columns = {f.name: np.full(64, f.null, f.dtype) for f in layout.features.values()}
        self.forgotten = Forgotten()

    def __len__(self) -> int:
        return len(self.names)

    def rows_of(self, entities: Sequence[str]) -> Rows:
        """The rows of entities; new ones get a row with everything unknown."""
        rows = np.fromiter(map(self._rows.get, entities, repeat(-1)), np.int64, len(entities))
        missing = np.flatnonzero(rows < 0)
        if missing.size:
            wanted = [entities[place] for place in missing.tolist()]
            self._make(list(dict.fromkeys(wanted)))
            rows[missing] = [self._rows[entity] for entity in wanted]
        return rows

    def _make(self, new: list[str]) -> None:
        known, size = len(self.names), len(self.names) + len(new)
        self._rows.update(zip(new, range(known, size), strict=True))
        self.names += new
        if size > len(self.pages):
            self.pages = grown(self.pages, size, 0)
            self.versions = [grown(versions, size, UNKNOWN) for versions in self.versions]
            self.exists = grown(self.exists, size, 0)
            self.units = grown(self.units, size, NULL_CODE)
            for feature in self._layout.features.values():
                self.columns[feature.name] = grown(self.columns[feature.name], size, feature.null)
        pages = list(map(page_of, new))
        self.pages[known:size] = pages
        if len(self.versions) == 1:
            self.versions[0][known:size] = self.forgotten.versions_of(pages, new, UNKNOWN)

    def keep_only(self, rows: Rows, *, remember: bool) -> None:
        """Forgets all entities but those of these rows, which become 0, 1, 2 …; `remember`: their versions stay."""
        if remember:
            gone = np.ones(len(self), np.bool_)
            gone[rows] = False
            for page in np.unique(self.pages[: len(self)][gone]).tolist():
                mine = np.flatnonzero(gone & (self.pages[: len(self)] == page))
                self.forgotten.add(page, [self.names[row] for row in mine.tolist()], self.versions[0][mine])
        self.names = [self.names[row] for row in rows.tolist()]
        self._rows = dict(zip(self.names, range(len(self.names)), strict=True))
        self.pages = grown(self.pages[rows], 64, 0)
        self.versions = [grown(versions[rows], 64, UNKNOWN) for versions in self.versions]
        self.exists = grown(self.exists[rows], 64, 0)
        self.units = grown(self.units[rows], 64, NULL_CODE)
        for feature in self._layout.features.values():
            self.columns[feature.name] = grown(self.columns[feature.name][rows], 64, feature.null)

    def newer(self, batch: FacetBatch, rows: Rows) -> NDArray[np.bool_]:
        """Which events of a facet are newer than all that is known, those before them in the batch included.

        Args:
            batch: the events.
            rows: the row of each event's entity.
        """
        newer = batch.versions > self.versions[batch.facet][rows]
        entity = np.sort(rows)
        again = entity[1:] == entity[:-1]
        if not again.any():
            return newer
        order = np.argsort(rows, kind="stable")
        versions = batch.versions[order]
        greatest = versions.copy()
        step = 1
        while (same := entity[step:] == entity[:-step]).any():
            # Doubling the reach each time: the greatest version among an entity's events up to this one.
            reached = np.where(same, np.maximum(greatest[step:], greatest[:-step]), greatest[step:])
            greatest[step:] = reached
            step *= 2
        ahead = np.ones(len(rows), np.bool_)
        ahead[1:] = ~again | (versions[1:] > greatest[:-1])
        newer[order] &= ahead
        return newer

    def keep(self, batch: FacetBatch, rows: Rows, newer: NDArray[np.bool_]) -> None:
        """Stores the newer events of a facet; of several of one entity the last stays, as numpy assigns in order."""
        whole = bool(newer.all())

        def kept(column: Array) -> Array:
            return column if whole else column[newer]

        rows = kept(rows)
        self.versions[batch.facet][rows] = kept(batch.versions)
        if batch.units is not None:
            self.units[rows] = kept(batch.units)
            self.exists[rows] = kept(batch.alive)
        for name, column in batch.columns.items():
            self.columns[name][rows] = kept(column)
