"""All dashboards of a folder, by their uid."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboards.wall.definition import Definition, read_definition
from ioc.errors import ConfigError


@dataclass(frozen=True)
class Library:
    """The dashboards, and the one that `/` shows."""

    home: Definition
    dashboards: Mapping[str, Definition]

    def get(self, uid: str | None) -> Definition | None:
        """A dashboard; without a uid the one of `/`."""
        return self.dashboards.get(uid) if uid else self.home

    def listing(self) -> list[dict[str, Any]]:
        """uid, title, tags and address of each, the home first, the others by title."""
        rest = sorted((one for one in self.dashboards.values() if one is not self.home), key=lambda one: one.title)
        return [
            {
                "uid": one.uid,
                "title": one.title,
                "tags": list(one.tags),
                "url": "/" if one is self.home else f"/d/{one.uid}",
            }
            for one in (self.home, *rest)
        ]


def read_library(home: Path) -> Library:
    """Reads `home` and every other dashboard of its folder.

    Raises:
        ConfigError: one of them is missing or no dashboard, or two have one uid.
    """
    first = read_definition(home)
    found = {first.uid: first}
    for file in sorted(home.parent.glob("*.json")):
        if file == home:
            continue
        one = read_definition(file)
        if one.uid in found:
            raise ConfigError(f"{file}: uid {one.uid} is already that of another dashboard in this folder")
        found[one.uid] = one
    return Library(first, found)
