"""Days on which the province does not work: the fixed public holidays and Tết, from the lunar calendar."""

from datetime import date, timedelta

_FIXED = {(1, 1), (4, 30), (5, 1), (9, 2)}
"""New Year, reunification, labour, national day (Labour Code 2019, article 112), as month and day."""

_TET = {
    2024: (2, 10),
    2025: (1, 29),
    2026: (2, 17),
    2027: (2, 6),
    2028: (1, 26),
    2029: (2, 13),
    2030: (2, 2),
    2031: (1, 23),
    2032: (2, 11),
    2033: (1, 31),
    2034: (2, 19),
    2035: (2, 8),
}
"""First day of the lunar year, as month and day, by year. Other years are lived through without Tết."""

_TET_DAYS = range(-2, 6)
"""Days off around the first day of the lunar year."""


def is_holiday(day: date) -> bool:
    """Whether this local day is a public holiday."""
    return (day.month, day.day) in _FIXED or is_tet(day)


def is_tet(day: date) -> bool:
    """Whether this local day is one of the days off around the lunar new year."""
    if day.year not in _TET:
        return False
    month, first = _TET[day.year]
    return (day - date(day.year, month, first)) / timedelta(days=1) in _TET_DAYS
