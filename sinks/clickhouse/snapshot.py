"""The snapshot that the wall reads, `indicator_now`: rows of `indicator_figures`, and how old what they rest on is.

The days behind them, by units of today, are kept beside (`past`).

Only what something came in for is counted anew: its sums by source unit, then the rows of the units above it. A reader sees
the rows of before or those of after. All is counted anew when the day turns, when a code is mapped, when the catalogue, the
units or the live generation change, and once an hour in case anything was missed.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sinks.clickhouse.client import Database
from sinks.clickhouse.lookups import lay_out, rebuild, replace, swap
from sinks.clickhouse.past import Past
from sinks.clickhouse.render import TODAY

FULL_S = 3600.0
"""All is counted anew so often at least."""

_OVERLAP = timedelta(seconds=10)
"""An insert may take so long from the moment that its rows bear until they can be read."""

_COMPOSITES_S = 5.0
"""Composites are worked out so often at most: they read all of their parts."""

_SHARE = 20
"""Reported figures are worked out anew after so many times as long as it took: few come, and each concerns many."""

_ROWS = (
    "code, sector, name_vi, name_en, kind, event, direction, unit_of_measure, unit, unit_name, level, period_grain, "
    "period_start, numerator, denominator, value, previous, previous_start, trend, provisional, reported, expected, target, "
    "target_document, target_reference, status, due_until, late_until, freshness_minutes, responsible, document, revision"
)


@dataclass(frozen=True)
class _World:
    """What all figures depend on."""

    today: int
    generation: str
    mapped: int
    loaded: int
    compared: int
    """For how many kinds there is a day to compare states with: units without anything get their 0 by it."""


class Snapshot:
    """Keeps the snapshot up to date. Only one process at a time may (the tables where it is built are shared)."""

    def __init__(self, client: Database, database: str) -> None:
        self._client, self._database = client, database
        self._world: _World | None = None
        self._states = 0
        self._since = self._sealed_since = datetime.min.replace(tzinfo=UTC)
        self._full_at = self._composites_at = self._reports_at = -float("inf")
        self._reports: set[str] = set()
        self._composites_due = False
        self._past = Past(client, database)

    @property
    def unfinished(self) -> bool:
        """Whether days of the past are being laid out anew: the next refresh goes on, though nothing has come in."""
        return self._past.unfinished

    def sealed_since(self, unix_ms: int) -> None:
        """Says that sealed days were written which bear a moment of long ago: that before they were counted, however long it took."""
        self._sealed_since = min(self._sealed_since, datetime.fromtimestamp(unix_ms // 1000, UTC))

    def refresh(self, past_s: float = float("inf")) -> None:
        """Takes a new snapshot.

        Args:
            past_s: so many seconds go into days of the past that are laid out anew; the next refresh goes on.

        Raises:
            RetriableError: the server is away or busy; the old snapshot stands.
            FatalError: a table or view is missing.
        """
        # How old the figures are is asked before anything else, and shown last: no figure is said to be newer than it is, and
        # what was mapped before the moment of the snapshot is in it.
        lay_out(self._client, self._database, "figure_ages")
        world, states, at = self._look()
        if world != self._world or time.monotonic() - self._full_at > FULL_S or self._past.overtaken():
            self._world = None
            self._dawn(world.today)
            self._all()
            self._world, self._full_at = world, time.monotonic()
        else:
            self._touched(states_changed=states != self._states)
        self._since = self._sealed_since = at - _OVERLAP
        if states != self._states:
            self._past.states()
        self._past.proceed(past_s)
        self._states = states
        swap(self._client, self._database, "figure_ages", "figure_ages_next")

    def _look(self) -> tuple[_World, int, datetime]:
        """What all depends on, when the history of states was last written (milliseconds), and the server's time."""
        base = self._database
        row: Any = self._client.query(
            f"SELECT {TODAY}, (SELECT argMax(generation, active_from) FROM {base}.generations), "
            f"(SELECT max(revision) FROM {base}.unit_mappings), "
            f"(SELECT max(revision) FROM {base}.units) + (SELECT max(revision) FROM {base}.indicators) "
            f"+ (SELECT max(revision) FROM {base}.targets), "
            f"(SELECT countIf(from_day <= {TODAY} - 30 AND until_day > {TODAY} - 30) FROM {base}.state_marks FINAL "
            f"WHERE generation = (SELECT generation FROM {base}.active_generation)), "
            f"(SELECT max(toUnixTimestamp64Milli(changed_at)) FROM {base}.state_marks), now64(3, 'UTC')"
        )[0]
        return _World(*row[:5]), row[5], row[6]

    def _dawn(self, today: int) -> None:
        """Keeps the figures that stand as those that the day began with, once a day, before any is counted by the new day."""
        if self._client.query(f"SELECT max(toInt32(day)) FROM {self._database}.figures_at_dawn")[0][0] != today:
            replace(self._client, self._database, "figures_at_dawn")

    def _all(self) -> None:
        base = self._database
        rebuild(self._client, base)
        replace(self._client, base, "state_before")
        self._client.execute(f"TRUNCATE TABLE {base}.figures_touched")
        self._client.execute(
            f"INSERT INTO {base}.figures_touched SELECT f.rollup_id, c.unit, -1 FROM (SELECT DISTINCT "
            f"arrayJoin([numerator_rollup, denominator_rollup]) AS rollup_id FROM {base}.live_facts WHERE rollup_id != '') AS f "
            f"CROSS JOIN (SELECT raw_code AS unit FROM {base}.unit_places UNION DISTINCT "
            f"SELECT DISTINCT unit FROM {base}.partials UNION DISTINCT SELECT DISTINCT unit FROM {base}.sealed) AS c"
        )
        replace(self._client, base, "unit_sums")
        self._client.execute(f"TRUNCATE TABLE {base}.indicator_next")
        self._rows("indicator_next")
        # Composites are worked out from the rows that stand, so the others come first; no reader is to miss them meanwhile.
        self._client.execute(
            f"INSERT INTO {base}.indicator_next SELECT * FROM {base}.indicator_figures FINAL WHERE kind = 'composite' "
            f"AND code IN (SELECT code FROM {base}.indicators FINAL) AND unit IN (SELECT code FROM {base}.units_touched)"
        )
        swap(self._client, base, "indicator_figures", "indicator_next")
        self._composites()
        if not self._past.reshape():
            self._came_in()
            self._past.touched()

    def _came_in(self) -> None:
        """Lists the cells that came in since the last snapshot; what the process has never read is in no list."""
        base = self._database
        self._client.execute(f"TRUNCATE TABLE {base}.figures_touched")
        since, sealed_since = (
            f"toDateTime64('{moment:%Y-%m-%d %H:%M:%S}', 3, 'UTC')" for moment in (self._since, self._sealed_since)
        )
        self._client.execute(
            f"INSERT INTO {base}.figures_touched SELECT DISTINCT rollup_id, unit, bucket FROM {base}.partials "
            f"WHERE generation = (SELECT generation FROM {base}.active_generation) AND grain != 'hour' AND stored_at >= {since} "
            f"UNION DISTINCT SELECT rollup_id, unit, bucket FROM {base}.sealed "
            f"WHERE generation = (SELECT generation FROM {base}.active_generation) AND sealed_at >= {sealed_since}"
        )
        self._past.advance()

    def _touched(self, *, states_changed: bool) -> None:
        base = self._database
        self._came_in()
        if states_changed:
            # What states are compared with has changed.
            replace(self._client, base, "state_before")
            self._client.execute(
                f"INSERT INTO {base}.figures_touched SELECT DISTINCT rollup_id, unit, -1 FROM {base}.unit_sums "
                f"WHERE rollup_id IN (SELECT numerator_rollup FROM {base}.live_facts WHERE mode IN ('now', 'age'))"
            )
        if self._client.query(f"SELECT count() FROM {base}.figures_touched")[0][0]:
            self._client.execute(f"INSERT INTO {base}.unit_sums SELECT * FROM {base}.unit_sums_live")
            self._rows("indicator_figures")
            self._past.touched()
            self._composites_due = True
        elif self._reports and time.monotonic() >= self._reports_at:
            self._report_rows("indicator_figures")
            self._composites_due = True
        # What they were too early for is made good by a later snapshot, though nothing came in for it.
        if self._composites_due and time.monotonic() - self._composites_at > _COMPOSITES_S:
            self._composites()

    def _rows(self, table: str) -> None:
        base = self._database
        self._client.execute(f"INSERT INTO {base}.{table} ({_ROWS}) SELECT {_ROWS} FROM {base}.figures_live")
        reports = self._client.query(
            f"SELECT code FROM {base}.live_facts WHERE mode = 'report' "
            f"AND numerator_rollup IN (SELECT rollup_id FROM {base}.figures_touched)"
        )
        self._reports.update(code for (code,) in reports)
        if self._world is None or time.monotonic() >= self._reports_at:
            self._report_rows(table)

    def _report_rows(self, table: str) -> None:
        if not self._reports:
            return
        begun = time.monotonic()
        codes = ", ".join(f"'{code}'" for code in sorted(self._reports))
        self._client.execute(
            f"INSERT INTO {self._database}.{table} ({_ROWS}) "
            f"SELECT {_ROWS} FROM {self._database}.report_figures(codes = [{codes}])"
        )
        self._reports.clear()
        self._reports_at = time.monotonic() + _SHARE * (time.monotonic() - begun)

    def _composites(self) -> None:
        base = self._database
        self._client.execute(
            f"INSERT INTO {base}.indicator_figures ({_ROWS}) SELECT {_ROWS} FROM {base}.composite_figures_live"
        )
        self._composites_at, self._composites_due = time.monotonic(), False


def refresh(client: Database, database: str) -> None:
    """Takes a snapshot of everything, whatever has changed. Raises as `Snapshot.refresh` does."""
    Snapshot(client, database).refresh()
