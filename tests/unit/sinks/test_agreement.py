"""A cell is right when it was equal once, wrong when it is off by the same in several looks; what moves decides nothing."""

from collections.abc import Callable

from sinks.agreement import Cell, Pair, agreement
from sinks.suspects import LOOKS

A, B = ("dossier_now", "H12", 0), ("dossier_now", "H13", 0)


def looks(*found: dict[Cell, Pair]) -> Callable[[], tuple[int, dict[Cell, Pair]]]:
    """Finds one after the other, then always the last."""
    rest = list(found)
    return lambda: (7, rest.pop(0) if len(rest) > 1 else rest[0])


def waits() -> tuple[list[int], Callable[[], None]]:
    count: list[int] = []
    return count, lambda: count.append(1)


def test_one_look_is_enough_when_nothing_differs() -> None:
    count, wait = waits()
    result = agreement(looks({}), wait)
    assert (result.cells, result.wrong, result.left_out, len(count)) == (7, {}, [], 1)


def test_what_is_off_by_the_same_is_wrong_although_it_grows() -> None:
    moving: list[dict[Cell, Pair]] = [{A: ((n, 0), (n + 1, 0))} for n in range(LOOKS)]
    assert agreement(looks(*moving), lambda: None).wrong == {A: ((LOOKS - 1, 0), (LOOKS, 0))}


def test_what_was_equal_once_is_right() -> None:
    result = agreement(looks({A: ((1,), (2,)), B: ((1,), (2,))}, {B: ((1,), (2,))}, {A: ((5,), (6,))}), lambda: None)
    assert (result.wrong, result.left_out) == ({}, [])


def test_what_is_never_equal_and_never_the_same_is_left_out() -> None:
    moving: list[dict[Cell, Pair]] = [{A: ((n,), (n * 2,)), B: ((3,), (4,))} for n in range(1, 30)]
    result = agreement(looks(*moving), lambda: None, looks=2 * LOOKS)
    assert (result.wrong, result.left_out) == ({B: ((3,), (4,))}, [A])
