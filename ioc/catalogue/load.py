"""Reads catalogue and province profiles from TOML; every fault names file, key, value and what is allowed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ioc.catalogue.compile import CompileError, compile_catalogue
from ioc.catalogue.composite import faults as composite_faults
from ioc.catalogue.indicator import Indicator, Sector
from ioc.catalogue.profile import load_province as load_province
from ioc.catalogue.read import CatalogueError, read
from ioc.catalogue.rollup import Compiled, Formula
from ioc.catalogue.series import Series, SeriesFile

PACKAGED = Path(__file__).parent


@dataclass(frozen=True)
class Catalogue:
    """The sectors with their indicators, compiled, and the series that units report, by code."""

    sectors: tuple[Sector, ...]
    compiled: Compiled
    series: dict[str, Series] = field(default_factory=dict)

    @property
    def indicators(self) -> dict[str, Indicator]:
        """All indicators by code, in order of code."""
        found = {i.code: i for sector in self.sectors for i in sector.indicator}
        return dict(sorted(found.items()))

    @property
    def composites(self) -> dict[str, Indicator]:
        """Those that are totals of others, by code."""
        return {code: indicator for code, indicator in self.indicators.items() if indicator.kind == "composite"}


def load_catalogue(directory: Path | None = None) -> Catalogue:
    """Reads the TOML files of `indicators` and `series` below `directory` (None: the packaged catalogue) and compiles them.

    A sector may stand in several files, also in a folder of its own; each begins with the sector's code and name.

    Raises:
        CatalogueError: a file is not TOML, a key is unknown or its value not allowed, a code stands twice or in the wrong
            sector, a sector has two names, a series does not exist, two indicators are the same measure; all faults of all
            files are in it.
    """
    folder = (directory or PACKAGED) / "indicators"
    files = sorted(folder.rglob("*.toml"))
    if not files:
        raise CatalogueError([f"{folder} holds no *.toml; set catalogue.directory to the folder above `indicators`"])
    faults: list[str] = []
    sectors: dict[Path, Sector] = {}
    for file in files:
        try:
            sectors[file] = read(file, Sector)
        except CatalogueError as error:
            faults += error.faults
    home = _homes(sectors, faults)
    series = _series((directory or PACKAGED) / "series", faults)
    indicators = [i for sector in sectors.values() for i in sector.indicator]
    for indicator in indicators:
        try:
            compile_catalogue([indicator], series)
        except CompileError as error:
            faults.append(f"{home[indicator.code]}: {error}")
    for fault in composite_faults({indicator.code: indicator for indicator in indicators}):
        faults.append(f"{home[fault.partition(':')[0]]}: {fault}")
    if faults:
        raise CatalogueError(faults)
    compiled = compile_catalogue(indicators, series)
    if faults := list(_twins(compiled, home)):
        raise CatalogueError(faults)
    return Catalogue(_joined(sectors.values()), compiled, series)


def _joined(files: Iterable[Sector]) -> tuple[Sector, ...]:
    """Each sector once, in order of code, with the indicators of all its files in order of code."""
    sectors: dict[str, Sector] = {}
    for part in files:
        known = sectors.get(part.code)
        listed = [*(known.indicator if known else []), *part.indicator]
        listed.sort(key=lambda indicator: indicator.code)
        sectors[part.code] = Sector(code=part.code, name=part.name, indicator=listed)
    return tuple(sector for _, sector in sorted(sectors.items()))


def _series(folder: Path, faults: list[str]) -> dict[str, Series]:
    """All series by code; what is wrong with them is added to `faults`."""
    found: dict[str, Series] = {}
    for file in sorted(folder.rglob("*.toml")):
        try:
            listed = read(file, SeriesFile).series
        except CatalogueError as error:
            faults += error.faults
            continue
        for series in listed:
            if series.code in found:
                faults.append(f"{file}: the series {series.code} stands twice; codes are unique over all files")
            found[series.code] = series
    return dict(sorted(found.items()))


def _homes(sectors: dict[Path, Sector], faults: list[str]) -> dict[str, Path]:
    """The file of each indicator; what stands twice or in the wrong file is added to `faults`."""
    home: dict[str, Path] = {}
    first: dict[str, Path] = {}
    for file, sector in sectors.items():
        other = first.setdefault(sector.code, file)
        if sector.name != sectors[other].name:
            faults.append(f"{file}: name: the sector {sector.code} is called {sectors[other].name.vi!r} in {other}")
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
