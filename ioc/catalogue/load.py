"""Reads catalogue and province profiles from TOML; every fault names file, key, value and what is allowed."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from ioc.catalogue.compile import Compiled, CompileError, compile_catalogue
from ioc.catalogue.indicator import Indicator, Row, Sector
from ioc.catalogue.province import Province
from ioc.errors import ConfigError

PACKAGED = Path(__file__).parent

RowT = TypeVar("RowT", bound=Row)


@dataclass(frozen=True)
class Catalogue:
    """The sectors with their indicators, compiled."""

    sectors: tuple[Sector, ...]
    compiled: Compiled

    @property
    def indicators(self) -> dict[str, Indicator]:
        """All indicators by code, in order of code."""
        found = {i.code: i for sector in self.sectors for i in sector.indicator}
        return dict(sorted(found.items()))


def load_catalogue(directory: Path | None = None) -> Catalogue:
    """Reads `indicators/*.toml` below `directory` (None: the packaged catalogue) and compiles it.

    Raises:
        ConfigError: a file is not TOML, a key is unknown or its value not allowed, a code stands twice or in the wrong sector.
    """
    folder = (directory or PACKAGED) / "indicators"
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise ConfigError(f"{folder} holds no *.toml; set catalogue.directory to the folder above `indicators`")
    sectors: list[Sector] = []
    seen: dict[str, Path] = {}
    for file in files:
        sector = _read(file, Sector)
        for indicator in sector.indicator:
            if indicator.sector != sector.code:
                raise ConfigError(f"{file}: {indicator.code} does not begin with the sector's code {sector.code}")
            if indicator.code in seen:
                raise ConfigError(f"{file}: {indicator.code} stands in {seen[indicator.code]} too; codes are unique")
            seen[indicator.code] = file
        sectors.append(sector)
    try:
        compiled = compile_catalogue(i for sector in sectors for i in sector.indicator)
    except CompileError as error:
        code = str(error).partition(":")[0]
        raise ConfigError(f"{seen[code]}: {error}") from error
    return Catalogue(tuple(sectors), compiled)


def load_province(code: str, directory: Path | None = None) -> Province:
    """Reads `provinces/<code>.toml` and checks its tree.

    Raises:
        ConfigError: the file is missing or wrong, a parent does not exist, a code or alias stands at two units, the tree has
            a ring or no single root.
    """
    folder = (directory or PACKAGED) / "provinces"
    file = folder / f"{code}.toml"
    if not file.is_file():
        known = ", ".join(sorted(f.stem for f in folder.glob("*.toml"))) or "none"
        raise ConfigError(f"{file} does not exist; provinces there: {known}")
    province = _read(file, Province)
    owner: dict[str, str] = {}
    for unit in province.unit:
        for alias in {unit.code, *unit.aliases}:
            if alias in owner:
                raise ConfigError(f"{file}: the code {alias!r} stands at {owner[alias]} and at {unit.code}")
            owner[alias] = unit.code
    units = {unit.code: unit for unit in province.unit}
    roots = [unit.code for unit in province.unit if unit.parent is None]
    if len(roots) != 1:
        raise ConfigError(f"{file}: one unit has no parent, the province itself; here: {', '.join(roots) or 'none'}")
    for unit in province.unit:
        trail = [unit.code]
        while (parent := units[trail[-1]].parent) is not None:
            if parent not in units:
                raise ConfigError(f"{file}: parent {parent!r} of {trail[-1]} is no unit's code")
            if parent in trail:
                raise ConfigError(f"{file}: the units {' → '.join([*trail, parent])} form a ring")
            trail.append(parent)
    return province


def _read(file: Path, model: type[RowT]) -> RowT:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not TOML: {error}") from error
    try:
        return model.model_validate(table)
    except ValidationError as refused:
        faults = "\n  ".join(_sentence(table, fault["loc"], fault["msg"], fault["input"]) for fault in refused.errors())
        raise ConfigError(f"{file}:\n  {faults}") from refused


def _sentence(table: object, loc: tuple[int | str, ...], message: str, value: object) -> str:
    """`DVC-003.filter.0.field: …`: positions in lists of tables are shown by the table's code where it has one."""
    parts: list[str] = []
    at = table
    for step in loc:
        if isinstance(at, (list, dict)):
            try:
                at = at[step]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                at = None
        code = at.get("code") if isinstance(at, dict) and isinstance(step, int) else None
        parts = [str(code)] if code else [*parts, str(step)]
    return f"{'.'.join(parts)}: {message} (value {value!r})"
