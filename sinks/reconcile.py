"""Compares the two engines: every cell of the fold, every sealed day, and every indicator on every level and in every period.

A difference that the log explains (a message still on its way) is not one: it waits for the lags to be 0, and for the round
over the past that has yet to see what came late; where data go on flowing it looks again, leaves out what has changed meanwhile,
and says which.
"""

import time
from dataclasses import dataclass
from datetime import date

from ioc.catalogue.load import Catalogue, load_catalogue, load_province
from ioc.clock import EPOCH
from ioc.contacts import with_contacts
from ioc.errors import ConfigError
from ioc.settings import Settings
from sinks.clickhouse.client import Client
from sinks.compare import Comparison, Result
from sinks.quiet import ends_of, wait_quiet
from sinks.settled import Settled
from sinks.sides.difference import Difference, Scope
from sinks.suspects import Suspects

_BETWEEN_S = 2.0
_QUIET_S = 8.0
"""Between two looks it waits so long that nothing flows: longer than it takes to believe it."""

_QUIET_SHARE = 0.15
"""So much of the time is spent on waiting that nothing flows, before it is looked at while data flow."""

TIMEOUT_S = 300.0
"""Long enough for a round over the past (`sinks.settled`), where one has to be waited for."""

FLOWING_S = 60.0
"""While data flow something always differs for a moment: it is looked at again for so long."""


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


def reconcile(settings: Settings, asked: Asked = EVERYTHING, timeout_s: float = TIMEOUT_S) -> Result:
    """Compares what is asked for.

    Raises:
        ConfigError: there is no such indicator, sector or unit.
        RetriableError: Kafka or ClickHouse is away.
        FatalError: a table is missing.
    """
    begun = time.monotonic()
    catalogue = load_catalogue(settings.catalogue.directory)
    profile = load_province(settings.catalogue.province, settings.catalogue.directory)
    province = with_contacts(profile, settings.mail.contacts)
    if asked.unit and asked.unit not in {unit.code for unit in province.unit}:
        raise ConfigError(f"{asked.unit} is no unit of {province.code}; `ioc units list` shows what is")
    scope = Scope((asked.since - EPOCH).days if asked.since else 0, asked.unit)
    # Every cell is read: more than an analyst may take.
    with Client(settings.clickhouse, settings.clickhouse.writer) as client:
        comparison = Comparison(
            client, settings.clickhouse.database, catalogue, province, scope, codes_of(catalogue, asked)
        )
        result = _settle(settings, comparison, begun, timeout_s)
    result.seconds = time.monotonic() - begun
    return result


def _settle(settings: Settings, comparison: Comparison, begun: float, timeout_s: float) -> Result:
    """Looks until what differs is certain: nothing was on its way, or it stays the same while other values change."""
    suspects: Suspects[str, Difference] = Suspects()
    settled = Settled(comparison, settings.sink.seal_s)
    limits = Limits(begun, timeout_s)
    wait_until = begun + (limits.enough - begun) * _QUIET_SHARE
    while True:
        ends = wait_quiet(settings, comparison.read, wait_until)
        settled.begin(ends)
        result, found = comparison.run()
        result.quiet = ends is not None and ends == ends_of(settings, comparison.read)
        suspects.look(found)
        believed = found if result.quiet and result.steady else suspects.believed
        certain = frozenset(what for what in believed if settled.proven(what, suspects.looks(what)))
        late = limits.reached(time.monotonic(), result, settled.looks, proven=len(certain) == len(believed))
        if len(certain) == len(found) or late:
            result.differences = [found[what] for what in sorted(certain)]
            result.left_out = sorted(set(found) - certain)
            return result
        time.sleep(_BETWEEN_S)
        wait_until = time.monotonic() + _QUIET_S


class Limits:
    """How long is looked until what is not certain is left out; moments of the monotonic clock."""

    def __init__(self, begun: float, timeout_s: float) -> None:
        self.enough = begun + min(FLOWING_S, timeout_s)
        self._deadline = begun + timeout_s

    def reached(self, now: float, result: Result, looks: int, *, proven: bool) -> bool:
        """Whether a look is the last one.

        Args:
            now: the moment after it.
            result: what came out of it.
            looks: so many have been made.
            proven: all that is believed by now is proven.
        """
        # Seals or states moved on while no message did: a round is at work, and what it does is seen when it has ended.
        rounding = result.quiet and not result.steady
        if now < (self.enough if proven and not rounding else self._deadline):
            return False
        # A second look tells, late as it is.
        return looks > 1 or not rounding


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
