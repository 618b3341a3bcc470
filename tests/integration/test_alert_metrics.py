"""The alert rules in the words of Prometheus' own engine: expressions over planted series, and every text as it is read."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from dashboards import provision
from dashboards.prometheus import DATASOURCE_UID as PROMETHEUS_UID
from deploy.embedded.prometheus import alert
from ioc.metrics import Metrics
from ioc.settings import MetricsSettings, WallSettings
from tests.repo.tree import read

LOADED: dict[str, Any] = dict(provision.load())
RULES = {rule["uid"]: rule for group in LOADED["groups"] for rule in group["rules"]}
METRIC_RULES = {uid: rule for uid, rule in RULES.items() if rule["data"][0]["datasourceUid"] == PROMETHEUS_UID}
GRAFANA = "http://grafana.example/"


def promtool(folder: Path, rules: list[dict[str, Any]], tests: list[dict[str, Any]]) -> None:
    """Runs `promtool test rules`; fails with what it says."""
    (folder / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": rules}]}), encoding="utf-8")
    file = folder / "test.yml"
    content = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": tests}
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    done = subprocess.run(["promtool", "test", "rules", file], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def series(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"series": name, "values": said} for name, said in values.items()]


ALIVE = {f'ioc_rate_records_per_second{{stage="{stage}"}}': "10x60" for stage in ("ingest", "worker", "sink")}
WELL = {
    'ioc_lag_messages{stage="worker",stream="a"}': "9000x60",
    'ioc_lag_messages{stage="ingest",stream="a"}': "900000x60",
    'ioc_rejected_total{stage="sink",reason="unknown_unit"}': "7x60",
    'ioc_errors_total{stage="sink",error="retriable"}': "0+1x60",
    'ioc_errors_total{stage="sink",error="fatal"}': "3x60",
    **ALIVE,
}
"""Lag below the threshold, a source that is read anew, old dead letters, errors that end by themselves."""


def fires(at: str, **labels: str) -> dict[str, Any]:
    uid = labels.pop("uid")
    return {"eval_time": at, "alertname": uid, "exp_alerts": [{"exp_labels": labels}]}


def silent(at: str, *uids: str) -> list[dict[str, Any]]:
    return [{"eval_time": at, "alertname": uid, "exp_alerts": []} for uid in uids]


def without_texts(rules: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in alert(rule).items() if key not in ("annotations", "labels")}
        for rule in rules.values()
    ]


def test_all_is_well(tmp_path: Path) -> None:
    case = {"interval": "1m", "input_series": series(WELL), "alert_rule_test": silent("40m", *METRIC_RULES)}
    promtool(tmp_path, without_texts(METRIC_RULES), [case])


@pytest.mark.parametrize(
    ("planted", "alerts"),
    [
        # 12,000 and 9,000 are more than 20,000; a minute of it is none yet.
        (
            {'ioc_lag_messages{stage="worker",stream="b"}': "0x9 12000x50"},
            [*silent("11m", "ioc-lag"), fires("16m", uid="ioc-lag", stage="worker")],
        ),
        # The first letter of a reason: its counter was not there before. It is news for a quarter of an hour.
        (
            {'ioc_rejected_total{stage="ingest",reason="not_utf8"}': "_x20 1x40"},
            [
                *silent("19m", "ioc-dead-letters"),
                fires("20m", uid="ioc-dead-letters", stage="ingest", reason="not_utf8"),
                fires("34m", uid="ioc-dead-letters", stage="ingest", reason="not_utf8"),
                *silent("50m", "ioc-dead-letters"),
            ],
        ),
        # One more of a reason that was there.
        (
            {'ioc_rejected_total{stage="sink",reason="unknown_unit"}': "7x19 8x40"},
            [
                *silent("18m", "ioc-dead-letters"),
                fires("22m", uid="ioc-dead-letters", stage="sink", reason="unknown_unit"),
                *silent("50m", "ioc-dead-letters"),
            ],
        ),
        # A restart sets the counter back: no news.
        (
            {'ioc_rejected_total{stage="sink",reason="unknown_unit"}': "7x19 0x40"},
            silent("22m", "ioc-dead-letters"),
        ),
        (
            {'ioc_errors_total{stage="worker",error="fatal"}': "_x20 1x40"},
            [*silent("19m", "ioc-fatal"), fires("20m", uid="ioc-fatal", stage="worker")],
        ),
        (
            {'ioc_rate_records_per_second{stage="sink"}': "10x19 stale"},
            [
                *silent("21m", "ioc-down-sink"),
                fires("23m", uid="ioc-down-sink"),
                *silent("23m", "ioc-down-worker", "ioc-down-ingest"),
            ],
        ),
        ({'ioc_rate_records_per_second{stage="worker"}': "10x19 stale"}, [fires("23m", uid="ioc-down-worker")]),
        ({'ioc_rate_records_per_second{stage="ingest"}': "10x19 stale"}, [fires("23m", uid="ioc-down-ingest")]),
        # A second worker goes on.
        (
            {
                'ioc_rate_records_per_second{stage="worker",instance="1"}': "10x19 stale",
                'ioc_rate_records_per_second{stage="worker",instance="2"}': "10x60",
            },
            silent("30m", "ioc-down-worker"),
        ),
        # Not everybody runs these: only one that was there can be missed.
        (
            {'ioc_rate_records_per_second{stage="brief"}': "0x19 stale"},
            [*silent("29m", "ioc-down-brief", "ioc-down-report"), fires("31m", uid="ioc-down-brief")],
        ),
        ({'ioc_rate_records_per_second{stage="report"}': "0x19 stale"}, [fires("31m", uid="ioc-down-report")]),
        ({'ioc_rate_records_per_second{stage="report"}': "0x60"}, silent("40m", "ioc-down-brief", "ioc-down-report")),
        # Due since the beginning, six hours ago in the end; other processes have the metric too, and say 0.
        (
            {
                'ioc_report_open_timestamp_seconds{job="report"}': "1x360",
                'ioc_report_open_timestamp_seconds{job="sink"}': "0x360",
            },
            [*silent("240m", "ioc-report-open"), fires("250m", uid="ioc-report-open")],
        ),
        ({'ioc_report_open_timestamp_seconds{job="report"}': "1x200 0x160"}, silent("350m", "ioc-report-open")),
        ({'ioc_report_open_timestamp_seconds{job="report"}': "0x360"}, silent("350m", "ioc-report-open")),
    ],
    ids=[
        "lag",
        "first letter",
        "another letter",
        "restart",
        "fatal",
        "sink",
        "worker",
        "ingest",
        "second worker",
        "brief",
        "report",
        "no brief",
        "report open",
        "report in time",
        "nothing open",
    ],
)
def test_planted_cases(tmp_path: Path, planted: dict[str, str], alerts: list[dict[str, Any]]) -> None:
    case = {"interval": "1m", "input_series": series(WELL | planted), "alert_rule_test": alerts}
    promtool(tmp_path, without_texts(METRIC_RULES), [case])


def test_the_expressions_name_metrics_that_there_are() -> None:
    registry = CollectorRegistry()
    Metrics("sink", registry)
    shown = {sample for metric in registry.collect() for sample in (metric.name, f"{metric.name}_total")}
    named = {
        name for rule in METRIC_RULES.values() for name in re.findall(r"\bioc_\w+", rule["data"][0]["model"]["expr"])
    }
    assert named
    assert named <= shown


READ = {
    "ioc-off-target-dvc": (
        {
            "code": "DVC-011", "name": "Tỷ lệ hồ sơ giải quyết đúng hạn", "measure": "%", "decimals": "1", "target": "95",
            "responsible": "Văn phòng UBND tỉnh", "document": "Kế hoạch 267/KH-UBND",
        },
        81.25,
        "DVC-011 Tỷ lệ hồ sơ giải quyết đúng hạn: 81,2 %, mục tiêu 95 %, lệch 81,2 %. Đơn vị chịu trách nhiệm: Văn phòng UBND tỉnh. Căn cứ: Kế hoạch 267/KH-UBND.",
        "sector-dvc",
    ),
    "ioc-stale-source": (
        {"source": "hub", "stream": "calls", "allowed_minutes": "10"},
        31.6,
        "Nguồn hub, luồng calls: không có số liệu mới từ 32 phút (cho phép 10 phút), ngoài thời gian bảo trì đã báo trước.",
        "freshness",
    ),
    "ioc-findings": (
        {"unit": "000.00.09.H12", "unit_name": "Sở Tư pháp", "reason": "Tử số lớn hơn mẫu số"},
        2,
        "2 số liệu báo cáo của Sở Tư pháp (000.00.09.H12): Tử số lớn hơn mẫu số. Số liệu vẫn được tính như đã báo cáo; đơn vị báo cáo cần kiểm tra và gửi lại.",
        "findings",
    ),
    "ioc-lag": (
        {"stage": "sink"},
        25_000,
        "sink còn 25000 bản tin chưa xử lý (ngưỡng 20.000 bản tin).",
        "pipeline",
    ),
}  # fmt: skip
"""Labels and number of an instance, what its description reads, and the dashboard that it leads to."""


@pytest.mark.parametrize("uid", READ)
def test_texts_as_they_are_read(tmp_path: Path, uid: str) -> None:
    labels, value, description, board = READ[uid]
    rule = alert(RULES[uid], expression="planted") | {"for": "0s", "labels": {}}
    # This engine is given no address of its own in a test.
    rule["annotations"] = {
        key: text.replace("externalURL", f'"{GRAFANA}"')
        for key, text in rule["annotations"].items()
        if key != "summary"
    }
    said = ",".join(f'{name}="{text}"' for name, text in labels.items())
    case = {
        "interval": "1m",
        "input_series": series({f"planted{{{said}}}": f"{value}x5"}),
        "alert_rule_test": [
            {
                "eval_time": "3m",
                "alertname": uid,
                "exp_alerts": [
                    {
                        "exp_labels": labels,
                        "exp_annotations": {
                            "description": description, "dashboard": f"http://grafana.example/d/ioc-{board}",
                        },
                    }
                ],
            }
        ],
    }  # fmt: skip
    promtool(tmp_path, [rule], [case])


def test_every_text_is_a_template_that_the_engine_takes(tmp_path: Path) -> None:
    rules = [alert(rule, expression="vector(1)") for rule in RULES.values()]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": rules}]}), encoding="utf-8")
    done = subprocess.run(
        ["promtool", "check", "rules", tmp_path / "rules.yml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(RULES)} rules found" in done.stdout


def test_the_scrape_configuration_of_the_page_reads_every_process(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```yaml\n(scrape_configs:.*?)```", read("docs/grafana.md"), re.DOTALL)
    (tmp_path / "prometheus.yml").write_text(shown, encoding="utf-8")
    done = subprocess.run(
        ["promtool", "check", "config", tmp_path / "prometheus.yml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (job,) = yaml.safe_load(shown)["scrape_configs"]
    ports = {int(target.partition(":")[2]) for one in job["static_configs"] for target in one["targets"]}
    metrics = MetricsSettings()
    shown = {metrics.ingest, metrics.worker, metrics.sink, metrics.brief, metrics.report}
    assert ports == {*shown, WallSettings().port}
