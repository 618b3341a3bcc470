"""`ioc catalogue`: check what stands in the catalogue, list it, show one indicator."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ioc.catalogue.indicator import Indicator
from ioc.catalogue.load import Catalogue, load_catalogue
from ioc.catalogue.profile import load_province, province_codes, target_faults
from ioc.catalogue.province import Target
from ioc.catalogue.read import CatalogueError
from ioc.cli import generations
from ioc.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="The indicators and the province as data.")

Directory = Annotated[
    Path | None,
    typer.Option(help="Folder with `indicators` and `provinces`; absent: catalogue.directory of the settings."),
]


def register(parent: typer.Typer) -> None:
    """Adds the commands to the `ioc` command."""
    generations.add_to(app)
    parent.add_typer(app, name="catalogue")


def folder(directory: Path | None) -> Path | None:
    """The folder asked for, or that of the settings; None is the packaged catalogue.

    Raises:
        ConfigError: the settings are wrong.
    """
    return directory if directory is not None else load_settings().catalogue.directory


@app.command()
def check(directory: Directory = None) -> None:
    """Reads every TOML of the catalogue and every province; one line for each fault, exit code 1 if there is any."""
    where = folder(directory)
    faults: list[str] = []
    catalogue: Catalogue | None = None
    try:
        catalogue = load_catalogue(where)
    except CatalogueError as error:
        faults += error.faults
    provinces = province_codes(where)
    units = 0
    for code in provinces:
        try:
            province = load_province(code, where)
        except CatalogueError as error:
            faults += error.faults
            continue
        units += len(province.unit)
        if catalogue is not None:
            faults += target_faults(province, catalogue.indicators)
    for fault in faults:
        typer.echo(" ".join(fault.split()))
    if faults or catalogue is None:
        typer.echo(f"{len(faults)} faults", err=True)
        raise typer.Exit(1)
    compiled = catalogue.compiled
    measures = sum(len(rollup.measures) for rollup in compiled.rollups.values())
    typer.echo(
        f"{len(catalogue.indicators)} indicators in {len(catalogue.sectors)} sectors are {measures} measures in "
        f"{len(compiled.rollups)} rollups and {len(catalogue.composites)} composites; {len(catalogue.series)} series; "
        f"{units} units in {len(provinces)} provinces; no fault"
    )
    for line in counts(catalogue):
        typer.echo(line)


def counts(catalogue: Catalogue) -> list[str]:
    """How many indicators there are by sector and by provenance."""
    sectors = [f"  {s.code:4} {len(s.indicator):3}  {s.name.vi} / {s.name.en}" for s in catalogue.sectors]
    origins = Counter(indicator.provenance.origin for indicator in catalogue.indicators.values())
    said = {"document": "a document states them", "project": "our own"}
    return ["by sector", *sectors, "by provenance", *(f"  {o:8} {n:3}  {said[o]}" for o, n in sorted(origins.items()))]


@app.command("list")
def list_(directory: Directory = None) -> None:
    """The indicators, one a line: code, kind, unit of measure, rollup (of reported ones the series), newest target, name."""
    catalogue = load_catalogue(folder(directory))
    province = load_province(load_settings().catalogue.province, folder(directory))
    for code, indicator in catalogue.indicators.items():
        formula = catalogue.compiled.formulas.get(code)
        origin = indicator.series or (
            f"{len(indicator.parts)} parts" if formula is None else formula.numerator.rollup_id
        )
        target = max(province.targets_of(code), key=lambda t: (t.year, t.level == "province"), default=None)
        aim = "-" if target is None else f"{target.value:g} ({target.year})"
        typer.echo(f"{code}  {indicator.kind:9}  {indicator.unit:11}  {origin:27}  {aim:10}  {indicator.name.vi}")


@app.command()
def show(code: Annotated[str, typer.Argument(help="Code of the indicator.")], directory: Directory = None) -> None:
    """One indicator as the catalogue holds it, key by key."""
    indicator = find(load_catalogue(folder(directory)), code)
    province = load_province(load_settings().catalogue.province, folder(directory))
    for line in lines(indicator, province.targets_of(indicator.code)):
        typer.echo(line)


def find(catalogue: Catalogue, code: str) -> Indicator:
    """The indicator of a code.

    Raises:
        typer.BadParameter: there is none.
    """
    found = catalogue.indicators.get(code.upper())
    if found is None:
        sector = code.partition("-")[0].upper()
        near = [known for known in catalogue.indicators if known.startswith(sector)]
        hint = f"{near[0]} … {near[-1]}" if near else ", ".join(sorted({s.code for s in catalogue.sectors}))
        raise typer.BadParameter(f"there is no indicator {code}; known: {hint}; `ioc catalogue list` shows all")
    return found


def lines(indicator: Indicator, targets: Sequence[Target]) -> list[str]:
    """What the catalogue says of an indicator and the province aims at, for people."""
    provenance = indicator.provenance
    said = [
        f"{indicator.code}  {indicator.name.vi} / {indicator.name.en}",
        f"  kind          {indicator.kind}{f' of {indicator.event}' if indicator.event else ''}, in {indicator.unit}",
        f"  period        {_period(indicator)}",
        f"  levels        {', '.join(indicator.levels)}",
        f"  better        {({'up': 'higher', 'down': 'lower', 'none': 'neither'})[indicator.direction]}",
        f"  fresh within  {indicator.freshness_minutes} min",
        f"  responsible   {indicator.responsible}",
        f"  provenance    {provenance.origin}"
        + (f": {provenance.document}, {provenance.reference}" if provenance.document else ""),
    ]
    said += [
        f"  target {target.year}   {target.value:g} at level {target.level}: {target.document}, {target.reference}"
        for target in targets
    ]
    said += [
        f"  part {part.code}  {part.points:g} points from {part.zero:g} to {part.full:g}"
        + (f", at level {', '.join(part.levels)}" if part.levels else "")
        for part in indicator.parts
    ]
    if targets:
        said.append(f"  warning       up to {indicator.warning_margin:g} short of the target")
    return said


def _period(indicator: Indicator) -> str:
    if indicator.series:
        return f"the last one of series {indicator.series} that was reported"
    return "now" if indicator.time is None or indicator.window else indicator.period
