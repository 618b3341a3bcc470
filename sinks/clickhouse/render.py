"""Migrations as text: files with placeholders, and the statements that they become for one node or a cluster."""

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from ioc.clock import DAY_S, LOCAL_OFFSET_S
from ioc.errors import ConfigError

MIGRATIONS = Path(str(files("sinks.clickhouse"))) / "migrations"
"""Numbered tables here; `views/` beside them is created anew each time; `access/` is for servers with users."""

TODAY = f"toInt32(intDiv(toUnixTimestamp(now()) + {LOCAL_OFFSET_S}, {DAY_S}))"
"""The local day (days since 1970-01-01, Asia/Ho_Chi_Minh) at the moment of a query, in SQL."""

_NUMBERED = re.compile(r"^(\d{4})_[a-z0-9_]+$")
_COMMENTS = re.compile(r"\A(\s*--[^\n]*\n)+")
_PLACEHOLDER = re.compile(r"( ?)\{([a-z_]+)\}")


@dataclass(frozen=True)
class Target:
    """Where migrations go: the database, and the cluster's name (empty on one node)."""

    database: str
    cluster: str = ""

    @property
    def names(self) -> dict[str, str]:
        """Values of the placeholders."""
        return {
            "database": self.database,
            "on_cluster": f"ON CLUSTER `{self.cluster}`" if self.cluster else "",
            "replicated": "Replicated" if self.cluster else "",
            "today": TODAY,
        }


@dataclass(frozen=True)
class Script:
    """One file of migrations."""

    name: str
    text: str

    @property
    def checksum(self) -> str:
        """Hash of the text as it stands in the file, before placeholders are filled."""
        return hashlib.blake2b(self.text.encode(), digest_size=16).hexdigest()

    def statements(self, target: Target, extra: dict[str, str] | None = None) -> list[str]:
        """The statements for a target.

        Raises:
            ConfigError: a placeholder is unknown.
        """
        return [render(part, self.name, target, extra) for part in split(self.text)]


def split(text: str) -> list[str]:
    """The statements of a script: each ends with a semicolon at the end of a line; comment lines before one are left out."""
    pieces = (_COMMENTS.sub("", piece).strip() for piece in re.split(r";[ \t]*(?:\n|\Z)", text))
    return [piece for piece in pieces if piece]


def render(text: str, name: str, target: Target, extra: dict[str, str] | None = None) -> str:
    """Fills the placeholders of a text.

    Raises:
        ConfigError: a placeholder is unknown.
    """
    values = target.names | (extra or {})

    def fill(found: re.Match[str]) -> str:
        space, key = found.groups()
        if key not in values:
            raise ConfigError(f"{name}: placeholder {{{key}}} is not one of {', '.join(sorted(values))}")
        return space + values[key] if values[key] else (space if key == "replicated" else "")

    return _PLACEHOLDER.sub(fill, text)


def numbered(folder: Path = MIGRATIONS) -> list[Script]:
    """The numbered scripts of a folder, in order.

    Raises:
        ConfigError: a name is not `0001_name.sql`, or the numbers are not 1, 2, 3 ….
    """
    scripts = _read(folder)
    for place, script in enumerate(scripts, 1):
        found = _NUMBERED.match(script.name)
        if not found or int(found[1]) != place:
            raise ConfigError(f"{folder / script.name}.sql: expected a name like {place:04d}_what_it_does.sql")
    return scripts


def views(folder: Path = MIGRATIONS / "views") -> list[Script]:
    """The views, in the order in which they build on one another."""
    return _read(folder)


def _read(folder: Path) -> list[Script]:
    return [Script(file.stem, file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.sql"))]
