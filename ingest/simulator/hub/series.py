"""The series of figures that the hub carries: those of the catalogue, with who reports them and how large they are.

What is reported, how often and at which level is the catalogue's; which department a figure comes from is the one that answers for
the indicator that shows it. A share is reported with its numerator and denominator; its range is that of the percentage.
"""

from datetime import date
from typing import NamedTuple

from ingest.simulator.hub.plausible import PORTAL, plausible, whole
from ioc.catalogue.load import load_catalogue, load_province
from ioc.catalogue.series import PeriodGrain
from ioc.catalogue.series import Series as Declared
from ioc.catalogue.unit_of_measure import SHOWN, UnitOfMeasure

Grain = PeriodGrain

_PROVINCE = "ca_mau"
_FALLBACK = "000.00.05.H12"
"""Reports where nobody of the profile answers for the indicator: Sở Thông tin và Truyền thông."""

_DECIMALS: dict[UnitOfMeasure, int] = {"percent": 2, "million_usd": 3, "billion_vnd": 3, "million_vnd": 3}
"""Decimals that a unit of measure is reported with, where they are not those that it is shown with."""


class Series(NamedTuple):
    """One series.

    Attributes:
        code: as reports and tables write it.
        name: in Vietnamese.
        measure: unit of measure, as a report shows it.
        grain: length of its periods.
        low, high: plausible range of one unit's figure.
        decimals: that it is reported with.
        units: who may report it, the first ones first; see `units_on`.
        share: a percentage, reported with numerator and denominator.
        portal: it is read from the open-data portal; otherwise units drop it in their reports.
        reporters: how many of the units report; None: all that exist.
        whole: range of one unit's denominator.
        steady: it says how many there are, and hardly changes from period to period.
    """

    code: str
    name: str
    measure: str
    grain: Grain
    low: float
    high: float
    decimals: int
    units: tuple[str, ...]
    share: bool = False
    portal: bool = False
    reporters: int | None = None
    whole: tuple[float, float] = (2_000, 40_000)
    steady: bool = False

    def units_on(self, first: date) -> tuple[str, ...]:
        """Who reports the period that begins on this day; of a local series the districts while there are any."""
        here = tuple(code for code in self.units if _UNITS[code].valid_on(first))
        districts = tuple(code for code in here if _UNITS[code].level == "district")
        return (districts or here)[: self.reporters]


def _units(series: Declared, responsible: str) -> tuple[str, ...]:
    """The codes of the level that reports; that of the department which answers for the indicator comes first."""
    levels = {"district", "commune"} if series.reporter == "local" else {series.reporter}
    found = [unit for unit in _UNITS.values() if unit.level in levels]
    found.sort(key=lambda unit: (unit.name.vi != responsible, unit.code != _FALLBACK))
    return tuple(unit.code for unit in found)


def _series(series: Declared, responsible: str) -> Series:
    low, high = plausible(series)
    return Series(
        code=series.code,
        name=series.name.vi,
        measure=SHOWN[series.unit].vi,
        grain=series.grain,
        low=low,
        high=high,
        decimals=_DECIMALS.get(series.unit, SHOWN[series.unit].decimals),
        units=_units(series, responsible),
        share=series.additivity == "ratio",
        portal=series.code in PORTAL or series.grain == "year",
        reporters=series.reporters,
        whole=whole(series),
        steady=series.additivity == "sum" and series.over_time == "last",
    )


_CATALOGUE = load_catalogue()
_UNITS = {unit.code: unit for unit in load_province(_PROVINCE).unit}
_RESPONSIBLE = {i.series: i.responsible for i in _CATALOGUE.indicators.values() if i.series}

SERIES: tuple[Series, ...] = tuple(
    _series(series, _RESPONSIBLE.get(code, "")) for code, series in sorted(_CATALOGUE.series.items())
)

BY_CODE = {series.code: series for series in SERIES}
