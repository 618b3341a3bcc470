"""A province as data: its units, their tree with validity dates, the codes that sources call them by, targets and results."""

import itertools
from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from ioc.catalogue.indicator import Level
from ioc.catalogue.row import Names, Row


class Move(Row):
    """From `on` on the unit stands under `parent`."""

    on: date
    parent: Annotated[str, Field(min_length=1)]


class Unit(Row):
    """A unit of the province.

    `aliases` are the codes that sources write for it (one may stand at one unit only); the unit's own code is one of
    itself. `valid_to` is the first day on which the unit no longer exists; `successor` is the unit that stands for it from then
    on. `moved` says under which other parents it came later.
    """

    code: Annotated[str, Field(min_length=1, max_length=64)]
    name: Names
    level: Level
    parent: str | None = None
    aliases: list[str] = []
    valid_from: date = date(1997, 1, 1)
    valid_to: date | None = None
    successor: str | None = None
    moved: list[Move] = []
    made_up: bool = False
    """True where no document at hand names the unit."""
    contact: str = ""

    def valid_on(self, day: date) -> bool:
        """Whether the unit exists on a day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def parent_on(self, day: date) -> str | None:
        """The unit above it on a day; before and after its life the first and the last."""
        return next((move.parent for move in reversed(self.moved) if move.on <= day), self.parent)

    @model_validator(mode="after")
    def _dates_follow(self) -> Self:
        dates = [self.valid_from, *(move.on for move in self.moved), *([self.valid_to] if self.valid_to else [])]
        if any(later <= earlier for earlier, later in itertools.pairwise(dates)):
            raise ValueError("valid_from, the dates of `moved` and valid_to do not follow one another")
        if self.successor is not None and self.valid_to is None:
            raise ValueError("`successor` needs `valid_to`: it stands for the unit from that day on")
        if self.moved and self.parent is None:
            raise ValueError("`moved` needs `parent`, the first one")
        return self


class Target(Row):
    """A target for the units of a level, and the document that sets it. It holds until a later one replaces it."""

    code: str
    year: Annotated[int, Field(ge=2015, le=2100)]
    level: Level = "province"
    value: float | int
    document: Annotated[str, Field(min_length=1)]
    reference: Annotated[str, Field(min_length=1)]


class Share(Row):
    """A part of a stated whole."""

    what: Annotated[str, Field(min_length=1)]
    value: float | int


class Stated(Row):
    """A result as a document states it: nothing is computed from it, figures are compared with it.

    `value` is in the indicator's unit, a percentage where there is a `denominator`; it is written with the decimals that the document
    has. `numerator` and `denominator` are given where the document gives them, contradictory or not; `parts` are what it says `value`
    is made of. `as_of` is the day that it describes. `code` is empty where the catalogue has no indicator of it: then `what` says it.
    """

    code: str = ""
    what: str = ""
    as_of: date
    level: Level = "province"
    value: float | int | None = None
    numerator: float | int | None = None
    denominator: float | int | None = None
    parts: list[Share] = []
    document: Annotated[str, Field(min_length=1)]
    reference: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if bool(self.code) == bool(self.what):
            raise ValueError("give `code`, or `what` where no indicator has it")
        if self.value is None and self.numerator is None:
            raise ValueError("give `value`, `numerator` or both")
        if self.denominator is not None and self.numerator is None:
            raise ValueError("`denominator` needs `numerator`")
        if self.parts and (self.value is None or self.numerator is not None):
            raise ValueError("`parts` are of `value`, which then has no `numerator`")
        return self


class Part(Row):
    """One file of a province's folder; units, targets and results of all files are taken together."""

    unit: list[Unit] = []
    target: list[Target] = []
    result: list[Stated] = []


class Head(Part):
    """The file `province.toml` of the folder."""

    code: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    name: Names


class Province(Head):
    """A province's profile."""

    unit: Annotated[list[Unit], Field(min_length=1)]

    def targets_of(self, code: str) -> list[Target]:
        """The targets of an indicator, in order of year and level."""
        return sorted((target for target in self.target if target.code == code), key=lambda t: (t.year, t.level))
