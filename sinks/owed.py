"""Keeps the table `reports_owed`: which reports are due and not there. The rule is `ioc.catalogue.owed`, for reminders and boards alike."""

from datetime import date, timedelta
from typing import Any

from ioc import clock
from ioc.catalogue.load import Catalogue, load_catalogue, load_province
from ioc.catalogue.owed import LOOK_BACK, Owed, Report, missing
from ioc.catalogue.province import Province
from ioc.clock import LOCAL
from ioc.settings import CatalogueSettings
from sinks.clickhouse.client import Database
from sinks.clickhouse.lookups import swap

_TABLE = "reports_owed"
_COLUMNS = (
    "unit", "unit_name", "series", "period_grain", "period_start", "periods", "due", "late_days", "stale", "never",
    "reported", "expected", "computed_at",
)  # fmt: skip

_LOADED = "SELECT (SELECT max(revision) FROM {0}.units), (SELECT max(revision) FROM {0}.series), (SELECT max(revision) FROM {0}.indicators)"
"""Changes whenever `ioc migrate` has brought in another catalogue or profile."""


class ReportsOwed:
    """Works out what is owed by the catalogue and the profile of the settings; the files are read again when the tables have changed."""

    def __init__(self, settings: CatalogueSettings) -> None:
        self._settings = settings
        self._read: tuple[Any, Catalogue, Province] | None = None

    def refresh(self, client: Database, database: str) -> int:
        """Puts what is owed today in the place of what was; gives how many rows that is.

        Raises:
            RetriableError: ClickHouse is away.
            FatalError: a table is missing.
            CatalogueError: a file of the catalogue is wrong.
            CalendarError: the calendar does not hold the year.
        """
        now = clock.now()
        today = now.astimezone(LOCAL).date()
        catalogue, province = self._in_force(client, database)
        # A period can be as long again as the time to report on it.
        reports = _reports(client, database, today - 2 * LOOK_BACK)
        ever = {(one.series, one.unit) for one in reports}
        rows = [
            (*_row(one, catalogue, today), (one.series, one.unit) not in ever, one.reported, one.expected, now)
            for one in missing(catalogue, province, reports, None, today)
        ]
        client.execute(f"TRUNCATE TABLE {database}.{_TABLE}_next")
        if rows:
            client.insert(f"{database}.{_TABLE}_next", _COLUMNS, list(zip(*rows, strict=True)))
        swap(client, database, _TABLE, f"{_TABLE}_next")
        return len(rows)

    def _in_force(self, client: Database, database: str) -> tuple[Catalogue, Province]:
        loaded = client.query(_LOADED.format(database))[0]
        if self._read is None or self._read[0] != loaded:
            own = self._settings
            self._read = loaded, load_catalogue(own.directory), load_province(own.province, own.directory)
        return self._read[1:]


def _row(one: Owed, catalogue: Catalogue, today: date) -> tuple[Any, ...]:
    stale = today > one.due + timedelta(days=catalogue.series[one.series].due_days)
    return one.unit, one.unit_name, one.series, one.grain, one.start, one.periods, one.due, one.late, stale


def _reports(client: Database, database: str, since: date) -> list[Report]:
    rows = client.query(
        f"SELECT series, unit, period_start FROM {database}.reports_there WHERE period_start >= toDate('{since.isoformat()}')"
    )
    return [Report(*row) for row in rows]
