"""A series of reported figures: what is reported, how often, by whom, and whether it may be added up."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ioc.catalogue.row import Names, Row
from ioc.catalogue.unit_of_measure import UnitOfMeasure

PeriodGrain = Literal["day", "week", "month", "quarter", "year"]
Reporter = Literal["province", "department", "district", "commune", "local", "facility"]
"""Level of the units that report; `local` is the districts until 30/6/2025 and the communes from 1/7/2025 on."""

Additivity = Literal["sum", "ratio", "none"]
"""Across units: values add up; numerators and denominators do; nothing may be added."""

OverTime = Literal["sum", "last"]
"""Across periods: a year is the sum of its months; or it is what its last month was."""


class Series(Row):
    """One series that units report.

    Attributes:
        grain: length of its periods.
        unit: what the value is reported in; `percent` is reported with numerator and denominator where `additivity` is `ratio`.
        reporters: how many units report; None: every unit of the reporting level that exists in the period.
        low, high: domain of one report's value; what lies outside is shown and flagged, never dropped.
        due_days: to be reported within so many days after the end of the period.
    """

    code: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=64)]
    name: Names
    grain: PeriodGrain
    unit: UnitOfMeasure
    reporter: Reporter
    reporters: Annotated[int | None, Field(ge=1)] = None
    additivity: Additivity
    over_time: OverTime
    low: float | int
    high: float | int
    due_days: Annotated[int, Field(ge=0, le=400)] = 10

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.high <= self.low:
            raise ValueError(f"the domain {self.low}..{self.high} is empty")
        if self.unit == "percent" and self.additivity == "sum":
            raise ValueError("percentages are not added: additivity is `ratio` or `none`")
        if self.additivity == "ratio" and self.unit != "percent":
            raise ValueError(f"additivity `ratio` is of a percentage, not of {self.unit}")
        if self.over_time == "sum" and self.additivity == "none" and self.unit == "percent":
            raise ValueError("a percentage without numerator and denominator is not summed over time")
        return self


class SeriesFile(Row):
    """A file of series."""

    series: list[Series]
