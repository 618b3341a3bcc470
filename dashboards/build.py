"""The dashboards' JSON files, the same bytes every time.

The files are committed: Grafana is provisioned with them and the embedded wall draws them, so what is reviewed is what is
shown.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.boards import BOARDS
from dashboards.boards.world import UID, World, load_world
from ioc.errors import ConfigError

PROVISIONED = Path(__file__).parent / "provisioning" / "dashboards"
WALL = PROVISIONED / "wall.json"

_SCHEMA_VERSION = 39
"""Version of the dashboard schema of Grafana 11; newer ones migrate it when they load it."""


def plain(dashboard: Dashboard) -> dict[str, object]:
    """A dashboard as plain JSON values."""
    values = json.loads(json.dumps(dashboard.build(), cls=JSONEncoder))
    assert isinstance(values, dict)
    return values | {"schemaVersion": _SCHEMA_VERSION}


def text(dashboard: Mapping[str, object]) -> str:
    """The file's text: keys in order, so that a difference in review is a difference of content."""
    return json.dumps(dashboard, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def build(world: World) -> dict[str, str]:
    """File name → text, of every dashboard.

    Raises:
        ConfigError: a layout does not fit the catalogue.
    """
    made = [plain(dashboard) for boards in BOARDS for dashboard in boards(world)]
    files = {f"{str(one['uid']).removeprefix(UID)}.json": text(one) for one in made}
    assert len(files) == len(made), "two dashboards have one uid"
    return files


def write(catalogue: Path | None = None, province: str = "ca_mau", folder: Path = PROVISIONED) -> list[Path]:
    """Writes the files, and removes those of dashboards that are no more. Raises as `build` and `load_world` do."""
    files = build(load_world(catalogue, province))
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    for file in folder.glob("*.json"):
        if file.name not in files:
            file.unlink()
    return [folder / name for name in files]


def check(catalogue: Path | None = None, province: str = "ca_mau", folder: Path = PROVISIONED) -> list[Path]:
    """Compares the committed files with what the catalogue and the layouts give now; gives the files.

    Raises:
        ConfigError: a file is missing, stale, or of no dashboard; or as `build` and `load_world` do.
    """
    files = build(load_world(catalogue, province))
    held = {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.json")}
    stale = sorted(name for name in files.keys() | held.keys() if files.get(name) != held.get(name))
    if stale:
        raise ConfigError(
            f"{', '.join(str(folder / name) for name in stale)}: stale; run `ioc dashboards build` and commit the files"
        )
    return [folder / name for name in files]
