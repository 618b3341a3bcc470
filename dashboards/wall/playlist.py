"""The playlists that the wall can run through, from the files that Grafana's are published from."""

from collections.abc import Container, Mapping
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ioc.errors import ConfigError


class Item(BaseModel):
    """A dashboard of a playlist."""

    model_config = ConfigDict(extra="forbid")
    type: str = Field(pattern="^dashboard_by_uid$")
    value: str


class Playlist(BaseModel):
    """A playlist as it stands in its file, with the names that Grafana's API uses."""

    name: str
    interval: str = Field(pattern=r"^\d+[smh]$")
    items: list[Item] = Field(min_length=1)


Playlists = Mapping[str, dict[str, object]]
"""By the file's name without `.yaml`: `name`, `interval_s` (how long a screenful stays), `uids`."""

_SECONDS = {"s": 1, "m": 60, "h": 3600}


def read_playlists(folder: Path, known: Container[str]) -> Playlists:
    """Reads the playlists of a folder; one that is not there has none.

    Raises:
        ConfigError: a file is no playlist, or names a dashboard that is not known.
    """
    found: dict[str, dict[str, object]] = {}
    for file in sorted(folder.glob("*.yaml")):
        try:
            playlist = Playlist.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
        except (yaml.YAMLError, ValidationError) as error:
            raise ConfigError(f"{file} is no playlist: {error}") from error
        if missing := [item.value for item in playlist.items if item.value not in known]:
            raise ConfigError(f"{file}: no dashboard has the uid {', '.join(missing)}")
        interval_s = int(playlist.interval[:-1]) * _SECONDS[playlist.interval[-1]]
        uids = [item.value for item in playlist.items]
        found[file.stem] = {"name": playlist.name, "interval_s": interval_s, "uids": uids}
    return found
