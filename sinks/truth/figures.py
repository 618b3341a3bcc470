"""A figure and its parts, column by column, and their fingerprints."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ioc.catalogue.rollup import Formula
from sinks.truth.days import Days
from sinks.truth.sums import Ints

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

PARTS = ("numerator", "denominator", "reported", "expected", "provisional", "valued")
"""What is compared of a figure; the value follows from the first two wherever there is one (`valued`)."""


@dataclass(frozen=True)
class Figures:
    """Figures of one indicator in one tree and one grain: by unit (its place in `Tree.units`) and first day of the period.

    A denominator is 0 where the indicator has none; so are reports where nothing is reported. `valued` tells where there is a value.
    """

    units: Ints
    starts: Days
    above: Ints
    below: Ints
    reported: Ints
    expected: Ints
    provisional: Bools
    valued: Bools

    @property
    def parts(self) -> tuple[Ints, ...]:
        """As integers, in the order of `PARTS`; what does not count in any way is 0 throughout, as if it were absent."""
        there = (self.above != 0) | (self.below != 0) | (self.reported != 0)
        return (
            self.above,
            self.below,
            self.reported,
            np.where(there, self.expected, 0),
            (there & self.provisional).astype(np.int64),
            (there & self.valued).astype(np.int64),
        )

    def of(self, rows: Bools | Ints) -> "Figures":
        """Some of them."""
        return Figures(
            self.units[rows], self.starts[rows], self.above[rows], self.below[rows], self.reported[rows],
            self.expected[rows], self.provisional[rows], self.valued[rows],
        )  # fmt: skip


def figures(units: Ints, starts: Days, above: Ints, below: Ints | None, provisional: Bools) -> Figures:
    """Figures that are not reported ones."""
    none = np.zeros(len(units), np.int64)
    valued = np.ones(len(units), np.bool_) if below is None else below != 0
    return Figures(units, starts, above, none if below is None else below, none, none, provisional, valued)


def values_of(formula: Formula, above: Ints, below: Ints) -> Floats:
    """The values, with the operations in the order in which the views do them; NaN where there is nothing to divide by."""
    scaled = above.astype(np.float64) * formula.multiplier / formula.divisor
    if formula.denominator is None:
        return scaled
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below != 0, scaled / below, np.nan)


def same(left: Floats, right: Floats) -> Bools:
    """Where two values are the same; two that are absent are."""
    equal: Bools = np.isclose(left, right, rtol=1e-12, atol=0, equal_nan=True)
    return equal


_SALT, _FIRST, _SECOND = np.uint64(0x4CF2D2BAAE6DA887), np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_HALF = np.uint64(33)


def scattered(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """ClickHouse's `intHash64`."""
    mixed = numbers ^ _SALT
    for factor in (_FIRST, _SECOND):
        mixed ^= mixed >> _HALF
        mixed *= factor
    return mixed ^ (mixed >> _HALF)


def weights(hashes: NDArray[np.uint64], keys: Ints, numbers: Ints) -> Ints:
    """A weight for each (key, number) that looks like chance: the same as `WEIGHT` gives in SQL. `hashes` belong to the keys."""
    return scattered(hashes[keys] ^ numbers.astype(np.uint64)).view(np.int64)


WEIGHT = "toInt64(intHash64(bitXor({hash}, toUInt64({number}))))"
"""`weights` in SQL."""


def print_of(weight: Ints, columns: Sequence[Ints]) -> tuple[int, ...]:
    """A fingerprint of columns: sums of value times weight, modulo 2^64; equal sums mean equal columns, but for one chance in 2^64.

    It adds up: values that are zero do not count, and parts of a value may be summed before or after.
    """
    return tuple(int((column * weight).sum()) for column in columns)
