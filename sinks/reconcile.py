"""Compares the two engines: every cell of the fold, every sealed day, and every indicator on every level and in every period.

A difference that the log explains (a message still on its way) is not one: it waits for the lags to be 0; where data go on
flowing it looks again, leaves out what has changed meanwhile, and says which.
"""

import time
from dataclasses import dataclass
from datetime import date, datetime

from ioc.catalogue.load import Catalogue, load_catalogue, load_province
from ioc.clock import EPOCH
from ioc.errors import ConfigError
from ioc.settings import Settings
from sinks.clickhouse.client import Client
from sinks.compare import Comparison, Result
from sinks.quiet import Ends, ends_of, wait_quiet
from sinks.sides.difference import Difference, Scope
from sinks.sides.snapshot import NOW
from sinks.suspects import Suspects

_BETWEEN_S = 2.0
_QUIET_S = 8.0
"""Between two looks it waits so long that nothing flows: longer than it takes to believe it."""

_SNAPSHOT_S = 45.0
"""The snapshot of the last thing that was stored is taken within so long, also after a start, when all is counted anew."""

_QUIET_SHARE = 0.15
"""So much of the time is spent on waiting that nothing flows, before it is looked at while data flow."""


@dataclass(frozen=True)
class Asked:
    """What is compared; empty: everything.

    Attributes:
        indicator, sector: codes of the catalogue.
        unit: code of a unit of the province.
        since: earlier days are left out.
    """

    indicator: str = ""
    sector: str = ""
    unit: str = ""
    since: date | None = None


EVERYTHING = Asked()


def reconcile(settings: Settings, asked: Asked = EVERYTHING, timeout_s: float = 60.0) -> Result:
    """Compares what is asked for.

    Raises:
        ConfigError: there is no such indicator, sector or unit.
        RetriableError: Kafka or ClickHouse is away.
        FatalError: a table is missing.
    """
    begun = time.monotonic()
    catalogue = load_catalogue(settings.catalogue.directory)
    province = load_province(settings.catalogue.province, settings.catalogue.directory)
    if asked.unit and asked.unit not in {unit.code for unit in province.unit}:
        raise ConfigError(f"{asked.unit} is no unit of {province.code}; `ioc units list` shows what is")
    scope = Scope((asked.since - EPOCH).days if asked.since else 0, asked.unit)
    # Every cell is read: more than an analyst may take.
    with Client(settings.clickhouse, settings.clickhouse.writer) as client:
        comparison = Comparison(
            client, settings.clickhouse.database, catalogue, province, scope, codes_of(catalogue, asked)
        )
        result = _settle(settings, comparison, begun + timeout_s)
    result.seconds = time.monotonic() - begun
    return result


def _settle(settings: Settings, comparison: Comparison, deadline: float) -> Result:
    """Looks until what differs is certain: nothing was on its way, or it stays the same while other values change."""
    suspects: Suspects[str, Difference] = Suspects()
    quiet: tuple[Ends, float, datetime] | None = None
    looks = 0
    wait_until = time.monotonic() + (deadline - time.monotonic()) * _QUIET_SHARE
    while True:
        ends = wait_quiet(settings, comparison.read, wait_until)
        if ends is None or quiet is None or ends != quiet[0]:
            quiet = None if ends is None else (ends, time.monotonic(), comparison.server_time())
        # What is shown is read within the look: a snapshot that is taken during it proves nothing.
        shown, begun = comparison.refreshed_at(), time.monotonic()
        result, found = comparison.run()
        looks += 1
        result.quiet = ends is not None and ends == ends_of(settings, comparison.read)
        suspects.look(found)
        settled = quiet is not None and (
            not any(_of_snapshot(what) for what in found) or shown >= quiet[2] or begun >= quiet[1] + _SNAPSHOT_S
        )
        still = result.quiet and result.steady
        certain = frozenset(found) if still and settled else suspects.believed
        # Where only seals or states moved on, a second look tells, late as it is.
        late = time.monotonic() >= deadline and (looks > 1 or result.steady or not result.quiet)
        if len(certain) == len(found) or late:
            if still:
                certain = frozenset(found)
            result.differences = [found[what] for what in sorted(certain)]
            result.left_out = sorted(set(found) - set(certain))
            return result
        time.sleep(_BETWEEN_S)
        wait_until = min(deadline, time.monotonic() + _QUIET_S)


def _of_snapshot(what: str) -> bool:
    """Whether a difference may come from a snapshot that is older than the cells."""
    return what.startswith((NOW, "composite_values ")) or (what.startswith("indicator_values ") and " now " in what)


def codes_of(catalogue: Catalogue, asked: Asked) -> frozenset[str]:
    """The indicators that are asked for.

    Raises:
        ConfigError: there is no such indicator or sector.
    """
    found = frozenset(
        code
        for code, indicator in catalogue.indicators.items()
        if asked.indicator in ("", code) and asked.sector in ("", indicator.sector)
    )
    if not found:
        wanted = asked.indicator or asked.sector
        raise ConfigError(f"{wanted} is not in the catalogue; `ioc catalogue list` shows what is")
    return found
