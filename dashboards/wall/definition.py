"""The dashboard's JSON as the server sees it: the queries of its panels, variables filled in, and what the page gets."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ioc.errors import ConfigError

_VARIABLE = re.compile(r"\$\{(\w+)\}|\$(\w+)\b")
_FILLED_TYPES = frozenset({"custom", "constant", "textbox"})
"""Types of dashboard variables that have one current value in the JSON; the others need Grafana to fill them."""


@dataclass(frozen=True)
class Query:
    """A target of a panel."""

    panel: int
    ref: str
    sql: str


@dataclass(frozen=True)
class Definition:
    """A dashboard, read once when the wall starts."""

    page: dict[str, Any]
    """What the browser gets: the dashboard without its SQL."""
    queries: tuple[Query, ...]
    digest: str
    """Changes with the file, so that open pages know to load themselves again."""


def read_definition(file: Path) -> Definition:
    """Reads a dashboard.

    Raises:
        ConfigError: the file is missing, is no JSON, or is no dashboard with panels.
    """
    try:
        raw = file.read_bytes()
        dashboard = json.loads(raw)
        panels = dashboard["panels"]
        values = _values(dashboard)
        queries = tuple(
            Query(panel["id"], target["refId"], fill(target["rawSql"], values))
            for panel in panels
            for target in panel.get("targets", [])
            if not target.get("hide") and "rawSql" in target
        )
    except FileNotFoundError as error:
        raise ConfigError(f"{file} does not exist; run `ioc dashboards build`") from error
    except (json.JSONDecodeError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is no Grafana dashboard: {error!r}") from error
    page = {
        "title": dashboard.get("title", ""),
        "timezone": dashboard.get("timezone", ""),
        "variables": values,
        "panels": [_without_sql(panel, values) for panel in panels],
    }
    return Definition(page, queries, hashlib.sha256(raw).hexdigest()[:16])


def _values(dashboard: dict[str, Any]) -> dict[str, str]:
    listed = dashboard.get("templating", {}).get("list", [])
    return {
        variable["name"]: str(variable["current"]["value"])
        for variable in listed
        if variable.get("type") in _FILLED_TYPES and "current" in variable
    }


def fill(text: str, values: dict[str, str]) -> str:
    """Puts the variables' values for `$name` and `${name}`; what is no known variable stays as it is."""
    return _VARIABLE.sub(lambda found: values.get(found[1] or found[2], found[0]), text)


def _without_sql(panel: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
    targets = [{"refId": target.get("refId"), "sql": "rawSql" in target} for target in panel.get("targets", [])]
    return panel | {"title": fill(panel.get("title") or "", values), "targets": targets}
