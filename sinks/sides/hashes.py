"""Hashes of texts as ClickHouse gives them, asked for once: what weights of fingerprints begin with."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sinks.clickhouse.columns import quoted
from sinks.truth.figures import WEIGHT, weights
from sinks.truth.sums import Columnar, Ints
from sinks.truth.tree import Tree


class Hashes:
    """`cityHash64` of texts."""

    def __init__(self, client: Columnar) -> None:
        self._client = client
        self._known: dict[str, int] = {}

    def __call__(self, texts: Sequence[str]) -> NDArray[np.uint64]:
        """The hash of each text."""
        if new := sorted(set(texts) - self._known.keys()):
            listed = ", ".join(map(quoted, new))
            (found,) = self._client.columns(f"SELECT cityHash64(arrayJoin([{listed}]))")
            self._known |= dict(zip(new, map(int, found), strict=True))
        return np.array([self._known[text] for text in texts], np.uint64)


def unit_weight(number: str) -> str:
    """The weight of a row that has `unit` and `level`, in SQL; `number`: the expression of its day."""
    return WEIGHT.format(hash="bitXor(cityHash64(toString(unit)), cityHash64(toString(level)))", number=number)


def unit_weights(hashes: Hashes, tree: Tree, units: Ints, days: Ints) -> Ints:
    """The same of places in `tree.units`."""
    return weights(hashes(tree.units) ^ hashes(tree.levels), units, days)
