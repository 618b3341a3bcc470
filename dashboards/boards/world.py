"""What a dashboard is built from, and the settings that all of them share."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.annotations import annotations
from dashboards.fields import Aims, aims_of
from ioc.catalogue.indicator import Level
from ioc.catalogue.load import Catalogue, load_catalogue
from ioc.catalogue.profile import load_province
from ioc.catalogue.province import Province

YEAR = 2026
"""Year whose targets are drawn: of each indicator the newest target of this year or before."""

UID = "ioc-"
"""How the uids of the dashboards begin; the rest is the name of the file."""


@dataclass(frozen=True)
class World:
    """The catalogue and the province, read once for all dashboards."""

    catalogue: Catalogue
    province: Province

    @cached_property
    def aims(self) -> Aims:
        """The targets of the province by code."""
        return aims_of(self.province.target, YEAR)

    @cached_property
    def sector_names(self) -> dict[str, str]:
        """Names of the sectors by their letters, Vietnamese, in the catalogue's order."""
        return {sector.code: sector.name.vi for sector in self.catalogue.sectors}

    @cached_property
    def levels(self) -> list[Level]:
        """Levels below the province that have units for good, fewest units first."""
        counts = Counter(unit.level for unit in self.province.unit if unit.parent is not None and unit.valid_to is None)
        return [level for level, _ in reversed(counts.most_common())]

    @cached_property
    def root(self) -> str:
        """Code of the unit that all others stand under: the province."""
        return next(unit.code for unit in self.province.unit if unit.parent is None)


def load_world(catalogue: Path | None = None, province: str = "ca_mau") -> World:
    """Reads the catalogue (None: the packaged one) and the province.

    Raises:
        ConfigError: one of them is wrong.
    """
    return World(load_catalogue(catalogue), load_province(province, catalogue))


def dashboard(name: str, title: str, tags: Iterable[str] = (), days: int = 30) -> Dashboard:
    """A dashboard of the project with nothing on it: `name` is the name of its file, and its uid is `ioc-` and the name."""
    return (
        Dashboard(title)
        .uid(UID + name)
        .tags(["ioc", *tags])
        .timezone("Asia/Ho_Chi_Minh")
        .refresh("5s")
        .time(f"now-{days}d", "now")
        .annotations([*annotations()])
        .readonly()
    )
