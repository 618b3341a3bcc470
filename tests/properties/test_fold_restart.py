"""Restart at any point: what stands downstream is what the naive fold says, whatever was emitted by whom before."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ioc.catalogue.rollup import Rollup
from ioc.kafka.partition import partition_of
from streams.checkpoint import Found, choose, manifest_key, manifest_value, page_key, page_value
from streams.entities import PAGES
from streams.fold import Fold
from streams.pages import Packer
from tests.naive_fold import Cell, NaiveFold
from tests.properties.dossier_logs import decoded, events, logs
from tests.properties.test_fold import catalogues, taken


class Owner:
    """One life of a partition: restores, applies in batches, emits, checkpoints; everything it writes is in two dictionaries."""

    def __init__(
        self,
        name: str,
        rollups: list[Rollup],
        topic: dict[bytes, bytes],
        downstream: dict[Cell, tuple[int, list[int]]],
        kind: str = "dossier",
    ) -> None:
        self.name, self.topic, self.downstream = name, topic, downstream
        self.found: Found = choose(topic, "state")
        self.old = list(topic)
        self.fold = Fold(kind, rollups)
        self.packer = Packer(self.fold.layout, self.fold.entities, self.fold.texts)
        self.fold.resume(self.packer.unpack(self.found.pages.values()))
        self.fold.rebuild(0, len(self.fold.entities))
        self.revisions = dict(self.found.revisions)
        self.expected = self.found.offset or 0

    def apply(self, log: Sequence[Any], end: int) -> None:
        self.fold.apply(log[self.expected : end])
        self.expected = max(self.expected, end)

    def emit(self) -> None:
        for cell, vector in taken(self.fold).items():
            if cell not in self.downstream or self.expected - 1 >= self.downstream[cell][0]:
                self.downstream[cell] = self.expected - 1, vector

    def checkpoint(self, steps: int, horizon: int = 0) -> None:
        """A checkpoint that dies after some of its steps: each page, the manifest, each deletion."""
        self.emit()
        self.fold.advance(horizon)
        pages = self.fold.take_changed_pages()
        writes: list[tuple[bytes, bytes | None]] = []
        for page, rows in zip(pages, self.packer.rows_by_page(pages), strict=True):
            revision = max(self.expected, self.revisions.get(page, 0))
            self.revisions[page] = revision
            writes.append(
                (page_key(page, self.name), page_value(revision, self.packer.pack(page, rows, self.fold.horizon)))
            )
        writes.append((manifest_key(self.name), manifest_value(self.expected, self.revisions)))
        mine = {f"p/{page}/".encode() for page in pages}
        writes += [(key, None) for key in self.old if key.startswith(b"m/") or key[: key.rindex(b"/") + 1] in mine]
        for key, value in writes[:steps]:
            if value is None:
                self.topic.pop(key, None)
            else:
                self.topic[key] = value


long_logs = st.lists(events(), min_size=10, max_size=40).map(decoded)
lives = st.lists(
    st.tuples(
        st.lists(st.tuples(st.integers(1, 9), st.sampled_from(["", "emit", "checkpoint"])), min_size=1, max_size=8),
        st.integers(0, 20),
    ),
    min_size=1,
    max_size=4,
)
"""Of each owner: batches and what follows each; then after how many steps of a last checkpoint it dies."""


@settings(max_examples=200)
@given(catalogues, long_logs, lives, st.integers(1, 40))
def test_whoever_died_when_the_last_owner_leaves_the_truth(
    rollups: list[Rollup], log: list[Any], lives: list[tuple[list[tuple[int, str]], int]], last_batch: int
) -> None:
    topic: dict[bytes, bytes] = {}
    downstream: dict[Cell, tuple[int, list[int]]] = {}
    for number, (turns, steps) in enumerate(lives):
        owner = Owner(f"o{number}", rollups, topic, downstream)
        for size, then in turns:
            owner.apply(log, min(len(log), owner.expected + size))
            if then == "emit":
                owner.emit()
            elif then == "checkpoint":
                owner.checkpoint(PAGES)
        owner.checkpoint(steps)
    owner = Owner("last", rollups, topic, downstream)
    while owner.expected < len(log):
        owner.apply(log, min(len(log), owner.expected + last_batch))
        owner.emit()
    naive = NaiveFold("dossier", rollups)
    for event in log:
        naive.apply(event)
    truth = {cell: vector for cell, vector in naive.cells().items() if any(vector)}
    assert {cell: vector for cell, (_, vector) in downstream.items() if any(vector)} == truth


@given(catalogues, logs, st.integers(0, 40))
def test_a_restored_fold_is_the_fold(rollups: list[Rollup], log: list[Any], cut: int) -> None:
    topic: dict[bytes, bytes] = {}
    first = Owner("first", rollups, topic, {})
    first.apply(log, min(cut, len(log)))
    first.checkpoint(PAGES + 1)
    second = Owner("second", rollups, topic, {})
    assert second.expected == first.expected
    assert not taken(second.fold)
    for owner in (first, second):
        owner.apply(log, len(log))
    assert taken(second.fold) == taken(first.fold)
    names = {name: row for row, name in enumerate(second.fold.entities.names)}
    order = np.array([names[name] for name in first.fold.entities.names], np.int64)
    for name, column in first.fold.entities.columns.items():
        if column.dtype != np.int32:
            assert (second.fold.entities.columns[name][order] == column[: len(order)]).all()


@given(catalogues, logs, st.integers(1, 5))
def test_partitions_add_up_whatever_their_number(rollups: list[Rollup], log: list[Any], count: int) -> None:
    whole = Fold("dossier", rollups)
    whole.apply(log)
    parts = [Fold("dossier", rollups) for _ in range(count)]
    for event in log:
        parts[partition_of(event.entity, count)].apply([event])
    sums: dict[Cell, list[int]] = {}
    for part in parts:
        for cell, vector in taken(part).items():
            sums[cell] = [a + b for a, b in zip(sums.get(cell, [0] * len(vector)), vector, strict=True)]
    assert sums == taken(whole)
