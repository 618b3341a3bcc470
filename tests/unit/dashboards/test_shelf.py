"""What is read follows who looks, and is bounded."""

import pytest

from dashboards.wall.question import Question
from dashboards.wall.shelf import CrowdedError, Shelf
from dashboards.wall.view import Query, View


def view(name: str, *texts: str) -> View:
    return View((name,), "digest", tuple(Query("1", str(i), Question(text)) for i, text in enumerate(texts)))


def watched(shelf: Shelf, pinned: bool = False) -> set[str]:
    return {reading.question.text for reading in shelf.watched(pinned)}


def test_equal_questions_of_different_views_are_one() -> None:
    shelf = Shelf()
    one, two = view("one", "a", "b"), view("two", "b", "c")
    for _ in range(25):
        shelf.enter(one, 0)
        shelf.enter(two, 0)
    assert len(shelf) == 3
    assert watched(shelf) == {"a", "b", "c"}
    assert len(shelf.watched()) == 3, "fifty viewers ask no more than two"


def test_what_nobody_looks_at_is_not_read_and_is_dropped_after_a_while() -> None:
    shelf = Shelf(kept_s=60)
    one, two = view("one", "a", "b"), view("two", "b", "c")
    shelf.enter(one, 0)
    shelf.enter(two, 0)
    shelf.leave(one, 10)
    assert watched(shelf) == {"b", "c"}
    assert len(shelf) == 3, "for whoever comes back"
    shelf.clear(70)
    assert len(shelf) == 3
    shelf.clear(71)
    assert len(shelf) == 2
    assert watched(shelf) == {"b", "c"}


def test_a_pinned_view_stays_and_is_read_when_that_is_asked_for() -> None:
    shelf = Shelf(kept_s=0)
    shelf.pin(view("wall", "a"))
    shelf.clear(1000)
    assert watched(shelf) == set()
    assert watched(shelf, pinned=True) == {"a"}


def test_views_without_viewers_make_room_those_with_viewers_do_not() -> None:
    shelf = Shelf(most=3)
    one, two, three = view("one", "a", "b"), view("two", "c", "d"), view("three", "b", "e")
    shelf.enter(one, 0)
    with pytest.raises(CrowdedError, match="Quá nhiều bảng số liệu"):
        shelf.enter(two, 1)
    shelf.enter(three, 2)
    assert watched(shelf) == {"a", "b", "e"}
    shelf.leave(one, 3)
    shelf.leave(three, 4)
    shelf.enter(two, 5)
    assert watched(shelf) == {"c", "d"}
