"""The days that panels read follow every change of the cells: each story ends with a comparison to what is computed when asked."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from ioc.errors import RetriableError
from sinks.clickhouse import generations, mappings
from sinks.clickhouse import snapshot as snapshots
from sinks.clickhouse.mappings import Mapping
from sinks.clickhouse.snapshot import Snapshot
from tests.clickhouse_front import FrontProcess
from tests.integration.past_rig import FLOW, NAME, NOBODY, OWNER, STATE, Broken, PastWorld


@pytest.fixture(scope="module")
def world(clickhouse_front: FrontProcess) -> Iterator[PastWorld]:
    made = PastWorld(clickhouse_front)
    made.snapshot.refresh()
    yield made
    made.client.execute(f"DROP DATABASE {NAME}")
    made.client.close()


def builds(world: PastWorld) -> list[int]:
    return [build for (build,) in world.client.query(f"SELECT DISTINCT build FROM {NAME}.unit_series")]


def test_panels_find_what_is_computed_when_asked(world: PastWorld) -> None:
    world.check()


@pytest.mark.parametrize(("nature", "code"), [("flow", STATE), ("state", FLOW), ("report", FLOW), ("flow", "XX-001")])
def test_what_is_not_of_the_nature_has_no_rows(world: PastWorld, nature: str, code: str) -> None:
    for grain in ("day", "month", "to_date"):
        assert world.kept(nature, code, grain) == set()


def test_what_comes_late_counts_on_its_day_and_in_every_unit_above(world: PastWorld) -> None:
    day, before = world.today - 3, world.numerator(world.today - 3)
    assert before is not None
    world.cell(OWNER, day, 1000)
    world.cell(NOBODY, day, 5)
    world.snapshot.refresh()
    assert world.numerator(day) != before
    assert world.numerator(day, "unknown") == 5
    world.check(("flow",))


def test_what_moves_to_another_day_and_unit_leaves_nothing_behind(world: PastWorld) -> None:
    day = world.today + 40
    world.cell(OWNER, day, 7)
    world.snapshot.refresh()
    assert world.numerator(day, OWNER) == 7
    world.cell(OWNER, day, 0, revision=3)
    world.cell(NOBODY, day + 1, 7)
    world.snapshot.refresh()
    assert [world.numerator(day, OWNER), world.numerator(day + 1, "unknown"), world.numerator(day + 1)] == [0, 7, 7]
    world.check(("flow",))


def test_a_code_is_given_a_unit_and_loses_it(world: PastWorld) -> None:
    day, (shown,) = world.today - 2, builds(world)
    world.cell(NOBODY, day, 11)
    world.snapshot.refresh()
    before = world.kept("flow", FLOW, "day")
    mapping = Mapping(NOBODY, OWNER, "test", datetime.now(UTC))
    mappings.store(world.client, NAME, mapping)
    # Laid out anew a portion at a time, read as before until it is whole.
    world.snapshot.refresh(0)
    assert world.snapshot.unfinished
    assert world.kept("flow", FLOW, "day") == before
    world.cell(NOBODY, day, 12, revision=3)
    world.snapshot.refresh(0)
    assert builds(world) == [shown]
    world.snapshot.refresh()
    assert not world.snapshot.unfinished
    assert world.numerator(day, "unknown") is None
    world.check(("flow", "state"))
    mappings.store(world.client, NAME, mapping, gone=True)
    world.snapshot.refresh()
    assert world.numerator(day, "unknown") == 12
    world.check(("flow", "state"))


def test_days_that_are_sealed_are_read_from_what_was_sealed(world: PastWorld) -> None:
    first = world.today - 5
    world.cell(OWNER, first, 0, revision=4)
    world.cell(OWNER, first, 3, table="sealed")
    world.snapshot.refresh()
    assert world.numerator(first, OWNER) != 3
    # Of the other units' cells on that day nothing was sealed: they are not there any more.
    world.seal(first + 1)
    world.snapshot.refresh()
    assert [world.numerator(first, OWNER), world.numerator(first)] == [3, 3]
    world.check(("flow",))
    world.cell(OWNER, first, 4, table="sealed")
    world.snapshot.refresh()
    assert [world.numerator(first, OWNER), world.numerator(first)] == [4, 4]
    world.check(("flow",))


def test_reports_are_corrected_and_withdrawn(world: PastWorld) -> None:
    for change in ("x -> x + 3", "x -> 0"):
        world.client.execute(
            f"INSERT INTO {NAME}.partials (generation, rollup_id, grain, unit, bucket, part, revision, measures) "
            f"SELECT generation, rollup_id, grain, unit, bucket, part, revision + 1, arrayMap({change}, measures) "
            f"FROM {NAME}.partials FINAL WHERE rollup_id LIKE 'statistic%' AND cityHash64(unit, bucket) % 7 = 0"
        )
        world.snapshot.refresh()
        world.check(("report",))


def test_states_that_are_computed_again_and_days_that_end(world: PastWorld) -> None:
    kind = world.catalogue.indicators[STATE].event
    days = f"state_days FINAL WHERE day IN ({world.today - 1}, {world.today - 9})"
    world.client.execute(
        f"INSERT INTO {NAME}.state_days (generation, code, unit, day, above, below, computed_at) "
        f"SELECT generation, code, unit, day - (day = {world.today - 9}) * 15, above + 1, below + 2, now64(3) FROM {NAME}.{days}"
    )
    world.snapshot.refresh()
    world.client.execute(
        f"INSERT INTO {NAME}.state_marks SELECT generation, kind, from_day - 5, until_day, looked_at, now64(3), revision + 1 "
        f"FROM {NAME}.state_marks FINAL WHERE kind = '{kind}'"
    )
    world.snapshot.refresh()
    rows = world.kept("state", STATE, "day")
    assert {row[4].toordinal() for row in rows} >= {datetime.fromtimestamp(86400 * (world.today - 24), UTC).toordinal()}
    world.client.execute(
        f"INSERT INTO {NAME}.state_marks SELECT generation, kind, from_day, until_day, looked_at, now64(3), revision + 1 "
        f"FROM {NAME}.state_marks FINAL WHERE kind != '{kind}'"
    )
    world.snapshot.refresh()
    world.check(("state",))


def test_counting_everything_anew_lays_no_days_out_and_misses_nothing(
    world: PastWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is when the day turns, and once an hour."""
    shown = builds(world)
    monkeypatch.setattr(snapshots, "FULL_S", 0.0)
    world.cell(OWNER, world.today - 1, 500, revision=7)
    world.snapshot.refresh()
    assert builds(world) == shown
    world.check(("flow",))


