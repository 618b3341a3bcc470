"""Compares the two engines: every cell of the fold, and every indicator on every level, with the oracle over the tables.

A difference that the log explains (a message still on its way) is not one: it waits for the lags to be 0; where data go on
flowing it looks again, leaves out what has changed meanwhile, and says which.
"""

import time
from datetime import datetime

from ioc.catalogue.compile import Compiled
from ioc.catalogue.load import Catalogue, load_catalogue, load_province
from ioc.errors import ConfigError
from ioc.settings import Settings
from sinks.clickhouse.client import Client
from sinks.compare import NOW, Comparison, Difference, Result
from sinks.expected import Tree, rollups_of
from sinks.quiet import Ends, ends_of, wait_quiet

_BETWEEN_S = 2.0
_SNAPSHOT_S = 6.0
"""The snapshot of the last thing that was stored is taken within so long."""

_QUIET_SHARE = 0.15
"""So much of the time is spent on waiting that nothing flows, before it is looked at while data flow."""

_LOOKS = 4
"""While data flow: a value that differs in the same way in so many looks, with snapshots between them, is wrong."""


def reconcile(settings: Settings, indicator: str | None = None, timeout_s: float = 60.0) -> Result:
    """Compares everything, or what one indicator needs.

    Raises:
        ConfigError: there is no such indicator.
        RetriableError: Kafka or ClickHouse is away.
        FatalError: a table is missing.
    """
    begun = time.monotonic()
    catalogue = load_catalogue(settings.catalogue.directory)
    if indicator is not None:
        if indicator not in catalogue.indicators:
            raise ConfigError(f"{indicator} is not in the catalogue; `ioc catalogue list` shows what is")
        catalogue = _only(catalogue, indicator)
    tree = Tree(load_province(settings.catalogue.province, settings.catalogue.directory))
    with Client(settings.clickhouse, settings.clickhouse.analyst) as client:
        comparison = Comparison(client, settings.clickhouse.database, catalogue, tree)
        result = _settle(settings, comparison, begun + timeout_s)
    result.seconds = time.monotonic() - begun
    return result


def _settle(settings: Settings, comparison: Comparison, deadline: float) -> Result:
    """Looks until what differs is certain: nothing was on its way, or it stays the same while other values change."""
    seen: dict[str, tuple[Difference, int]] = {}
    quiet: tuple[Ends, float, datetime] | None = None
    wait_until = time.monotonic() + (deadline - time.monotonic()) * _QUIET_SHARE
    while True:
        ends = wait_quiet(settings, comparison.catalogue, wait_until)
        if ends is None or quiet is None or ends != quiet[0]:
            quiet = None if ends is None else (ends, time.monotonic(), comparison.server_time())
        result, found = comparison.run()
        result.quiet = ends is not None and ends == ends_of(settings, comparison.catalogue)
        seen = {
            what: (difference, seen[what][1] + 1 if what in seen and seen[what][0] == difference else 1)
            for what, difference in found.items()
        }
        settled = quiet is not None and (
            not any(what.startswith(NOW) for what in found)
            or comparison.refreshed_at() >= quiet[2]
            or time.monotonic() >= quiet[1] + _SNAPSHOT_S
        )
        certain = [what for what, (_, times) in seen.items() if (result.quiet and settled) or times >= _LOOKS]
        if len(certain) == len(found) or time.monotonic() >= deadline:
            if result.quiet:
                certain = list(found)
            result.differences = [found[what] for what in sorted(certain)]
            result.left_out = sorted(set(found) - set(certain))
            return result
        time.sleep(_BETWEEN_S)
        wait_until = min(deadline, time.monotonic() + _BETWEEN_S)


def _only(catalogue: Catalogue, code: str) -> Catalogue:
    formula = catalogue.compiled.formulas[code]
    rollups = {key: catalogue.compiled.rollups[key] for key in rollups_of(formula)}
    sectors = tuple(
        sector.model_copy(update={"indicator": [i for i in sector.indicator if i.code == code]})
        for sector in catalogue.sectors
    )
    return Catalogue(sectors, Compiled(rollups, {code: formula}))
