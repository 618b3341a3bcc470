"""The tables of docs/ that are written from the code: `python -m ioc.reference` rewrites them, a test finds stale ones."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr

from ioc.catalogue.indicator import Indicator
from ioc.catalogue.load import load_catalogue
from ioc.catalogue.profile import load_province
from ioc.catalogue.words import condition_in_words
from ioc.settings import Settings

DOCS = Path(__file__).parents[1] / "docs"
BEGIN, END = "<!-- written by `python -m ioc.reference` -->", "<!-- end -->"


def settings_table() -> str:
    """Every setting: key, variable, type, default, what it is for."""
    rows = ["| key | variable | type | default | meaning |", "|---|---|---|---|---|"]
    for path, annotation, default, description in _settings(Settings):
        variable = "IOC_" + "__".join(path).upper()
        cells = (f"`{'.'.join(path)}`", f"`{variable}`", _type(annotation), _default(default), description)
        rows.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(rows)


def _settings(
    model: type[BaseModel], path: tuple[str, ...] = (), value: Any = None
) -> Iterator[tuple[tuple[str, ...], Any, Any, str]]:
    value = Settings.model_construct() if value is None else value
    for name, info in model.model_fields.items():
        default = getattr(value, name)
        if isinstance(default, BaseModel):
            yield from _settings(type(default), (*path, name), default)
        else:
            yield (*path, name), info.annotation, default, info.description or ""


def _type(annotation: Any) -> str:
    options = [option for option in get_args(annotation) if option is not type(None)]
    if options and all(isinstance(option, str) for option in options):
        return ", ".join(f"`{option}`" for option in options)
    plain = options[0] if options else annotation
    if get_origin(annotation) is dict:
        return "tables"
    return {bool: "yes or no", int: "whole number", float: "number", Path: "path", SecretStr: "secret"}.get(
        plain, "text"
    )


def _default(value: Any) -> str:
    if isinstance(value, SecretStr):
        return "empty"
    if value is None or value in ("", {}):
        return "none" if value is None else "empty"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def catalogue_table() -> str:
    """Every indicator: code, name, what it counts, by what, targets."""
    rows = ["| code | name | counts | by | better | target |", "|---|---|---|---|---|---|"]
    for indicator in load_catalogue().indicators.values():
        cells = (
            indicator.code,
            f"{indicator.name.vi}<br>{indicator.name.en}",
            _counted(indicator),
            _when(indicator),
            {"up": "higher", "down": "lower", "none": ""}[indicator.direction],
            ", ".join(_targets(indicator)),
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _targets(indicator: Indicator) -> list[str]:
    """Values with their years, and with the level where levels differ."""
    targets = load_province(Settings.model_construct().catalogue.province).targets_of(indicator.code)
    whole = {t.year for t in targets if len({o.value for o in targets if o.year == t.year}) == 1}
    ordered = sorted(targets, key=lambda t: (t.year, -t.value, t.level))
    return list(dict.fromkeys(f"{t.value:g} ({t.year}{'' if t.year in whole else f', {t.level}'})" for t in ordered))


def _counted(indicator: Indicator) -> str:
    compiled = load_catalogue().compiled
    formula = compiled.formulas[indicator.code]
    numerator = compiled.rollups[formula.numerator.rollup_id].measures[formula.numerator.index]
    conditions = "; ".join(condition_in_words(condition) for condition in numerator.where) or "all"
    entities = _plural(indicator.event)
    what = {"count": entities, "stock": entities, "ratio": f"percent of {entities}"}.get(indicator.kind)
    if what is None and indicator.value is not None:
        value = indicator.value
        of = value.field if value.field is not None else f"time from {value.from_} to {value.to}"
        what = f"{indicator.kind} of {of} of {entities}"
    if indicator.kind != "ratio":
        return f"{what}: {conditions}"
    part = [
        condition for condition in numerator.where if formula.denominator is None or condition not in _whole(indicator)
    ]
    whole = "; ".join(condition_in_words(condition) for condition in _whole(indicator)) or "all"
    return f"{what}: {'; '.join(map(condition_in_words, part)) or 'in the window'}, of: {whole}"


def _plural(kind: str) -> str:
    """The kind's entities: `work_file` are work files, `facility` facilities."""
    noun = kind.replace("_", " ")
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def _whole(indicator: Indicator) -> tuple[Any, ...]:
    compiled = load_catalogue().compiled
    denominator = compiled.formulas[indicator.code].denominator
    assert denominator is not None
    return compiled.rollups[denominator.rollup_id].measures[denominator.index].where


def _when(indicator: Indicator) -> str:
    if indicator.window is not None:
        first, last = indicator.window.from_days, indicator.window.to_days
        start = "" if first is None else f" from day {first}"
        end = "" if last is None else f" to day {last}"
        return f"now, {indicator.time}{start}{end} (today is 0)"
    return "now" if indicator.time is None else indicator.time


PAGES = {"settings.md": settings_table, "catalogue.md": catalogue_table}
"""Page of docs/ and what is written between its marks."""


def rewritten(page: str) -> str:
    """The page with its table as it should be.

    Raises:
        ValueError: the page has not exactly one pair of marks.
    """
    text = (DOCS / page).read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(
            f"docs/{page}: mark the place of the table once with {json.dumps(BEGIN)} and {json.dumps(END)}"
        )
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{PAGES[page]()}\n{END}{rest.partition(END)[2]}"


def main() -> None:
    """Rewrites every page."""
    for page in PAGES:
        (DOCS / page).write_text(rewritten(page), encoding="utf-8")
        sys.stdout.write(f"docs/{page}\n")


if __name__ == "__main__":
    main()
