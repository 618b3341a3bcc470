"""A difference is believed when it was the same in so many looks on end; a look without it, or with another, begins anew."""

from sinks.suspects import LOOKS, Suspects


def after(*looks: dict[str, int]) -> Suspects[str, int]:
    suspects: Suspects[str, int] = Suspects()
    for found in looks:
        suspects.look(found)
    return suspects


def told(suspects: Suspects[str, int]) -> tuple[list[str], list[str]]:
    """What is believed, what is not."""
    return sorted(suspects.believed), sorted(suspects.open)


def test_what_is_the_same_for_long_enough_is_believed_and_not_before() -> None:
    same = [{"a": 1, "b": number} for number in range(LOOKS)]
    early = after(*same[:-1])
    assert told(early) == ([], ["a", "b"])
    late = after(*same)
    assert told(late) == (["a"], ["b"])
    late.look({"a": 1, "b": LOOKS - 1})
    assert told(late) == (["a"], ["b"])
    assert "a" in late
    assert "c" not in late


def test_what_was_equal_in_between_begins_anew() -> None:
    looks = [{"a": 1}] * (LOOKS - 1)
    suspects = after(*looks, {}, *looks)
    assert told(suspects) == ([], ["a"])
    suspects.look({"a": 1})
    assert told(suspects) == (["a"], [])


def test_what_differs_otherwise_begins_anew() -> None:
    suspects = after(*[{"a": 1}] * LOOKS, {"a": 2})
    assert told(suspects) == ([], ["a"])
