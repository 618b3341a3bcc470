"""The operators' board: its expressions are PromQL, and name metrics and labels that the processes really show."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.metrics import MetricWrapperBase

from dashboards.boards import pipeline
from dashboards.boards.world import load_world
from dashboards.build import plain
from dashboards.prometheus import DATASOURCE_TYPE, DATASOURCE_UID
from ioc.metrics import Metrics

BOARD: dict[str, Any] = json.loads(json.dumps(plain(next(iter(pipeline.boards(load_world()))))))
TARGETS = [
    (panel, target)
    for panel in BOARD["panels"]
    for target in panel.get("targets") or ()
    if target["datasource"]["uid"] == DATASOURCE_UID
]
EXPRESSIONS = [pytest.param(target["expr"], id=panel["title"]) for panel, target in TARGETS]


def exported() -> dict[str, set[str]]:
    """Names of the samples that a process shows, and the labels of each."""
    found: dict[str, set[str]] = {}
    for collector in vars(Metrics("worker")).values():
        if isinstance(collector, MetricWrapperBase):
            labels = set(collector._labelnames)
            endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(
                str(collector._type), ("",)
            )
            for ending in endings:
                found[collector._name + ending] = labels | ({"le"} if ending == "_bucket" else set())
    return found


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_metrics_are_those_that_are_shown(expression: str) -> None:
    shown = exported()
    named = set(re.findall(r"\bioc_\w+", expression))
    assert named
    assert named <= shown.keys()
    grouped = {label.strip() for listed in re.findall(r"by \(([^)]*)\)", expression) for label in listed.split(",")}
    selected = set(re.findall(r"[{,](\w+)=", expression))
    assert grouped | selected <= set.intersection(*(shown[name] for name in named))


def test_every_metric_is_on_the_board() -> None:
    """One that nobody looks at is found out here: a sum or a count of a histogram may stand for it."""
    drawn = {name for _, target in TARGETS for name in re.findall(r"\bioc_\w+", target["expr"])}
    assert {re.sub("_(bucket|sum|count)$", "", name) for name in drawn} == {
        re.sub("_(bucket|sum|count)$", "", name) for name in exported()
    }


def test_legends_name_labels_that_the_expression_leaves() -> None:
    for panel, target in TARGETS:
        left = {
            label.strip() for listed in re.findall(r"by \(([^)]*)\)", target["expr"]) for label in listed.split(",")
        }
        assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= left - {"le"}, panel["title"]


def test_targets_are_ranges_of_the_provisioned_data_source() -> None:
    for panel, target in TARGETS:
        assert target["datasource"] == panel["datasource"] == {"type": DATASOURCE_TYPE, "uid": DATASOURCE_UID}
        assert target["range"] is True
        assert panel["type"] == "timeseries"
        assert panel["description"]


def test_time_axes_are_marked_with_sealed_days_and_generations() -> None:
    assert len([mark for mark in BOARD["annotations"]["list"] if "rawSql" in (mark.get("target") or {})]) >= 2


def test_expressions_are_promql(tmp_path: Path) -> None:
    rules = [{"record": f"board:{place}", "expr": target["expr"]} for place, (_, target) in enumerate(TARGETS)]
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"groups": [{"name": "board", "rules": rules}]}), encoding="utf-8")
    checked = subprocess.run(["promtool", "check", "rules", str(file)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"{len(rules)} rules found" in checked.stdout
    rules[0]["expr"] = "sum by (stage (ioc_lag_messages)"
    file.write_text(json.dumps({"groups": [{"name": "board", "rules": rules}]}), encoding="utf-8")
    assert subprocess.run(["promtool", "check", "rules", str(file)], capture_output=True, check=False).returncode != 0
