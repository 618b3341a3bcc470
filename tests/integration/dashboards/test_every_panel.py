"""Every panel of every dashboard on the real engine: its query runs, has the columns that the panel reads, and its figures are those of now."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from dashboards.boards.world import load_world
from dashboards.build import PROVISIONED
from dashboards.query import DATASOURCE_TYPE
from tests.integration.dashboards.asked import Answer, Asked, filled, variables
from tests.integration.dashboards.shown import figures

WORLD = load_world()
NAMES = sorted(file.stem for file in PROVISIONED.glob("*.json"))
SECTORS = [name for name in NAMES if name.startswith("sector-")]


def board(name: str) -> dict[str, Any]:
    loaded = json.loads((PROVISIONED / f"{name}.json").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def answers(name: str, asked: Asked, **chosen: str) -> Iterator[tuple[dict[str, Any], list[tuple[str, Answer]]]]:
    """Each panel with its queries and what they answer."""
    dashboard = board(name)
    values = variables(dashboard, **chosen)
    for panel in dashboard["panels"]:
        targets = [t for t in panel.get("targets", []) if t["datasource"]["type"] == DATASOURCE_TYPE]
        texts = [filled(target["rawSql"], values) for target in targets]
        if texts:
            yield panel, [(text, asked.ask(text)) for text in texts]


def overrides(panel: dict[str, Any]) -> dict[str, set[str]]:
    """Column → what is set for it."""
    found: dict[str, set[str]] = {}
    for one in panel["fieldConfig"]["overrides"]:
        if one["matcher"]["id"] == "byName":
            found.setdefault(one["matcher"]["options"], set()).update(setting["id"] for setting in one["properties"])
    return found


def headed(panel: dict[str, Any]) -> set[str]:
    """Columns that have a head in words, or are not shown."""
    return {column for column, ids in overrides(panel).items() if ids & {"displayName", "custom.hidden"}}


def placeholders(value: object) -> set[str]:
    """Columns that a panel puts into names and addresses."""
    return set(re.findall(r"\$\{__data\.fields\.(\w+)\}", json.dumps(value)))


@pytest.mark.parametrize("name", NAMES)
def test_queries_run_and_have_the_columns_that_panels_read(asked: Asked, name: str) -> None:
    for panel, found in answers(name, asked):
        title, columns = panel["title"], {column for _, answer in found for column in answer.types}
        types = found[0][1].types
        present = [one for one in panel["fieldConfig"]["overrides"] if one["matcher"]["options"] in columns]
        assert placeholders([present, panel["fieldConfig"]["defaults"]]) <= columns, title
        match panel["type"]:
            case "stat" | "gauge" | "bargauge":
                # One figure, or several each under its own name.
                read = (
                    ["value"]
                    if "value" in types
                    else [one for one, ids in overrides(panel).items() if "decimals" in ids]
                )
                assert read, title
                assert all(re.search(r"Int|Float", types[column]) for column in read), title
            case "barchart":
                assert types[panel["options"]["xField"]] == "String", title
                assert any(re.search(r"Float", kind) for kind in types.values()), title
            case "timeseries":
                assert types["time"].startswith("Date"), title
            case "table":
                assert name == "analyst" or columns <= headed(panel), title
            case other:
                pytest.fail(f"{title}: {other} reads no query of ClickHouse")


@pytest.mark.parametrize("name", NAMES)
def test_figures_are_those_of_now(asked: Asked, name: str) -> None:
    held = asked.figures()
    for panel, found in answers(name, asked):
        for sql, answer in found:
            for code, unit, value in figures(sql, answer, WORLD.root):
                assert value == held[code, unit], (panel["title"], code, unit)


def test_every_indicator_shows_its_figure_on_the_dashboard_of_its_sector(asked: Asked) -> None:
    shown: dict[str, set[str]] = {}
    missing = set()
    for name in SECTORS:
        for panel, found in answers(name, asked):
            assert found[0][1].rows, f"{name}: {panel['title']} is empty"
            for sql, answer in found:
                for code, unit, value in figures(sql, answer, WORLD.root):
                    if unit == WORLD.root:
                        shown.setdefault(code, set()).add(name)
                        missing |= {code} if value is None else set()
    assert set(shown) == set(WORLD.catalogue.indicators)
    assert len(missing) < 30, (
        "reports of several units that may not be summed have no figure of the province, the others have"
    )
    assert all(f"sector-{code.partition('-')[0].lower()}" in names for code, names in shown.items())


@pytest.mark.parametrize(
    ("name", "code"), [("flow", "DVC-002"), ("state", "DVC-003"), ("report", "KT-018"), ("composite", "DVC-064")]
)
def test_an_indicator_is_shown_for_the_unit_that_is_chosen(asked: Asked, name: str, code: str) -> None:
    held = asked.figures()
    own = {unit for of, unit in held if of == code and held[of, unit] is not None}
    for unit in (WORLD.root, next(iter(sorted(own - {WORLD.root})), WORLD.root)):
        seen = 0
        for panel, found in answers(f"indicator-{name}", asked, code=code, unit=unit):
            for _, answer in found:
                if panel["title"] in ("Giá trị hiện nay", "Tình hình"):
                    (row,) = answer.rows
                    assert row["value"] == held[code, unit]
                    seen += 1
                elif panel["title"] in ("Diễn biến theo kỳ", "Số liệu từng kỳ", "Điểm gồm những gì"):
                    assert answer.rows, panel["title"]
        assert seen == 2


@pytest.mark.parametrize("period", ["day", "week", "month", "quarter", "year"])
def test_every_length_of_period_can_be_chosen(asked: Asked, period: str) -> None:
    for name, code in (("flow", "DVC-001"), ("state", "DVC-004"), ("report", "KT-018"), ("report", "VB-042")):
        for panel, found in answers(f"indicator-{name}", asked, code=code, period=period):
            if panel["title"] == "Diễn biến theo kỳ":
                rows = found[0][1].rows
                assert rows, (code, period)
                starts = [row["period_start"] for row in rows]
                assert starts == sorted(set(starts)), (code, period)


def test_marks_of_time_axes_can_be_asked_for(asked: Asked) -> None:
    marks = board("wall")["annotations"]["list"]
    found = [asked.ask(mark["target"]["rawSql"]) for mark in marks]
    assert [list(answer.types) for answer in found] == [["time", "text"]] * 3
    assert all(answer.types["time"].startswith("DateTime") for answer in found)
    sealed, _, generations = found
    assert len(sealed.rows) == 1
    assert re.fullmatch(r"Đã chốt đến hết ngày \d\d/\d\d/\d{4}: \d+ nhóm số liệu", sealed.rows[0]["text"])
    assert [row["text"] for row in generations.rows] == [f"Thế hệ số liệu {asked.world.generation}"]
