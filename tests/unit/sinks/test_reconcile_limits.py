"""How long reconcile looks: a while at what flows, until the timeout at what a round over the past has yet to put right."""

from sinks.compare import Result
from sinks.reconcile import FLOWING_S, TIMEOUT_S, Limits

FLOWING = Result(quiet=False)
STILL = Result(quiet=True)
ROUNDING = Result(quiet=True, steady=False)


def reached(at_s: float, result: Result, looks: int = 5, *, proven: bool = True, timeout_s: float = TIMEOUT_S) -> bool:
    return Limits(1000.0, timeout_s).reached(1000.0 + at_s, result, looks, proven=proven)


def test_what_flows_is_looked_at_for_a_while() -> None:
    assert not reached(FLOWING_S - 1, FLOWING)
    assert reached(FLOWING_S, FLOWING)
    assert reached(12, FLOWING, looks=1, timeout_s=12)


def test_what_is_believed_and_not_proven_is_waited_for() -> None:
    for result in (FLOWING, STILL):
        assert not reached(TIMEOUT_S - 1, result, proven=False)
        assert reached(TIMEOUT_S, result, proven=False)


def test_a_round_at_work_while_nothing_flows_is_waited_for() -> None:
    assert not reached(TIMEOUT_S - 1, ROUNDING)
    assert reached(TIMEOUT_S, ROUNDING)


def test_a_single_look_during_a_round_is_never_the_last() -> None:
    assert not reached(TIMEOUT_S + 100, ROUNDING, looks=1)
    assert reached(TIMEOUT_S + 100, ROUNDING, looks=2)
