"""A panel of a dashboard as a query: its SQL with the variables' values, and its Vietnamese headings."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dashboards.query import DATASOURCE_TYPE
from dashboards.wall.interpolate import Value, fill_sql
from ioc.errors import ConfigError

BOARDS = Path(__file__).parent.parent / "provisioning" / "dashboards"


def panel_query(panel: str, given: Mapping[str, str], folder: Path = BOARDS) -> tuple[str, dict[str, str]]:
    """The query of a panel, and the headings that it gives its columns.

    Args:
        panel: uid of the dashboard, number of the panel, and the query where it has several: `ioc-wall/3`, `ioc-wall/3/B`; else the first.
        given: values of variables; the others have their defaults.
        folder: the dashboards' JSON.

    Raises:
        ConfigError: there is no such dashboard, panel, query or variable, or none of ClickHouse.
        FillError: a value would be read as SQL.
    """
    uid, number, ref, *_ = [*panel.split("/"), "", "", ""]
    dashboard = _dashboard(uid, folder)
    panels = {str(one["id"]): one for one in _panels(dashboard)}
    if number not in panels:
        known = ", ".join(
            f"{name} {one.get('title') or ''}".strip() for name, one in panels.items() if one.get("targets")
        )
        raise ConfigError(f"{uid} has no panel {number or '(none named)'}; it has: {known}")
    found = panels[number]
    asked = {
        str(one["refId"]): str(one["rawSql"])
        for one in found.get("targets", [])
        if one.get("datasource", {}).get("type") == DATASOURCE_TYPE
    }
    ref = ref or next(iter(asked), "")
    if ref not in asked:
        raise ConfigError(f"{panel}: no such query of ClickHouse; the panel has: {', '.join(asked) or 'none'}")
    return fill_sql(asked[ref], _values(dashboard, uid, given)), names_of(found)


def _dashboard(uid: str, folder: Path) -> dict[str, Any]:
    uids = []
    for file in sorted(folder.glob("*.json")):
        dashboard: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if dashboard.get("uid") == uid:
            return dashboard
        uids.append(str(dashboard.get("uid")))
    raise ConfigError(f"there is no dashboard {uid}; there are: {', '.join(uids)}")


def _panels(dashboard: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All panels, those of collapsed rows too."""
    panels = dashboard.get("panels", [])
    return [*panels, *(inner for one in panels for inner in one.get("panels", []) or [])]


def _values(dashboard: Mapping[str, Any], uid: str, given: Mapping[str, str]) -> dict[str, Value]:
    variables = dashboard.get("templating", {}).get("list", [])
    values = {one["name"]: str(one.get("current", {}).get("value", one.get("query", ""))) for one in variables}
    strange = sorted(set(given) - set(values))
    if strange:
        raise ConfigError(f"{uid} has no variable {', '.join(strange)}; it has: {', '.join(values) or 'none'}")
    return {name: Value(value, value) for name, value in values.items()} | {
        name: Value(value, value, free=True) for name, value in given.items()
    }


def names_of(panel: Mapping[str, Any]) -> dict[str, str]:
    """Column → `displayName` of its override."""
    names = {}
    for one in panel.get("fieldConfig", {}).get("overrides", []):
        if one.get("matcher", {}).get("id") == "byName":
            for setting in one.get("properties", []):
                if setting.get("id") == "displayName" and setting.get("value"):
                    names[one["matcher"]["options"]] = setting["value"]
    return names
