"""What the server makes of a dashboard's JSON."""

import json
from pathlib import Path
from typing import Any

import pytest

from dashboards.build import PROVISIONED
from dashboards.wall.choices import options_in
from dashboards.wall.definition import read_definition
from dashboards.wall.question import Frame
from dashboards.wall.variables import Option, choose
from dashboards.wall.view import View, page_of, view_of
from ioc.errors import ConfigError


def written(tmp_path: Path, content: Any) -> Path:
    file = tmp_path / "wall.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


async def offered(_sql: str) -> tuple[Option, ...]:
    return (Option("U1", "Sở Y tế"),)


async def opened(file: Path, **given: str) -> tuple[View, dict[str, Any]]:
    definition = read_definition(file)
    choices = await choose(definition.variables, given, offered)
    return view_of(definition, choices), page_of(definition, choices)


@pytest.mark.parametrize("file", sorted(PROVISIONED.glob("*.json")), ids=lambda file: file.stem)
async def test_committed_dashboards(file: Path) -> None:
    view, page = await opened(file)
    assert view.queries
    assert not [query.error for query in view.queries if query.error]
    assert not [question.text for question in view.questions if "${" in question.text]
    assert page["unknown"] == []
    shown = json.dumps(page, ensure_ascii=False)
    assert "rawSql" not in shown, "the browser needs no SQL"


async def test_variables_and_hidden_queries(tmp_path: Path) -> None:
    targets = [
        {"refId": "A", "rawSql": "SELECT $days, ${days}, $daysago, $__interval, ${unit:sqlstring}"},
        {"refId": "B", "rawSql": "SELECT 1", "hide": True},
        {"refId": "C", "expr": "rate(up[$__rate_interval])", "legendFormat": "{{job}}"},
        {"refId": "D", "expr": "up", "instant": True},
        {"refId": "E", "query": "something else"},
    ]
    days = {"name": "days", "type": "custom", "options": [{"value": "7", "text": "7"}], "current": {"value": "7"}}
    unit = {"name": "unit", "type": "query", "query": "SELECT 1", "current": {"value": "U1", "text": "U1"}}
    row = {
        "id": 9,
        "type": "row",
        "panels": [{"id": 1, "type": "stat", "title": "$days ngày, $unit", "targets": targets}],
    }
    file = written(tmp_path, {"panels": [row], "time": {"from": "now-2h"}, "templating": {"list": [days, unit]}})
    view, page = await opened(file)
    sql, rate, now = (query.question for query in view.queries)
    assert sql
    assert rate
    assert now
    assert sql.text == "SELECT 7, 7, $daysago, $__interval, 'U1'"
    assert (rate.text, rate.source, rate.window_s, rate.legend) == ("rate(up[1m])", "prometheus", 7200, "{{job}}")
    assert (now.text, now.window_s) == ("up", 0)
    (panel,) = page["panels"][0]["panels"]
    assert panel["title"] == "7 ngày, Sở Y tế"
    assert [target["known"] for target in panel["targets"]] == ["clickhouse"] * 2 + ["prometheus"] * 2 + [None]


async def test_annotations_are_queries_too(tmp_path: Path) -> None:
    listed = [
        {"name": "Grafana's own", "builtIn": 1},
        {"name": "Khóa sổ", "enable": True, "iconColor": "#9FB1C4", "target": {"rawSql": "SELECT ${days} AS time"}},
        {"name": "Khác", "datasource": {"type": "loki"}, "target": {"expr": "{}"}},
    ]
    days = {"name": "days", "type": "constant", "query": "7"}
    file = written(tmp_path, {"panels": [], "annotations": {"list": listed}, "templating": {"list": [days]}})
    view, page = await opened(file)
    (query,) = view.queries
    assert query.question
    assert (query.panel, query.ref, query.question.text) == ("annotations", "Khóa sổ", "SELECT 7 AS time")
    assert [(mark["name"], mark["known"]) for mark in page["annotations"]] == [("Khóa sổ", True), ("Khác", False)]


async def test_what_a_variable_asks_in_vain_is_said(tmp_path: Path) -> None:
    listed = [
        {"name": "filters", "type": "adhoc"},
        {
            "name": "unit",
            "type": "query",
            "query": "SELECT 1",
            "multi": True,
            "includeAll": True,
            "regex": "/x/",
            "sort": 1,
        },
    ]
    _, page = await opened(written(tmp_path, {"panels": [], "templating": {"list": listed}}))
    assert page["unknown"] == [
        "biến filters kiểu adhoc", "biến unit nhiều giá trị", "biến unit chọn tất cả", "biến unit lọc bằng biểu thức",
        "biến unit sắp xếp lại",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "row", "option"),
    [
        (["code"], ["a"], Option("a", "a")),
        (["code", "name"], ["a", "A"], Option("a", "A")),
        (["__text", "__value"], ["A", "a"], Option("a", "A")),
        (["n", "x", "__value"], [1, "t", 2], Option("2", "t")),
    ],
)
def test_options_of_a_query(columns: list[str], row: list[Any], option: Option) -> None:
    assert options_in(Frame(columns, ["String"] * len(columns), [row, row])) == (option,)


def test_digest_changes_with_the_file(tmp_path: Path) -> None:
    first = read_definition(written(tmp_path, {"panels": []})).digest
    assert read_definition(written(tmp_path, {"panels": [], "title": "x"})).digest != first


@pytest.mark.parametrize("content", ["{", "[]", {"title": "x"}, {"panels": [{"id": 1, "targets": [{"rawSql": ""}]}]}])
def test_what_is_no_dashboard_is_refused(tmp_path: Path, content: Any) -> None:
    with pytest.raises(ConfigError, match=r"wall\.json is no Grafana dashboard"):
        read_definition(written(tmp_path, content))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="ioc dashboards build"):
        read_definition(tmp_path / "none.json")
