"""The columnar fold against the naive one, on random logs and random catalogues."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ioc.catalogue.rollup import Rollup
from streams.fold import Fold
from tests.naive_fold import Cell, NaiveFold
from tests.properties import kind_logs
from tests.properties.dossier_logs import logs, rollup_sets

CATALOGUE = kind_logs.ROLLUPS["dossier"]
catalogues = st.just(CATALOGUE) | rollup_sets()


def taken(fold: Fold) -> dict[Cell, list[int]]:
    return {
        (cells.rollup_id, cells.grain, unit, bucket): vector
        for cells in fold.take()
        for unit, bucket, vector in zip(cells.units, cells.buckets, cells.vectors.tolist(), strict=True)
    }


def batches(log: Sequence[Any], borders: Sequence[int]) -> list[Sequence[Any]]:
    cuts = sorted({0, len(log), *(border % (len(log) + 1) for border in borders)})
    return [log[a:b] for a, b in pairwise(cuts)]


borders = st.lists(st.integers(0, 40), max_size=8)


@given(catalogues, logs, borders)
def test_each_batch_touches_what_its_events_touch_and_gives_their_sums(
    rollups: list[Rollup], log: list[Any], borders: list[int]
) -> None:
    fold, naive = Fold("dossier", rollups), NaiveFold("dossier", rollups)
    for batch in batches(log, borders):
        fold.apply(batch)
        touched = set().union(*(naive.apply(event) for event in batch))
        found, wanted = taken(fold), naive.cells()
        widths = {rollup.rollup_id: len(rollup.measures) for rollup in rollups}
        assert found == {cell: wanted.get(cell, [0] * widths[cell[0]]) for cell in touched}


@given(catalogues, logs, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(rollups: list[Rollup], log: list[Any], rnd: Any) -> None:
    # Equal versions mean equal content: the first of each is the one that counts.
    unique = list({(type(e), e.entity, e.version): e for e in reversed(log)}.values())
    again = unique + rnd.choices(unique, k=len(unique)) if unique else []
    rnd.shuffle(again)
    naive = NaiveFold("dossier", rollups)
    for event in unique:
        naive.apply(event)
    fold = Fold("dossier", rollups)
    fold.apply(again)
    assert {cell: vector for cell, vector in taken(fold).items() if any(vector)} == {
        cell: vector for cell, vector in naive.cells().items() if any(vector)
    }


@pytest.mark.parametrize("kind", sorted(kind_logs.ROLLUPS))
@settings(max_examples=15)
@given(st.data())
def test_every_kind_is_folded_as_the_catalogue_asks(kind: str, data: st.DataObject) -> None:
    rollups, log = kind_logs.ROLLUPS[kind], data.draw(kind_logs.logs(kind))
    fold, naive = Fold(kind, rollups), NaiveFold(kind, rollups)
    for batch in batches(log, data.draw(borders)):
        fold.apply(batch)
        for event in batch:
            naive.apply(event)
    assert {cell: vector for cell, vector in taken(fold).items() if any(vector)} == {
        cell: vector for cell, vector in naive.cells().items() if any(vector)
    }
