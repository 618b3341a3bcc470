"""Headings of columns: their names, or Vietnamese words for people; and what each column means, by its COMMENT."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from dashboards.export.result import Column, read
from ioc.settings import ClickHouseSettings, Login


@cache
def vietnamese() -> dict[str, str]:
    """Column → heading, of `headings.toml`."""
    words: dict[str, str] = tomllib.loads((files("dashboards.export") / "headings.toml").read_text(encoding="utf-8"))
    return words


def headings(columns: Sequence[Column], own: dict[str, str] | None = None) -> list[str]:
    """Vietnamese headings: those that a panel gives (`own`), else the common ones, else the name; no two are alike."""
    known = vietnamese() | (own or {})
    found = [known.get(column.name, column.name) for column in columns]
    return [
        heading if found.count(heading) == 1 else f"{heading} ({column.name})"
        for heading, column in zip(found, columns, strict=True)
    ]


def meanings(settings: ClickHouseSettings, login: Login, sql: str, columns: Sequence[Column]) -> list[str]:
    """The COMMENT of each column in the tables that the query names; empty where they differ or there is none.

    Raises as `read` does.
    """
    named = ", ".join(f"'{word}'" for word in sorted(set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", sql))))
    asked = (
        "SELECT name, any(comment) FROM system.columns WHERE database = currentDatabase() "
        f"AND table IN ({named or repr('')}) AND comment != '' GROUP BY name HAVING uniqExact(comment) = 1"
    )
    with read(settings, login, asked) as found:
        comments = {str(name): str(comment) for name, comment in found.rows}
    return [comments.get(column.name, "") for column in columns]
