"""Examples worked by hand: a dozen records, and the figure that somebody has worked out from them on paper.

Beside a record stands what it adds to the first figure asked (its number among those that count, its amount), or why it adds
nothing; one without a remark counts as it stands, if it is of the period asked: of reports that are not added up over time that is
the last one that begins up to today. Where no other day is named, today is Saturday, 15/3/2025.

The figure is computed twice, by the fold and by the oracle's query in the engine, and both must give it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from ioc.catalogue.indicator import Indicator
from ioc.catalogue.load import load_catalogue
from ioc.catalogue.rollup import Formula, MeasureRef
from ioc.catalogue.series import Series
from ioc.contracts.kinds import KINDS
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import history_columns, history_rows
from sinks.clickhouse.oracle import grains, query
from streams.fold import Fold
from tests.examples.records import Record, events_of, reports_of

Expected = tuple[int, int | None, float | None]
"""Numerator, denominator (None: the indicator has none) and value (None: nothing to divide by)."""

Cells = Mapping[tuple[str, str], Mapping[tuple[str, int], Sequence[int]]]
"""(rollup_id, grain) → (unit, bucket) → measures."""

_EPOCH = date(1970, 1, 1)


class Worked:
    """Checks examples; called as `worked(code, records, expected, today=…, unit=…)`.

    Args:
        client: a login that may write.
        database: a database of its own with the tables of all kinds.
    """

    def __init__(self, client: Client, database: str) -> None:
        self._client, self._database = client, database
        self._catalogue = load_catalogue()

    def __call__(
        self,
        code: str,
        records: Sequence[Record],
        expected: Expected,
        *,
        today: str = "2025-03-15",
        unit: str | None = None,
    ) -> None:
        """Both engines give `expected` for an indicator.

        Args:
            code: the indicator.
            records: fields of its kind, see `events_of`; of a reported figure see `reports_of`.
            expected: numerator and denominator as the rollup adds them up (durations in seconds, money in đồng, reports in
                thousandths), and the value in the indicator's unit of measure.
            today: the local day on which the figure is looked at; flows are counted in the period that it lies in.
            unit: only what carries this code; None: everything.
        """
        catalogue = self._catalogue
        indicator, formula = catalogue.indicators[code], catalogue.compiled.formulas[code]
        rollups = [catalogue.compiled.rollups[name] for name in _rollups(formula)]
        kind = rollups[0].kind
        series = catalogue.series.get(indicator.series)
        events = events_of(kind, records if series is None else reports_of(series, records))
        fold = Fold(kind, rollups)
        fold.apply(events)
        folded: Cells = {
            (cells.rollup_id, cells.grain): dict(
                zip(zip(cells.units, cells.buckets, strict=True), cells.vectors.tolist(), strict=True)
            )
            for cells in fold.take()
        }
        self._store(kind, events)
        asked: Cells = {
            (rollup.rollup_id, grain): {
                (raw, bucket): measures
                for raw, bucket, measures in self._client.query(query(rollup, grain, self._database))
            }
            for rollup in rollups
            for grain in grains(rollup)
            if grain != "hour"  # Days are what figures are made of.
        }
        for engine, cells in (("fold", folded), ("oracle", asked)):
            mine = _Of(cells, date.fromisoformat(today), unit)
            above, below, value = figure(indicator, formula, mine, series)
            assert (above, below) == expected[:2], f"{code} by the {engine}: {above} / {below}, not {expected}"
            assert value == (pytest.approx(expected[2], rel=1e-12) if expected[2] is not None else None), (
                f"{code} by the {engine}: {value}, not {expected}"
            )

    def _store(self, kind: str, events: Sequence[Any]) -> None:
        for table in (f"{kind}_history", *(f"{kind}_{facet.name}" for facet in KINDS[kind].facets)):
            self._client.execute(f"TRUNCATE TABLE {self._database}.{table}")
        names = [column.name for column in history_columns(kind)]
        self._client.insert(f"{self._database}.{kind}_history", names, history_rows(kind, list(events))[0])


@dataclass(frozen=True)
class _Of:
    """Cells as they are looked at: on a day, for a unit or for all."""

    cells: Cells
    today: date
    unit: str | None

    def total(self, ref: MeasureRef, first: int, last: int, grain: str = "day") -> int:
        """Sum of a measure over days, both included (over the present: 0 and 0)."""
        return sum(
            measures[ref.index]
            for (raw, bucket), measures in self.cells.get((ref.rollup_id, grain), {}).items()
            if self.unit in (None, raw) and first <= bucket <= last
        )

    def days_of(self, ref: MeasureRef) -> list[int]:
        """The days up to today on which a measure is not zero, in order."""
        found = {bucket for _, bucket in self.cells.get((ref.rollup_id, "day"), {}) if bucket <= _bucket(self.today)}
        return sorted(bucket for bucket in found if self.total(ref, bucket, bucket))


def figure(
    indicator: Indicator, formula: Formula, of: _Of, series: Series | None
) -> tuple[int, int | None, float | None]:
    """Numerator, denominator and value on a day, from the cells at their definition."""
    grain = "now" if formula.mode == "now" else "day"
    first, last = _days(indicator, formula, of.today) if series is None else _reported(indicator, formula, of, series)
    above, below = of.total(formula.numerator, first, last, grain), None
    if formula.denominator is not None:
        # A share of what has come of age is one of all that there is now.
        days = (0, 0, "now") if formula.mode == "age" else (first, last, grain)
        below = of.total(formula.denominator, *days)
    scaled = above * formula.multiplier / formula.divisor
    return above, below, scaled if below is None else scaled / below if below else None


def _rollups(formula: Formula) -> list[str]:
    refs = (formula.numerator, formula.denominator, formula.reports)
    return sorted({ref.rollup_id for ref in refs if ref is not None})


def _days(indicator: Indicator, formula: Formula, today: date) -> tuple[int, int]:
    """First and last local day that the numerator counts, both included."""
    at = _bucket(today)
    if formula.mode == "now":
        return 0, 0
    if formula.mode == "age":
        start, end = formula.window or (None, None)
        return (0 if start is None else at + start), (10**6 if end is None else at + end)
    return _bucket(period_start(indicator.period, today)), at


def _reported(indicator: Indicator, formula: Formula, of: _Of, series: Series) -> tuple[int, int]:
    """The begin of the last period with reports, twice; of a flow whose indicator covers more, of the first such period too."""
    assert formula.reports is not None
    begins = of.days_of(formula.reports)
    if not begins:
        return 0, 0
    first = last = begins[-1]
    if series.over_time == "sum" and PERIODS.index(indicator.period) > PERIODS.index(series.grain):
        first = _bucket(period_start(indicator.period, _EPOCH + timedelta(days=last)))
    return first, last


PERIODS = ("day", "week", "month", "quarter", "year", "to_date")


def _bucket(day: date) -> int:
    return (day - _EPOCH).days


def period_start(period: str, day: date) -> date:
    """First day of the period that a day lies in; weeks begin on Monday (ISO 8601)."""
    starts = {
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "year": day.replace(month=1, day=1),
        "to_date": _EPOCH,
    }
    return starts[period]
