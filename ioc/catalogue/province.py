"""A province as data: its units, their tree with validity dates, and the codes that source systems call them by."""

from datetime import date
from typing import Annotated

from pydantic import Field

from ioc.catalogue.indicator import Level
from ioc.catalogue.row import Names, Row


class Unit(Row):
    """A unit of the province.

    `aliases` are the codes that sources write for it (one may stand at one unit only); the unit's own code is one of
    itself. `valid_to` is the first day on which the unit no longer exists.
    """

    code: Annotated[str, Field(min_length=1, max_length=64)]
    name: Names
    level: Level
    parent: str | None = None
    aliases: list[str] = []
    valid_from: date = date(1997, 1, 1)
    valid_to: date | None = None
    made_up: bool = False
    """True where no document names the unit and the profile invented the name."""
    contact: str = ""


class Province(Row):
    """A province's profile."""

    code: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    name: Names
    unit: Annotated[list[Unit], Field(min_length=1)]
