"""The layout of the wall: which figures of a sector are vital, and where the tiles stand on the one screen.

A TOML file beside the catalogue, checked against it (`dashboards/layouts/wall.toml`).
"""

import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, ValidationError, model_validator

from dashboards.layout import At, cells_of
from ioc.catalogue.load import Catalogue
from ioc.catalogue.row import Row
from ioc.errors import ConfigError

WALL = Path(__file__).parents[1] / "layouts" / "wall.toml"

Watch = Literal["worst", "changed", "targets", "late", "findings"]
"""What a list answers: which units are worst off, what has changed most, how many targets are reached, who has not reported, which
reports contradict one another."""

Label = Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[^()/|.\\^$*+?\[\]{}]+$")]
"""A word that stands in a regular expression of the panel."""


class VitalRow(Row):
    """A figure of a sector's tile."""

    code: str
    label: Label


class SectorRow(Row):
    """The tile of a sector."""

    code: str
    title: Annotated[str, Field(min_length=1, max_length=20)]
    at: At
    vital: Annotated[list[VitalRow], Field(min_length=2, max_length=4)]


class WatchRow(Row):
    """A list over all sectors."""

    draw: Watch
    title: Annotated[str, Field(min_length=1, max_length=30)]
    at: At


class WallLayout(Row):
    """The wall: one screen, in the order in which it is read."""

    uid: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    title: str
    overdue: Annotated[list[str], Field(min_length=1)]
    """Indicators that count what is overdue: their sum ranks units that miss equally many targets."""
    sector: list[SectorRow]
    watch: list[WatchRow]

    @property
    def tiles(self) -> list[SectorRow | WatchRow]:
        """All tiles, in the order in which they are read."""
        return sorted([*self.sector, *self.watch], key=lambda tile: (tile.at[1], tile.at[0]))

    @model_validator(mode="after")
    def _no_overlap(self) -> Self:
        taken: dict[tuple[int, int], str] = {}
        for tile in self.tiles:
            for cell in cells_of(tile.at):
                if cell in taken:
                    raise ValueError(f"{tile.title!r} lies over {taken[cell]!r}")
                taken[cell] = tile.title
        return self


def load_wall(file: Path, catalogue: Catalogue) -> WallLayout:
    """Reads the layout and checks it against the catalogue.

    Raises:
        ConfigError: the file is not TOML, a key is unknown or its value not allowed, tiles overlap, a sector or a list has no tile or
            two, or an indicator is not of its sector, or stands twice.
    """
    try:
        layout = WallLayout.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not TOML: {error}") from error
    except ValidationError as refused:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in refused.errors())
        raise ConfigError(f"{file}: {faults}") from refused
    if faults := "; ".join(_faults(layout, catalogue)):
        raise ConfigError(f"{file}: {faults}")
    return layout


def _faults(layout: WallLayout, catalogue: Catalogue) -> list[str]:
    codes = {sector.code: {one.code for one in sector.indicator} for sector in catalogue.sectors}
    found = [f"sector {code}: {count} tiles" for code, count in _not_once([one.code for one in layout.sector], codes)]
    found += [
        f"watch {name}: {count} tiles" for name, count in _not_once([one.draw for one in layout.watch], get_args(Watch))
    ]
    for sector in layout.sector:
        own = [one.code for one in sector.vital]
        found += [f"{code} is not of sector {sector.code}" for code in own if code not in codes.get(sector.code, ())]
        found += [f"{code} stands {count} times" for code, count in Counter(own).items() if count > 1]
    return found + [f"{code} not in the catalogue" for code in layout.overdue if code not in catalogue.indicators]


def _not_once(found: Iterable[str], asked: Iterable[str]) -> list[tuple[str, int]]:
    counts = Counter(found)
    return [(name, counts[name]) for name in sorted({*asked, *counts}) if counts[name] != 1]