def test_whatever_step_a_snapshot_breaks_off_at_the_next_makes_it_good(world: PastWorld) -> None:
    broken = Broken(world.client)
    snapshot = Snapshot(broken, NAME)
    snapshot.refresh()
    value = 100
    for step in range(100):
        value += 1
        world.cell(OWNER, world.today - step % 4, value, revision=10 + step)
        world.cell(NOBODY, world.today + 50 + step, value)
        world.seal(world.today - 4) if step == 3 else None
        broken.breaks(step)
        try:
            snapshot.refresh()
        except RetriableError:
            broken.breaks(-1)
            snapshot.refresh()
        else:
            break
        finally:
            assert world.numerator(world.today + 50 + step, "unknown") == value
    assert 5 < step < 99
    world.check(("flow",))


@pytest.mark.parametrize(
    ("left", "text"),
    [(1, "INTO past_kept_test.unit_days"), (0, "TRUNCATE TABLE past_kept_test.unit_series_next"), (0, "INTO past_kept_test.unit_series_next"),
     (0, "past_kept_test.unit_series REPLACE"), (0, "past_kept_test.figure_ages REPLACE")],
)  # fmt: skip
def test_a_laying_out_that_its_process_left_is_never_read(world: PastWorld, left: int, text: str) -> None:
    world.snapshot.refresh()
    before, shown = world.kept("flow", FLOW, "week"), builds(world)
    dying = Broken(world.client)
    dying.breaks(left, text)
    with pytest.raises(RetriableError):
        Snapshot(dying, NAME).refresh()
    assert world.kept("flow", FLOW, "week") == before
    assert "figure_ages" in text or builds(world) == shown
    world.snapshot = Snapshot(world.client, NAME)
    world.snapshot.refresh()
    world.check(("flow",))


def test_another_generation_is_shown_as_a_whole(world: PastWorld) -> None:
    """Its measures stand at other places of vectors of the same rollups."""
    other = "0123456789ab"
    size = world.place(FLOW)[1]
    columns = "rollup_id, grain, unit, bucket, part, revision"
    world.client.execute(
        f"INSERT INTO {NAME}.partials (generation, {columns}, measures) "
        f"SELECT '{other}', {columns}, arrayReverse(arrayMap(x -> x + 1, measures)) FROM {NAME}.partials FINAL "
        f"WHERE generation = '{world.generation}' AND grain = 'day' AND rollup_id = '{world.place(FLOW)[0]}'"
    )
    world.client.execute(
        f"INSERT INTO {NAME}.formulas SELECT * REPLACE ('{other}' AS generation, {size} + 1 - numerator_position AS numerator_position, "
        f"if(denominator_position = 0, 0, {size} + 1 - denominator_position) AS denominator_position) "
        f"FROM (SELECT * FROM {NAME}.formulas FINAL WHERE generation = '{world.generation}' AND numerator_rollup = '{world.place(FLOW)[0]}')"
    )
    world.codes["flow"] = [FLOW]
    before = world.kept("flow", FLOW, "month")
    generations.point_to(world.client, world.target, other, "", {})
    assert world.kept("flow", FLOW, "month") == before
    world.snapshot.refresh(0)
    assert world.kept("flow", FLOW, "month") == before
    world.snapshot.refresh()
    assert world.kept("flow", FLOW, "month") != before
    for grain in ("day", "month"):
        computed = world.client.query(
            "SELECT code, unit, level, grain, period_start, numerator, denominator, value, reported, expected, provisional "
            f"FROM {NAME}.flow_period(code = '{FLOW}', grain = '{grain}', tree = 'today')"
        )
        assert world.kept("flow", FLOW, grain) == set(computed)
