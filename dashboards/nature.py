"""What an indicator is to be asked for: events of a period, a state, a report, or points that others earn.

Each nature has views of its own (`flow_past`, `state_past`, `report_past`, `composite_values`) and a dashboard of its own.
"""

from typing import Literal

from ioc.catalogue.indicator import Indicator

Nature = Literal["flow", "state", "report", "composite"]

NATURE = "multiIf(kind = 'composite', 'composite', kind = 'latest', 'report', period_grain = 'now', 'state', 'flow')"
"""The nature of a row of `indicator_now`, in SQL."""


def nature_of(indicator: Indicator) -> Nature:
    """The nature of an indicator of the catalogue."""
    if indicator.kind == "composite":
        return "composite"
    if indicator.kind == "latest":
        return "report"
    return "state" if indicator.time is None or indicator.window is not None else "flow"
