"""What units report of a series, period by period: the same figure whenever it is asked for."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from ingest.simulator.hub.series import Grain, Series
from ingest.simulator.moments import from_ms, to_ms
from ioc.clock import LOCAL

CONTRADICTORY_SHARE = 0.02
"""Shares that are stated wrongly, as the documents themselves do."""

_SPREAD, _STEADY_SPREAD = 0.12, 0.004
"""How far figures of one unit lie apart, as a share of the range of the series."""

_EPOCH_MONDAY = date(1970, 1, 5)


@dataclass(frozen=True, slots=True)
class Span:
    """A period: its number since the epoch among those of its length, its first day and the first day after it."""

    number: int
    first: date
    end: date

    @property
    def end_ms(self) -> int:
        """Its end, milliseconds since the epoch."""
        return to_ms(datetime(self.end.year, self.end.month, self.end.day, tzinfo=LOCAL))


@dataclass(frozen=True, slots=True)
class Reported:
    """A figure as it is reported; a share has numerator and denominator, and `value` is its percentage."""

    value: Decimal
    numerator: int | None = None
    denominator: int | None = None


def span(grain: Grain, number: int) -> Span:
    """The period of this number."""
    if grain == "day":
        first = date(1970, 1, 1) + timedelta(days=number)
        return Span(number, first, first + timedelta(days=1))
    if grain == "week":
        first = _EPOCH_MONDAY + timedelta(weeks=number)
        return Span(number, first, first + timedelta(weeks=1))
    months = {"month": 1, "quarter": 3, "year": 12}[grain]
    return Span(number, _month(number * months), _month((number + 1) * months))


def last_ended(grain: Grain, now_ms: int) -> int:
    """The number of the last period that has ended at `now_ms`."""
    today = from_ms(now_ms).date()
    if grain == "day":
        return (today - date(1970, 1, 1)).days - 1
    if grain == "week":
        return (today - _EPOCH_MONDAY).days // 7 - 1
    months = (today.year - 1970) * 12 + today.month - 1
    return months // {"month": 1, "quarter": 3, "year": 12}[grain] - 1


def reported(seed: int, series: Series, unit: str, number: int, revision: int = 0) -> Reported:
    """What a unit reports of a series for a period; a later revision may correct it."""
    draws = random.Random(f"{seed}:{series.code}:{unit}:{number}:{revision}")
    level = random.Random(f"{seed}:{series.code}:{unit}").uniform(0.2, 0.8)
    at = min(1.0, max(0.0, level + draws.gauss(0, _STEADY_SPREAD if series.steady else _SPREAD)))
    figure = series.low + (series.high - series.low) * at
    if not series.share:
        return Reported(_rounded(figure, series.decimals))
    denominator = _whole(seed, series, unit, draws)
    numerator = min(denominator, round(denominator * figure / 100))
    stated = _rounded(Decimal(100 * numerator) / denominator, series.decimals)
    if draws.random() < CONTRADICTORY_SHARE:
        stated += Decimal("0.5") if stated < 99 else Decimal("-0.5")
    return Reported(stated, numerator, denominator)


def _whole(seed: int, series: Series, unit: str, draws: random.Random) -> int:
    """A unit's denominator: its own, and from period to period by some thousandths more or less."""
    low, high = series.whole
    own = random.Random(f"{seed}:{series.code}:{unit}:whole").uniform(low, high)
    drift = 1 if low == high else draws.uniform(0.997, 1.003)
    return max(1, round(own * drift))


def vietnamese(number: Decimal | int) -> str:
    """A number in the Vietnamese format: `1.234,5`."""
    return f"{number:,}".translate(str.maketrans(",.", ".,"))


def period_name(grain: Grain, of: Span, turn: int = 0) -> str:
    """A period as people and systems write it; `turn` picks among the ways."""
    year, month = of.first.year, of.first.month
    if grain == "day":
        ways = [of.first.isoformat(), f"{of.first:%d/%m/%Y}"]
    elif grain == "week":
        iso = of.first.isocalendar()
        ways = [f"{iso.year}-W{iso.week:02}", f"tuần {iso.week}/{iso.year}"]
    elif grain == "month":
        ways = [f"{year}-{month:02}", f"tháng {month}/{year}", f"{month:02}/{year}"]
    elif grain == "quarter":
        quarter = month // 3
        ways = [f"{year}-Q{quarter + 1}", f"quý {('I', 'II', 'III', 'IV')[quarter]}/{year}"]
    else:
        ways = [f"{year}", f"năm {year}"]
    return ways[turn % len(ways)]


def _month(number: int) -> date:
    return date(1970 + number // 12, number % 12 + 1, 1)


def _rounded(figure: float | Decimal, decimals: int) -> Decimal:
    return Decimal(figure).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
