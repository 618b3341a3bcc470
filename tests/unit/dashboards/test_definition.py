"""What the server makes of a dashboard's JSON."""

import json
from pathlib import Path
from typing import Any

import pytest

from dashboards.build import WALL
from dashboards.wall.definition import fill, read_definition
from ioc.errors import ConfigError


def written(tmp_path: Path, content: Any) -> Path:
    file = tmp_path / "wall.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


def test_committed_dashboard() -> None:
    definition = read_definition(WALL)
    assert len(definition.queries) >= 12
    assert not [query.sql for query in definition.queries if "${" in query.sql]
    shown = json.dumps(definition.page, ensure_ascii=False)
    assert "SELECT" not in shown, "the browser needs no SQL"
    assert "30 ngày qua" in shown


def test_variables_and_hidden_queries(tmp_path: Path) -> None:
    targets = [
        {"refId": "A", "rawSql": "SELECT $days, ${days}, $daysago, $__interval"},
        {"refId": "B", "rawSql": "SELECT 1", "hide": True},
        {"refId": "C", "expr": "up"},
    ]
    variable = {"name": "days", "type": "custom", "current": {"value": "7"}}
    asked = {"name": "unit", "type": "query", "current": {"value": "x"}}
    panel = {"id": 1, "type": "stat", "title": "Trong $days ngày, $unit", "targets": targets}
    file = written(tmp_path, {"panels": [panel], "templating": {"list": [variable, asked]}})
    definition = read_definition(file)
    assert [query.sql for query in definition.queries] == ["SELECT 7, 7, $daysago, $__interval"]
    assert definition.page["panels"][0]["title"] == "Trong 7 ngày, $unit"
    assert [target["sql"] for target in definition.page["panels"][0]["targets"]] == [True, True, False]


def test_digest_changes_with_the_file(tmp_path: Path) -> None:
    first = read_definition(written(tmp_path, {"panels": []})).digest
    assert read_definition(written(tmp_path, {"panels": [], "title": "x"})).digest != first


@pytest.mark.parametrize(
    "content", ["{", "[]", {"title": "x"}, {"panels": [{"targets": [{"refId": "A", "rawSql": ""}]}]}]
)
def test_what_is_no_dashboard_is_refused(tmp_path: Path, content: Any) -> None:
    with pytest.raises(ConfigError, match=r"wall\.json is no Grafana dashboard"):
        read_definition(written(tmp_path, content))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="ioc dashboards build"):
        read_definition(tmp_path / "none.json")


def test_unknown_variables_stay() -> None:
    assert fill("$a ${b} $$ $", {"a": "1"}) == "1 ${b} $$ $"
