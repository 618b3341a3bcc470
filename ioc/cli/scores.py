"""A composite's scores as the views say them, beside what plain Python makes of the values of its parts."""

import logging
from collections.abc import Iterator, Sequence

from ioc.catalogue.composite import Part
from ioc.settings import ClickHouseSettings
from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import quoted
from sinks.composites import Score, scores

SHOWN = 12
"""Units that are shown: the province first, then level by level the best."""


def score_lines(clickhouse: ClickHouseSettings, parts: Sequence[Part]) -> Iterator[str]:
    """A line for each unit from `composite_values`, and one that compares all of them with the second computation.

    Args:
        clickhouse: where to ask.
        parts: those of one composite.

    Raises:
        IocError: ClickHouse does not answer or has not these tables.
    """
    logging.getLogger("clickhouse_driver").setLevel(logging.CRITICAL)
    code, database = parts[0].composite, clickhouse.database
    with Client(clickhouse, clickhouse.analyst, timeout_s=30) as client:
        rows = client.query(
            f"SELECT c.unit, c.level, u.name_vi, earned, available, points, missing, rank, tied FROM {database}.composite_values AS c "
            f"INNER JOIN (SELECT code, name_vi FROM {database}.units FINAL) AS u ON u.code = c.unit WHERE c.code = {quoted(code)} "
            "ORDER BY c.level = 'province' DESC, c.level, rank = 0, rank, c.unit"
        )
        listed = ", ".join(sorted({quoted(part.code) for part in parts}))
        values = client.query(f"SELECT code, unit, value FROM {database}.indicator_now WHERE code IN ({listed})")
    if not rows:
        yield "composite_values has no row of it: no unit of its levels exists today"
        return
    shown = {row[0]: Score(row[3], row[4], row[5], tuple(row[6]), row[7], row[8]) for row in rows}
    for unit, level, name, *_ in rows[:SHOWN]:
        yield f"{level} {name}: {_said(shown[unit])}"
    if len(rows) > SHOWN:
        yield f"… and {len(rows) - SHOWN} units more"
    again = scores(parts, {(part, unit): value for part, unit, value in values}, {row[0]: row[1] for row in rows})
    wrong = sorted(unit for unit, score in shown.items() if again.get((code, unit)) != score)
    yield f"computed again from the parts: {f'DIFFERENT in {len(wrong)} units, {wrong[0]} first' if wrong else 'equal'}"


def _said(score: Score) -> str:
    place = (
        f"rank {score.rank}{f', {score.tied} units share it' if score.tied > 1 else ''}" if score.rank else "no rank"
    )
    missing = f"; missing {', '.join(score.missing)}" if score.missing else ""
    return f"{score.earned:g} of {score.available:g} points ({score.points:g} in all; {place}{missing})"
