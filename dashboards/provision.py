"""The provisioning files beside the dashboards: alert rules, whom to tell, the playlist. The same bytes every time.

They are committed, so that what Grafana is given can be reviewed; nothing of them is written by hand.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from dashboards import notify
from dashboards.alerts import groups
from dashboards.boards.world import World, load_world
from dashboards.playlist import playlist
from ioc.errors import ConfigError

FOLDER = Path(__file__).parent / "provisioning"
RULES = "alerting/rules.yaml"
CONTACT_POINTS = "alerting/contact-points.yaml"
POLICIES = "alerting/policies.yaml"
MUTE_TIMINGS = "alerting/mute-timings.yaml"
WEBHOOKS = "optional/webhooks.yaml"
PLAYLIST = "playlists/room.yaml"

_SAYS = "# Written by `ioc dashboards build`: change dashboards/{module}.py instead.\n"


_VERSION: dict[str, object] = {"apiVersion": 1}


class _Dumper(yaml.SafeDumper):
    """Texts of several lines stand as such; what looks like a number or a time is quoted, for readers of other YAML versions."""


def _lines(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else "'" if text[:1].isdigit() else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _lines)
_Dumper.ignore_aliases = lambda *_: True  # type: ignore[method-assign]  # each list stands where it is read


def _yaml(module: str, content: Mapping[str, object]) -> str:
    body = yaml.dump(dict(content), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000)
    return _SAYS.format(module=module) + body


def build(world: World) -> dict[str, str]:
    """Path below the provisioning folder → text."""
    return {
        RULES: _yaml("alerts", _VERSION | {"groups": groups(world)}),
        CONTACT_POINTS: _yaml("notify", _VERSION | {"contactPoints": notify.contact_points()}),
        POLICIES: _yaml("notify", _VERSION | {"policies": notify.policies()}),
        MUTE_TIMINGS: _yaml("notify", _VERSION | {"muteTimes": notify.mute_timings()}),
        WEBHOOKS: _yaml("notify", _VERSION | {"contactPoints": notify.webhooks()}),
        PLAYLIST: _yaml("playlist", playlist(world)),
    }


def write(catalogue: Path | None = None, province: str = "ca_mau", folder: Path = FOLDER) -> list[Path]:
    """Writes the files. Raises as `load_world` does."""
    files = build(load_world(catalogue, province))
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return [folder / name for name in files]


def check(catalogue: Path | None = None, province: str = "ca_mau", folder: Path = FOLDER) -> list[Path]:
    """Compares the committed files with what the catalogue gives now; gives the files.

    Raises:
        ConfigError: a file is missing or stale; or as `load_world` does.
    """
    files = build(load_world(catalogue, province))
    stale = [
        str(folder / name)
        for name, content in files.items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != content
    ]
    if stale:
        raise ConfigError(f"{', '.join(stale)}: stale; run `ioc dashboards build` and commit the files")
    return [folder / name for name in files]


def read_yaml(file: Path) -> dict[str, Any]:
    """A file's content; by libyaml where PyYAML was built with it, which is ten times as fast."""
    content = yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    assert isinstance(content, dict)
    return content


def load(folder: Path = FOLDER) -> dict[str, object]:
    """What Grafana is given by the files of `alerting`: all lists by their key (`groups`, `contactPoints`, …)."""
    merged: dict[str, list[object]] = {}
    for file in sorted((folder / "alerting").glob("*.yaml")):
        for key, listed in read_yaml(file).items():
            if key != "apiVersion":
                merged.setdefault(key, []).extend(listed)
    return dict(merged)
