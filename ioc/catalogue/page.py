"""The page docs/indicators.md: every indicator by sector, with what it counts, where it comes from and what is aimed at."""

from collections.abc import Iterable, Iterator

from ioc.catalogue.expr import Condition, Duration, FieldValue, Measure, WorkingDays
from ioc.catalogue.indicator import Indicator
from ioc.catalogue.load import Catalogue
from ioc.catalogue.province import Province, Target
from ioc.catalogue.rollup import Formula, Rollup
from ioc.catalogue.series import Series
from ioc.catalogue.words import condition_in_words

_COLUMNS = ("code", "name", "what it is", "by", "unit", "better", "levels", "responsible", "from", "targets")
_BETTER = {"up": "higher", "down": "lower", "none": ""}


def indicators_page(catalogue: Catalogue, province: Province) -> str:
    """The documents, numbered, and a table for each sector; targets are those of the province."""
    documents = sorted(
        {i.provenance.document for i in catalogue.indicators.values() if i.provenance.document}
        | {target.document for target in province.target}
    )
    numbers = {document: number for number, document in enumerate(documents, 1)}
    lines = [f"{number}. {document}" for document, number in numbers.items()]
    for sector in catalogue.sectors:
        lines += ["", f"## {sector.code}: {sector.name.vi} / {sector.name.en} ({len(sector.indicator)})", ""]
        lines += [_row(_COLUMNS), _row("---" for _ in _COLUMNS)]
        lines += [_row(_cells(catalogue, i, province.targets_of(i.code), numbers)) for i in sector.indicator]
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _cells(
    catalogue: Catalogue, indicator: Indicator, targets: list[Target], documents: dict[str, int]
) -> Iterator[str]:
    said = indicator.provenance
    yield indicator.code
    yield f"{indicator.name.vi}<br>{indicator.name.en}"
    yield _what(catalogue, indicator)
    yield _when(indicator, catalogue.series.get(indicator.series))
    yield indicator.unit
    yield _BETTER[indicator.direction]
    yield ", ".join(indicator.levels)
    yield indicator.responsible
    yield f"[{documents[said.document]}] {said.reference}" if said.document else said.origin
    yield ", ".join(_targets(targets, documents))


def _targets(targets: list[Target], documents: dict[str, int]) -> list[str]:
    """Values with their years and documents, and with the level where levels differ."""
    whole = {t.year for t in targets if len({o.value for o in targets if o.year == t.year}) == 1}
    ordered = sorted(targets, key=lambda t: (t.year, -t.value, t.level))
    levels = {id(t): "" if t.year in whole else f", {t.level}" for t in ordered}
    return list(dict.fromkeys(f"{t.value:g} ({t.year}{levels[id(t)]}) [{documents[t.document]}]" for t in ordered))


def _what(catalogue: Catalogue, indicator: Indicator) -> str:
    if indicator.kind == "composite":
        points = ", ".join(
            f"{part.code} {part.points:g}" + (f" ({'/'.join(part.levels)})" if part.levels else "")
            for part in indicator.parts
        )
        return f"points of {points}"
    if indicator.series:
        series = catalogue.series[indicator.series]
        how = {"sum": "values of units are added", "ratio": "sum of numerators over sum of denominators", "none": ""}
        return f"last reported {series.code}" + (f"; {how[series.additivity]}" if how[series.additivity] else "")
    formula = catalogue.compiled.formulas[indicator.code]
    return _counted(catalogue.compiled.rollups, indicator, formula)


def _counted(rollups: dict[str, Rollup], indicator: Indicator, formula: Formula) -> str:
    numerator = rollups[formula.numerator.rollup_id].measures[formula.numerator.index]
    entities = _plural(indicator.event)
    match indicator.kind:
        case "ratio":
            assert formula.denominator is not None
            whole = rollups[formula.denominator.rollup_id].measures[formula.denominator.index].where
            part = tuple(condition for condition in numerator.where if condition not in whole)
            return f"percent of {entities}: {_all(part) or 'in the window'}, of: {_all(whole) or 'all'}"
        case "sum" | "mean":
            return f"{indicator.kind} of {_value(numerator)} of {entities}: {_all(numerator.where) or 'all'}"
        case _:
            return f"{entities}: {_all(numerator.where) or 'all'}"


def _all(conditions: Iterable[Condition]) -> str:
    return "; ".join(condition_in_words(condition) for condition in conditions)


def _value(measure: Measure) -> str:
    match measure.value:
        case FieldValue(field):
            return field
        case WorkingDays(start, end):
            return f"working days from {start} to {end}"
        case Duration(start, end):
            return f"time from {start} to {end}"
        case _:
            return "number"


def _plural(kind: str) -> str:
    """The kind's entities: `work_file` are work files, `facility` facilities."""
    noun = kind.replace("_", " ")
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def _when(indicator: Indicator, series: Series | None) -> str:
    if series is not None:
        many = f"{series.reporters} {series.reporter}" if series.reporters else f"every {series.reporter}"
        return f"{series.grain}, by {many}"
    if indicator.window is not None:
        first, last = indicator.window.from_days, indicator.window.to_days
        start = "" if first is None else f" from day {first}"
        end = "" if last is None else f" to day {last}"
        return f"now, {indicator.time}{start}{end} (today is 0)"
    return "now" if indicator.time is None else f"{indicator.time}, {indicator.period}"
