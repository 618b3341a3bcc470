"""Reads catalogue and province profiles from TOML; every fault names file, key, value and what is allowed."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from ioc.catalogue.compile import Compiled, CompileError, Formula, compile_catalogue
from ioc.catalogue.indicator import Indicator, Row, Sector
from ioc.catalogue.province import Province
from ioc.errors import ConfigError

PACKAGED = Path(__file__).parent

RowT = TypeVar("RowT", bound=Row)


class CatalogueError(ConfigError):
    """The catalogue or a profile is wrong; `faults` holds one line for each thing that is."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


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
        CatalogueError: a file is not TOML, a key is unknown or its value not allowed, a code stands twice or in the wrong
            sector, two indicators are the same measure; all faults of all files are in it.
    """
    folder = (directory or PACKAGED) / "indicators"
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise CatalogueError([f"{folder} holds no *.toml; set catalogue.directory to the folder above `indicators`"])
    faults: list[str] = []
    sectors: dict[Path, Sector] = {}
    for file in files:
        try:
            sectors[file] = _read(file, Sector)
        except CatalogueError as error:
            faults += error.faults
    home = _homes(sectors, faults)
    indicators = [i for sector in sectors.values() for i in sector.indicator]
    for indicator in indicators:
        try:
            compile_catalogue([indicator])
        except CompileError as error:
            faults.append(f"{home[indicator.code]}: {error}")
    if faults:
        raise CatalogueError(faults)
    compiled = compile_catalogue(indicators)
    if faults := list(_twins(compiled, home)):
        raise CatalogueError(faults)
    return Catalogue(tuple(sectors.values()), compiled)


def _homes(sectors: dict[Path, Sector], faults: list[str]) -> dict[str, Path]:
    """The file of each indicator; what stands twice or in the wrong file is added to `faults`."""
    home: dict[str, Path] = {}
    codes: dict[str, Path] = {}
    for file, sector in sectors.items():
        if (other := codes.setdefault(sector.code, file)) != file:
            faults.append(f"{file}: code: the sector {sector.code} stands in {other} too; a sector is one file")
        for indicator in sector.indicator:
            if indicator.sector != sector.code:
                faults.append(f"{file}: {indicator.code} does not begin with the sector's code {sector.code}")
            if indicator.code in home:
                faults.append(f"{file}: {indicator.code} stands in {home[indicator.code]} too; codes are unique")
            home.setdefault(indicator.code, file)
    return home


def _twins(compiled: Compiled, home: dict[str, Path]) -> Iterable[str]:
    """A sentence for each indicator that counts the same as an earlier one."""
    first: dict[object, Formula] = {}
    for formula in compiled.formulas.values():
        same = first.setdefault((formula.numerator, formula.denominator, formula.window), formula)
        if same is not formula:
            yield f"{home[formula.code]}: {formula.code} is the same measure as {same.code}; keep one of them"


def load_province(code: str, directory: Path | None = None) -> Province:
    """Reads `provinces/<code>.toml` and checks its tree.

    Raises:
        CatalogueError: the file is missing or wrong, a parent does not exist, a code or alias stands at two units, the tree has
            a ring or no single root.
    """
    folder = (directory or PACKAGED) / "provinces"
    file = folder / f"{code}.toml"
    if not file.is_file():
        known = ", ".join(sorted(f.stem for f in folder.glob("*.toml"))) or "none"
        raise CatalogueError([f"{file} does not exist; provinces there: {known}"])
    province = _read(file, Province)
    if faults := [f"{file}: {fault}" for fault in _tree_faults(province, code)]:
        raise CatalogueError(faults)
    return province


def _tree_faults(province: Province, code: str) -> Iterable[str]:
    if province.code != code:
        yield f"code: {province.code!r} is not the file's name, {code!r}"
    owner: dict[str, str] = {}
    units = {unit.code: unit for unit in province.unit}
    for unit in province.unit:
        for alias in [unit.code, *unit.aliases]:
            if alias in owner:
                yield f"the code {alias!r} stands at {owner[alias]} and at {unit.code}"
            owner.setdefault(alias, unit.code)
    roots = [unit for unit in province.unit if unit.parent is None]
    if len(roots) != 1 or roots[0].level != "province":
        found = ", ".join(f"{unit.code} ({unit.level})" for unit in roots) or "none"
        yield f"one unit has no parent, and its level is province; here: {found}"
    in_rings: set[str] = set()
    for unit in province.unit:
        if unit.parent is not None and unit.parent not in units:
            yield f"{unit.code}.parent: {unit.parent!r} is no unit's code"
        trail = [unit.code]
        while (parent := units[trail[-1]].parent) is not None and parent in units and parent not in trail:
            trail.append(parent)
        if parent == unit.code and unit.code not in in_rings:
            in_rings.update(trail)
            yield f"the units {' → '.join([*trail, unit.code])} form a ring"


def _read(file: Path, model: type[RowT]) -> RowT:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError([f"{file}: not TOML: {error}"]) from error
    try:
        return model.model_validate(table)
    except ValidationError as refused:
        faults = [_sentence(table, fault["loc"], fault["msg"], fault["input"]) for fault in refused.errors()]
        raise CatalogueError(f"{file}: {fault}" for fault in faults) from refused


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
    shown = "" if isinstance(value, dict) else f" (value {value!r})"
    return f"{'.'.join(parts) or 'file'}: {message.removeprefix('Value error, ')}{shown}"
