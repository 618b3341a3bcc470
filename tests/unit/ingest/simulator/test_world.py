"""The time model: what follows from the seed alone, and the profiles' shapes in the counts."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.simulator.moments import DAY_MS, from_ms, to_ms
from ingest.simulator.world import ALWAYS, CITIZENS, HOSPITAL, HOUR_MS, OFFICE, SLOTS, Process, Profile
from ioc.clock import LOCAL

MONDAY = datetime(2026, 11, 16, tzinfo=LOCAL)
MONDAY_MS = to_ms(MONDAY)


def process(per_day: float = 7_200, profile: Profile = HOSPITAL, **more: float) -> Process:
    return Process("clinic:visits", per_day, profile, seed=int(more.pop("seed", 7)), **more)  # type: ignore[arg-type]


def on_day(found: Process, day: date) -> int:
    """Events of a local day."""
    first = to_ms(datetime(day.year, day.month, day.day, tzinfo=LOCAL)) // HOUR_MS
    return sum(map(found.size, range(first, first + 24)))


def test_the_same_seed_gives_the_same_events_however_they_are_read() -> None:
    whole = list(process().events(MONDAY_MS, MONDAY_MS + DAY_MS))
    in_parts = [
        event
        for minute in range(0, 24 * 60, 7)
        for event in process().events(
            MONDAY_MS + minute * 60_000, min(MONDAY_MS + (minute + 7) * 60_000, MONDAY_MS + DAY_MS)
        )
    ]
    assert in_parts == whole
    assert len(whole) == process().count(MONDAY_MS, MONDAY_MS + DAY_MS) > 7_200
    assert [event.draws().random() for event in whole[:50]] == [event.draws().random() for event in in_parts[:50]]


def test_moments_are_in_order_and_numbers_tell_events_apart() -> None:
    events = list(process().events(MONDAY_MS, MONDAY_MS + DAY_MS))
    assert [event.number for event in events] == sorted({event.number for event in events})
    assert [event.at_ms for event in events] == sorted(event.at_ms for event in events)
    assert MONDAY_MS <= events[0].at_ms <= events[-1].at_ms < MONDAY_MS + DAY_MS


def test_an_event_is_found_again_by_its_number() -> None:
    found = process()
    for event in list(found.events(MONDAY_MS, MONDAY_MS + DAY_MS))[::97]:
        assert found.event(event.number) == event
    hour = MONDAY_MS // HOUR_MS
    assert found.event(hour * SLOTS + found.size(hour)) is None
    assert found.event(-1) is None


def test_another_seed_or_name_gives_other_events() -> None:
    day = MONDAY_MS, MONDAY_MS + DAY_MS
    ours = list(process().events(*day))
    assert list(process(seed=8).events(*day)) != ours
    other = list(Process("clinic:bookings", 7_200, HOSPITAL, seed=7).events(*day))
    assert [event.at_ms for event in other] != [event.at_ms for event in ours]
    assert ours[0].draws("a").random() != ours[0].draws("b").random() != ours[1].draws("b").random()


def test_nothing_happens_before_the_beginning() -> None:
    begin_ms = MONDAY_MS + 9 * HOUR_MS + 1_800_000
    late = process(begin_ms=begin_ms)
    events = list(late.events(0, MONDAY_MS + DAY_MS))
    assert events == list(process().events(begin_ms, MONDAY_MS + DAY_MS))
    before = next(process().events(MONDAY_MS, MONDAY_MS + DAY_MS))
    assert late.event(before.number) is None
    assert list(late.events(MONDAY_MS, MONDAY_MS)) == []


@given(st.integers(400_000, 600_000), st.floats(0, 200_000), st.sampled_from([ALWAYS, OFFICE, HOSPITAL, CITIZENS]))
def test_the_size_of_an_hour_is_the_number_of_its_moments(hour: int, per_day: float, profile: Profile) -> None:
    found = process(per_day, profile)
    moments = found.moments(hour)
    assert len(moments) == found.size(hour)
    assert all(at_ms // HOUR_MS == hour for at_ms in moments)


def test_the_mean_is_the_number_a_day() -> None:
    """Whatever the profile does, a year without month-ends and holidays has 365 mean days."""
    plain = Profile(HOSPITAL.hours, HOSPITAL.weekdays, HOSPITAL.months)
    days = [date(2027, 1, 1) + timedelta(days=n) for n in range(364)]
    assert sum(map(plain.of_day, days)) == pytest.approx(364, rel=0.01)
    assert sum(map(plain.of_hour, range(24))) == pytest.approx(1)
    counted = sum(on_day(process(profile=plain), day) for day in days[:28])
    assert counted == pytest.approx(
        28 * 7_200 * plain.of_day(date(2027, 1, 1)) / plain.weekdays[4] * 6.55 / 7, rel=0.02
    )


def test_mornings_and_weekdays_show() -> None:
    found = process(10_000, OFFICE)
    hour = MONDAY_MS // HOUR_MS
    assert found.size(hour + 3) == 0
    assert found.size(hour + 9) > 5 * found.size(hour + 12) > 0
    monday, saturday = date(2026, 11, 16), date(2026, 11, 21)
    assert on_day(found, monday) > 8 * on_day(found, saturday) > 0


def test_month_ends_and_months_show() -> None:
    found = process(10_000, OFFICE)
    ordinary, last = date(2026, 6, 23), date(2026, 6, 30)  # both Tuesdays
    assert 1.15 < on_day(found, last) / on_day(found, ordinary) < 1.35
    rainy, dry = date(2026, 9, 15), date(2026, 3, 17)  # both Tuesdays
    assert 1.1 < on_day(process(profile=HOSPITAL), rainy) / on_day(process(profile=HOSPITAL), dry) < 1.2


def test_holidays_are_quiet() -> None:
    found = process(10_000, OFFICE)
    ordinary, tet, reunification = date(2027, 2, 16), date(2027, 2, 9), date(2026, 4, 30)  # Tuesdays and a Thursday
    assert on_day(found, tet) < on_day(found, ordinary) / 20
    assert on_day(found, reunification) < on_day(found, ordinary) / 20


@pytest.mark.parametrize("times", [0.1, 3, 100])
def test_times_multiplies(times: float) -> None:
    one, more = process(), process(times=times)
    hours = range(MONDAY_MS // HOUR_MS, MONDAY_MS // HOUR_MS + 24)
    assert sum(map(more.size, hours)) == pytest.approx(times * sum(map(one.size, hours)), rel=0.06)


def test_rare_events_come_as_often_as_they_should() -> None:
    rare = process(3, ALWAYS)
    first = MONDAY_MS // HOUR_MS
    assert sum(map(rare.size, range(first, first + 24 * 365))) == pytest.approx(3 * 365, rel=0.08)
    assert process(0, ALWAYS).count(MONDAY_MS, MONDAY_MS + DAY_MS) == 0


@pytest.mark.parametrize("hours", [(1.0,) * 23, (0.0,) * 24, (-1.0, *(1.0,) * 23)])
def test_a_profile_without_sense_is_refused(hours: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="give 24 weights"):
        Profile(hours=hours)


def test_hours_are_local_ones() -> None:
    only_at_eight = Profile(hours=tuple(float(hour == 8) for hour in range(24)))
    assert {
        from_ms(event.at_ms).hour for event in process(500, only_at_eight).events(MONDAY_MS, MONDAY_MS + DAY_MS)
    } == {8}
