"""The figures of a period, as the tables have them at one moment."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from dashboards.export.result import read
from dashboards.report.period import Period
from ioc.clock import LOCAL
from ioc.errors import ConfigError, RetriableError
from ioc.settings import ClickHouseSettings, Login

FIELDS = (
    "code", "name_vi", "unit_of_measure", "unit", "unit_name", "level", "numerator", "denominator", "value", "target",
    "reported", "expected", "provisional", "as_of",
)  # fmt: skip
"""What is said of a figure; as in the view `indicator_values`, `as_of` as in `indicator_now`."""


@dataclass(frozen=True)
class Figures:
    """What was read, and of what it is.

    Attributes:
        rows: a mapping of `FIELDS` for each indicator and unit; `value` is None where the period has none.
        generation: the live generation of the rollups.
        catalogue_hash: hash of what the catalogue counts.
        as_of: when it was read, UTC.
    """

    rows: list[dict[str, Any]]
    generation: str
    catalogue_hash: str
    as_of: datetime


def read_figures(settings: ClickHouseSettings, login: Login, period: Period, levels: list[str]) -> Figures:
    """Reads all indicators of a period in the units of that time. Composites are not of a period, and left out.

    Raises:
        ConfigError: the period has not begun, or a level is no word.
        RetriableError: ClickHouse cannot be reached, or another generation went live meanwhile.
        ExportError: it refuses.
    """
    now = datetime.now(UTC)
    if period.start > now.astimezone(LOCAL).date():
        raise ConfigError(f"period {period.name} has not begun")
    if not levels or not all(level.isalpha() for level in levels):
        raise ConfigError(f"report.levels: {levels}; for example province, department, commune")
    before = _generation(settings, login)
    with read(settings, login, _query(period, levels)) as found:
        names = [column.name for column in found.columns]
        rows = [{name: _plain(cell) for name, cell in zip(names, row, strict=True)} for row in found.rows]
    if _generation(settings, login) != before:
        raise RetriableError("another generation went live while the figures were read; make the report again")
    return Figures(rows, *before, as_of=now)


def _generation(settings: ClickHouseSettings, login: Login) -> tuple[str, str]:
    sql = "SELECT generation, catalogue_hash FROM generations FINAL ORDER BY active_from DESC LIMIT 1"
    with read(settings, login, sql) as found:
        rows = list(found.rows)
    if not rows:
        raise ConfigError("no generation is live yet; run `ioc migrate`")
    return str(rows[0][0]), str(rows[0][1])


def _plain(cell: Any) -> Any:
    if isinstance(cell, datetime):
        moment = cell.replace(tzinfo=LOCAL).astimezone(UTC)
        return None if moment.year < 1971 else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return cell.isoformat() if isinstance(cell, date) else cell


def _query(period: Period, levels: list[str]) -> str:
    listed = ", ".join(f"'{level}'" for level in levels)
    start, end = f"'{period.start}'", f"'{period.end}'"
    return f"""
SELECT i.code AS code, i.name_vi AS name_vi, i.unit_of_measure AS unit_of_measure, i.unit AS unit, i.unit_name AS unit_name,
  i.level AS level, v.numerator AS numerator, v.denominator AS denominator, v.value AS value, t.target AS target,
  v.reported AS reported, v.expected AS expected, v.provisional AS provisional, n.as_of AS as_of
FROM (
  SELECT a.code AS code, a.name_vi AS name_vi, a.unit_of_measure AS unit_of_measure, u.code AS unit, u.name_vi AS unit_name, u.level AS level
  FROM (SELECT * FROM indicators FINAL WHERE NOT gone AND kind != 'composite') AS a
  CROSS JOIN (SELECT * FROM units FINAL WHERE NOT gone AND level IN ({listed}) AND valid_from < {end}
    AND (valid_to IS NULL OR valid_to > {start})) AS u
  WHERE has(a.levels, u.level)) AS i
LEFT JOIN (SELECT * FROM indicator_selected(codes = []) WHERE tree = 'then' AND grain = '{period.grain}' AND period_start = {start}
  AND level IN ({listed})) AS v ON v.code = i.code AND v.unit = i.unit
LEFT JOIN (SELECT code, level, argMax(value, year) AS target FROM (SELECT * FROM targets FINAL WHERE NOT gone AND year <= {period.start.year})
  GROUP BY code, level) AS t ON t.code = i.code AND t.level = i.level
LEFT JOIN (SELECT code, unit, as_of FROM indicator_now) AS n ON n.code = i.code AND n.unit = i.unit
ORDER BY code, level, unit
SETTINGS join_use_nulls = 1
"""
