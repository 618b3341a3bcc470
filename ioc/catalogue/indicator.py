"""An indicator as it stands in the catalogue's TOML."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from ioc.catalogue.row import Names, Row
from ioc.catalogue.unit_of_measure import UnitOfMeasure

Level = Literal["province", "district", "commune", "department", "facility"]
IndicatorKind = Literal["count", "sum", "mean", "ratio", "stock", "latest", "composite"]
Period = Literal["day", "week", "month", "quarter", "year", "to_date"]
"""What a current figure covers: from the first day of the running period, or from the beginning (`to_date`), up to today."""

STATISTIC = "statistic"
"""The kind of event that `latest` reads."""


class ConditionRow(Row):
    """One condition; exactly one of the comparisons is given. All conditions of a list must hold."""

    field: str
    eq: str | int | bool | None = None
    ne: str | int | bool | None = None
    lt: int | None = None
    le: int | None = None
    gt: int | None = None
    ge: int | None = None
    in_: Annotated[list[str | int] | None, Field(alias="in", min_length=1)] = None
    not_in: Annotated[list[str | int] | None, Field(min_length=1)] = None
    null: bool | None = None
    eq_field: str | None = None
    lt_field: str | None = None
    le_field: str | None = None
    gt_field: str | None = None
    ge_field: str | None = None
    by: Literal["value", "day"] | None = None

    @model_validator(mode="after")
    def _one_comparison(self) -> Self:
        given = sorted(name.rstrip("_") for name in self.model_fields_set - {"field", "by"})
        if len(given) != 1:
            raise ValueError(f"give exactly one comparison for {self.field}, not {given or 'none'}")
        if self.by is not None and not given[0].endswith("_field"):
            raise ValueError(f"`by` belongs to a comparison of two fields, not to {given[0]}")
        return self


class ValueRow(Row):
    """What is added up: an integer field, or the time from one moment to another, in seconds or in working days."""

    field: str | None = None
    from_: Annotated[str | None, Field(alias="from")] = None
    to: str | None = None
    calendar: Literal["working"] | None = None

    @model_validator(mode="after")
    def _field_or_duration(self) -> Self:
        if (self.field is None) == (self.from_ is None) or (self.from_ is None) != (self.to is None):
            raise ValueError("give either `field`, or `from` and `to`")
        if self.calendar is not None and self.from_ is None:
            raise ValueError("`calendar` belongs to `from` and `to`")
        return self


class WindowRow(Row):
    """Which days an age-dependent stock counts, relative to today (0), both ends included; an absent end is open."""

    from_days: int | None = None
    to_days: int | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.from_days is None and self.to_days is None:
            raise ValueError("give `from_days`, `to_days` or both")
        if self.from_days is not None and self.to_days is not None and self.to_days < self.from_days:
            raise ValueError(f"window {self.from_days}..{self.to_days} is empty")
        return self


class Provenance(Row):
    """Where the indicator comes from: a document's reference, or `project` where we added it ourselves."""

    origin: Literal["document", "project"]
    document: str = ""
    reference: str = ""

    @model_validator(mode="after")
    def _document_has_reference(self) -> Self:
        if self.origin == "document" and not (self.document and self.reference):
            raise ValueError("origin `document` needs `document` and `reference`")
        return self


class PartRow(Row):
    """One part of a composite: an indicator, the points it can earn, and the values at which it earns none and all of them.

    Between `zero` and `full` points grow in a straight line. `levels` narrows the part to some levels; left out, it counts at all.
    """

    code: Annotated[str, Field(pattern=r"^[A-Z]{2,3}-\d{3}$")]
    points: Annotated[float | int, Field(gt=0, le=100)]
    zero: float | int = 0
    full: float | int = 100
    levels: list[Level] = []

    @model_validator(mode="after")
    def _has_a_slope(self) -> Self:
        if self.zero == self.full:
            raise ValueError(f"part {self.code}: `zero` and `full` are both {self.full:g}")
        return self


