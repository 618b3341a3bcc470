"""The calendar of working days: counting, its ends, its faults; its lunar days against the moon itself."""

import math
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from ioc.calendar import TET, CalendarError, calendar, is_working, load_calendar, working_days

DAYS = [day for day, *_ in calendar().rows()]


def new_moon(k: int) -> float:
    """Julian day of the k-th new moon since 1900-01-01 (J. Meeus, Astronomical Algorithms, ch. 49; minutes are enough)."""
    t = k / 1236.85
    r = math.pi / 180
    mean = 2415020.75933 + 29.53058868 * k + 0.0001178 * t * t + 0.00033 * math.sin((166.56 + 132.87 * t) * r)
    m, mp, f = 359.2242 + 29.10535608 * k, 306.0253 + 385.81691806 * k + 0.0107306 * t * t, 21.2964 + 390.67050646 * k
    m, mp, f = m * r, mp * r, f * r
    shift = (0.1734 - 0.000393 * t) * math.sin(m) + 0.0021 * math.sin(2 * m) - 0.4068 * math.sin(mp)
    shift += (
        0.0161 * math.sin(2 * mp) + 0.0104 * math.sin(2 * f) - 0.0051 * math.sin(m + mp) - 0.0074 * math.sin(m - mp)
    )
    return mean + shift - (-0.000278 + 0.000265 * t + 0.000262 * t * t)


def local_new_moon(k: int) -> date:
    """The day at UTC+7 on which the k-th new moon falls."""
    return date.fromordinal(math.floor(new_moon(k) + 0.5 + 7 / 24) - 1721425)


def solar_term(day: date) -> int:
    """Which of the 12 parts of the ecliptic (0 begins with the spring equinox) the sun stands in as the day ends, UTC+7."""
    t = (day.toordinal() + 1721424.5 + 1 - 7 / 24 - 2451545.0) / 36525
    r = math.pi / 180
    m = (357.5291 + 35999.0503 * t) * r
    sun = 280.46645 + 36000.76983 * t + (1.9146 - 0.004817 * t) * math.sin(m) + 0.019993 * math.sin(2 * m)
    return int(sun % 360 // 30)


def lunar_year(year: int) -> tuple[date, date]:
    """First day of the lunar year and its 10 March: the month with the winter solstice (term 9) is the eleventh."""
    k = int((date(year - 1, 12, 21).toordinal() + 1721425 - 2415021) / 29.530588853) + 1
    while local_new_moon(k) > date(year - 1, 12, 21) or solar_term(local_new_moon(k) - timedelta(days=1)) >= 9:
        k -= 1
    while solar_term(local_new_moon(k + 1) - timedelta(days=1)) < 9:
        k += 1
    months, number, leap_seen = [], 11, False
    has_term = [
        solar_term(local_new_moon(k + i) - timedelta(days=1))
        != solar_term(local_new_moon(k + i + 1) - timedelta(days=1))
        for i in range(14)
    ]
    thirteen = not all(has_term[:13])
    for i in range(8):
        leap = thirteen and i > 0 and not has_term[i] and not leap_seen
        leap_seen |= leap
        if i > 0 and not leap:
            number = number % 12 + 1
        months.append((number, leap, local_new_moon(k + i)))
    first = {number: day for number, leap, day in months if not leap}
    return first[1], first[3] + timedelta(days=9)


@pytest.mark.parametrize("year", range(2015, 2036))
def test_tet_and_gio_to_are_where_the_moon_puts_them(year: int) -> None:
    off = calendar().off
    tet, gio_to = lunar_year(year)
    assert all(off[tet + timedelta(days=n)] == TET for n in range(-1, 3))
    assert off[gio_to] == "Giỗ Tổ Hùng Vương"
    # Five days by law (article 112), and one for each of them that is a Saturday or Sunday (article 111.3).
    days = [day for day, name in off.items() if day.year == year and name == TET]
    assert sum(day.weekday() < 5 for day in days) == 5


@pytest.mark.parametrize("year", range(2015, 2036))
def test_fixed_holidays_are_off_every_year(year: int) -> None:
    for month, day in ((1, 1), (4, 30), (5, 1), (9, 2)):
        assert not is_working(date(year, month, day))
    national_day = [d for d, name in calendar().off.items() if d.year == year and name == "Quốc khánh"]
    assert len(national_day) == (2 if year >= 2021 else 1)


def test_a_swap_works_a_saturday_and_frees_a_weekday() -> None:
    assert is_working(date(2024, 5, 4))
    assert not is_working(date(2024, 4, 29))
    assert not is_working(date(2024, 5, 11))
    # 26/4/2025 was worked for 2/5/2025: Friday 25/4 to Monday 5/5 are Sat 26, Mon 28, Tue 29, Mon 5.
    assert working_days(date(2025, 4, 25), date(2025, 5, 5)) == 4


def test_days_are_counted_after_the_start_up_to_and_including_the_end() -> None:
    friday, monday = date(2026, 11, 20), date(2026, 11, 23)
    assert working_days(friday, monday) == 1
    assert working_days(monday, friday) == -1
    assert working_days(monday, monday) == 0
    assert working_days(friday, friday + timedelta(days=2)) == 0


def test_the_cumulative_table_is_what_a_loop_counts() -> None:
    found = calendar()
    count = 0
    assert found.cumulative[0] == 0
    assert found.cumulative.dtype == np.int64
    for n, (day, working, name, worked) in enumerate(found.rows(), 1):
        count += day in found.worked or (day.weekday() < 5 and day not in found.off)
        assert (worked, found.cumulative[n]) == (count, count)
        assert working == is_working(day)
        assert name == found.off.get(day, "")
    assert DAYS[0] == date(2015, 1, 1) == date(1970, 1, 1) + timedelta(days=found.first_day)
    assert DAYS[-1] == date(2035, 12, 31)


def test_a_year_has_about_250_working_days() -> None:
    counts = [working_days(date(y, 1, 1), date(y + 1, 1, 1)) for y in range(2015, 2035)]
    assert 247 <= min(counts) <= max(counts) <= 253


@pytest.mark.parametrize("day", [date(2014, 12, 31), date(2036, 1, 1)])
def test_a_year_without_data_is_named_with_the_file(day: date) -> None:
    with pytest.raises(CalendarError, match=rf"calendar\.toml: no data for the year {day.year}; it holds 2015 to 2035"):
        is_working(day)
    with pytest.raises(CalendarError, match=str(day.year)):
        working_days(day, date(2025, 1, 1))


GOOD = '[[year]]\nyear = 2020\nbasis = "law"\noff = [{ day = 2020-01-01, name = "A" }]\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("2020-01-01", "2021-01-01"), "not in 2020"),
        (GOOD.replace('name = "A"', 'name = "A", to = 2019-12-01'), "`to` lies before it"),
        (GOOD.replace('name = "A"', 'name = "A", instead = 2020-01-06'), "is worked anyway"),
        (GOOD.replace("law", "guess"), "'decided' or 'law'"),
        (GOOD + GOOD.replace("2020", "2022"), "do not follow one another: 2020, 2022"),
        ("[", "calendar.toml"),
    ],
)
def test_a_fault_names_the_file(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "calendar.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CalendarError) as caught:
        load_calendar(file)
    assert str(file) in str(caught.value)
    assert said in str(caught.value)


def test_years_that_nobody_has_decided_are_told() -> None:
    assert calendar().open_years == frozenset(range(2027, 2036))
