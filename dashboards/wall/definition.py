"""A dashboard's JSON as the server sees it: its variables, what its panels and annotations ask, and what the page gets."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboards.wall.question import Source
from dashboards.wall.variables import Variable, read_variables
from ioc.errors import ConfigError

ANNOTATIONS = "annotations"
"""Stands for the panel where an annotation asks."""

_SPAN = re.compile(r"now-(\d+)([smhdwMy])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "M": 30 * 86400, "y": 365 * 86400}
_DEFAULT_WINDOW_S = 6 * 3600
"""Grafana's own, where a dashboard does not say how far back it looks."""


@dataclass(frozen=True)
class Target:
    """A query of a panel or an annotation, variables not yet filled in."""

    panel: str
    ref: str
    text: str
    source: Source
    window_s: int = 0
    legend: str = ""


@dataclass(frozen=True)
class Definition:
    """A dashboard, read once when the wall starts."""

    uid: str
    title: str
    tags: tuple[str, ...]
    page: dict[str, Any]
    """What the browser gets: the dashboard without its queries, variables not yet filled in."""
    variables: tuple[Variable, ...]
    targets: tuple[Target, ...]
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
        window_s = _window_s(dashboard.get("time", {}).get("from", ""))
        panels = list(_panels(dashboard["panels"]))
        marks = [one for one in dashboard.get("annotations", {}).get("list", []) if not one.get("builtIn")]
        targets = [found for panel in panels for found in _asked(panel, window_s)]
        targets += [found for mark in marks for found in _marked(mark)]
        return Definition(
            uid=str(dashboard.get("uid") or file.stem),
            title=str(dashboard.get("title", "")),
            tags=tuple(dashboard.get("tags") or ()),
            page={
                "timezone": dashboard.get("timezone", ""),
                "links": dashboard.get("links") or [],
                "annotations": [_mark(mark) for mark in marks],
                "panels": [_shown(panel) for panel in dashboard["panels"]],
            },
            variables=read_variables(dashboard),
            targets=tuple(targets),
            digest=hashlib.sha256(raw).hexdigest()[:16],
        )
    except FileNotFoundError as error:
        raise ConfigError(f"{file} does not exist; run `ioc dashboards build`") from error
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is no Grafana dashboard: {error!r}") from error


def _panels(listed: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Panels, those in folded rows included."""
    for panel in listed:
        yield panel
        yield from panel.get("panels") or []


def _window_s(since: str) -> int:
    found = _SPAN.fullmatch(since)
    return int(found[1]) * _SECONDS[found[2]] if found else _DEFAULT_WINDOW_S


def _asked(panel: Mapping[str, Any], window_s: int) -> Iterator[Target]:
    own = f"now-{panel['timeFrom']}" if panel.get("timeFrom") else None
    for target in panel.get("targets", []):
        source = source_of(target)
        if target.get("hide") or source is None:
            continue
        text = str(target["rawSql"] if source == "clickhouse" else target["expr"])
        yield Target(
            str(panel["id"]), str(target["refId"]), text, source,
            window_s=0 if source == "clickhouse" or target.get("instant") else _window_s(own) if own else window_s,
            legend=str(target.get("legendFormat") or ""),
        )  # fmt: skip


def _marked(mark: Mapping[str, Any]) -> Iterator[Target]:
    if sql := (mark.get("target") or {}).get("rawSql"):
        yield Target(ANNOTATIONS, str(mark["name"]), str(sql), "clickhouse")


def source_of(target: Mapping[str, Any]) -> Source | None:
    """Which data source a panel's target asks; None: one that the wall does not know."""
    if "rawSql" in target:
        return "clickhouse"
    return "prometheus" if "expr" in target else None


def _shown(panel: dict[str, Any]) -> dict[str, Any]:
    shown = panel | {"targets": [{"refId": t.get("refId"), "known": source_of(t)} for t in panel.get("targets", [])]}
    if panel.get("panels"):
        shown["panels"] = [_shown(one) for one in panel["panels"]]
    return shown


def _mark(mark: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": mark["name"], "enabled": mark.get("enable", True), "hidden": bool(mark.get("hide")),
        "color": mark.get("iconColor", ""), "known": bool((mark.get("target") or {}).get("rawSql")),
    }  # fmt: skip