class Indicator(Row):
    """One indicator.

    A flow (`count`, `sum`, `mean`, `ratio` with `time`) counts entities by an event time, over a period. A state (`stock`, or
    `ratio` without `time`) counts them as they are now; with `window` it counts those whose `time` lies so many days
    from today, so that "overdue" needs no timer. `latest` is the last figure that was reported of a series. A `composite` is a
    total of points that other indicators earn.
    """

    code: Annotated[str, Field(pattern=r"^[A-Z]{2,3}-\d{3}$")]
    name: Names
    kind: IndicatorKind
    event: str = ""
    """Kind of event that it reads; `latest` reads statistics, a `composite` reads none."""
    series: str = ""
    parts: list[PartRow] = []
    time: str | None = None
    filter: list[ConditionRow] = []
    numerator: list[ConditionRow] = []
    value: ValueRow | None = None
    window: WindowRow | None = None
    unit: UnitOfMeasure
    period: Period = "year"
    levels: Annotated[list[Level], Field(min_length=1)]
    direction: Literal["up", "down", "none"]
    warning_margin: Annotated[float | int, Field(ge=0)] = 5
    """How far short of the target still counts as a warning, in the indicator's unit."""
    freshness_minutes: Annotated[int, Field(ge=1)] = 15
    responsible: str
    provenance: Provenance

    @property
    def sector(self) -> str:
        """The letters of the code: which of the 13 sectors it belongs to."""
        return self.code.partition("-")[0]

    @model_validator(mode="before")
    @classmethod
    def _event_of_latest(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("kind") == "latest" and "event" not in data:
            return {**data, "event": STATISTIC}
        return data

    @model_validator(mode="after")
    def _origin_fits_kind(self) -> Self:
        if (self.kind == "latest") != bool(self.series):
            raise ValueError(f"kind {self.kind} {'needs' if self.kind == 'latest' else 'takes no'} `series`")
        if (self.kind == "composite") != bool(self.parts):
            raise ValueError(f"kind {self.kind} {'needs' if self.kind == 'composite' else 'takes no'} `parts`")
        if (self.kind == "composite") == bool(self.event):
            raise ValueError(f"kind {self.kind} {'takes no' if self.kind == 'composite' else 'needs'} `event`")
        if self.kind == "latest" and self.event != STATISTIC:
            raise ValueError(f"kind latest reads {STATISTIC}, not {self.event}")
        if self.kind in ("latest", "composite") and (self.time or self.filter or self.window):
            raise ValueError(f"kind {self.kind} takes no `time`, `filter` or `window`")
        return self

    @model_validator(mode="after")
    def _parts_fit_kind(self) -> Self:
        needs_value = self.kind in ("sum", "mean")
        if needs_value != (self.value is not None):
            raise ValueError(f"kind {self.kind} {'needs' if needs_value else 'takes no'} `value`")
        if self.kind != "ratio" and self.numerator:
            raise ValueError(f"kind {self.kind} takes no `numerator`")
        if self.kind == "ratio" and not self.numerator and self.window is None:
            raise ValueError("kind ratio needs `numerator` (or `window`: then it is the part that lies in the window)")
        if self.kind in ("count", "sum", "mean") and self.time is None:
            raise ValueError(f"kind {self.kind} needs `time`, the event time it is counted by")
        if self.kind in ("count", "sum", "mean") and self.window is not None:
            raise ValueError(f"kind {self.kind} takes no `window`; a stock or ratio does")
        if self.kind == "stock" and (self.time is None) != (self.window is None):
            raise ValueError("a stock has neither `time` nor `window`, or both")
        if self.window is not None and self.time is None:
            raise ValueError("`window` needs `time`, the moment that days are counted from")
        return self

    @model_validator(mode="after")
    def _unit_fits_kind(self) -> Self:
        if self.kind == "latest":
            return self
        if self.kind == "composite":
            if self.unit != "point":
                raise ValueError(f"a composite is shown in point, not in {self.unit}")
            return self
        if (self.kind == "ratio") != (self.unit == "percent"):
            raise ValueError(f"a ratio is shown in percent and nothing else is; not a {self.kind} in {self.unit}")
        working = self.value is not None and self.value.calendar is not None
        if working != (self.unit == "working_day"):
            raise ValueError(f'`calendar = "working"` counts in working_day and nothing else does; not in {self.unit}')
        lasts = self.value is not None and self.value.from_ is not None and not working
        if lasts != (self.unit in ("hour", "day")):
            raise ValueError(
                f"a duration is shown in hour or day and nothing else is; not this {self.kind} in {self.unit}"
            )
        return self


class Sector(Row):
    """A file of the catalogue: one sector and its indicators."""

    code: Annotated[str, Field(pattern=r"^[A-Z]{2,3}$")]
    name: Names
    indicator: list[Indicator]
