"""Which figures of now a panel shows: of which indicator, of which unit."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ioc.catalogue.load import load_catalogue
from tests.integration.dashboards.asked import Answer

Figure = tuple[str, str, float | None]
"""Code, unit, value."""

CODES = frozenset(load_catalogue().indicators)
_OTHERWISE = re.compile(r"_period\(|_past\(|indicator_selected\(|forecast_now|composite_values")
"""Queries whose figures are of other periods, of the future, or of another scale."""


def figures(sql: str, answer: Answer, root: str) -> Iterator[Figure]:
    """The figures of now in an answer; `root` is the province's unit."""
    if _OTHERWISE.search(sql) or "indicator_now" not in sql:
        return
    named = list(dict.fromkeys(code for code in re.findall(r"'([A-Z]{2,3}-\d{3})'", sql) if code in CODES))
    for place, row in enumerate(answer.rows):
        if set(named) & row.keys():
            yield from ((code, row.get("unit") or root, row[code]) for code in named if code in row)
        elif "value" in row:
            yield from _of_row(sql, row, named, place, root)


def _of_row(sql: str, row: Mapping[str, Any], named: list[str], place: int, root: str) -> Iterator[Figure]:
    unit = row.get("unit") or (_unit(sql) if "level = 'province'" not in sql else root)
    listed = named[place : place + 1] if "indexOf([" in sql else named if len(named) == 1 else []
    code = row.get("code") or next(iter(listed), None)
    if code and unit:
        yield code, unit, row["value"]
    if row.get("outlier_unit"):
        yield row["code"], row["outlier_unit"], row["outlier_value"]


def _unit(sql: str) -> str | None:
    found = re.search(r"unit = '([^']+)'", sql)
    return found[1] if found else None
