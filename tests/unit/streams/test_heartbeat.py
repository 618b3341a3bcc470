"""How far a partition says that it is folded."""

from datetime import UTC, datetime, timedelta

from streams.heartbeat import Progress

NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)


def test_a_partition_that_applied_nothing_says_so() -> None:
    feed = Progress("dossier", 3).beat(NOON)
    assert (feed.source, feed.stream, feed.source_time, feed.records) == ("fold", "dossier/3", None, 0)


def test_behind_it_is_the_newest_observation_and_caught_up_the_moment_of_looking() -> None:
    progress = Progress("dossier", 0)
    progress.applied(10, NOON)
    progress.applied(5, NOON - timedelta(hours=1))
    feed = progress.beat(NOON)
    assert (feed.source_time, feed.records) == (NOON, 15)
    progress.caught_up(NOON + timedelta(seconds=9))
    feed = progress.beat(NOON)
    assert (feed.source_time, feed.records) == (NOON + timedelta(seconds=9), 0)


def test_time_never_goes_back() -> None:
    progress = Progress("dossier", 0)
    progress.caught_up(NOON)
    progress.applied(1, NOON - timedelta(days=1))
    progress.applied(1, None)
    assert progress.beat(NOON).source_time == NOON
