"""The tables of docs/ that are written from the code: `python -m ioc.reference` rewrites them, a test finds stale ones."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr

from ioc.catalogue.load import load_catalogue
from ioc.catalogue.page import indicators_page
from ioc.catalogue.profile import load_province, province_codes
from ioc.catalogue.stated import results_page
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


def indicators() -> str:
    """Every indicator of the packaged catalogue, with the targets of the province that is the default."""
    return indicators_page(load_catalogue(), load_province(Settings.model_construct().catalogue.province))


def results() -> str:
    """Every result that a document states, of all provinces."""
    return results_page(map(load_province, province_codes()), load_catalogue().indicators)


PAGES = {"settings.md": settings_table, "indicators.md": indicators, "results.md": results}
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
