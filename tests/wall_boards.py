"""A small dashboard that asks for everything the wall can do, for tests in a folder of its own."""

import json
from pathlib import Path
from typing import Any

CLICKHOUSE = {"type": "grafana-clickhouse-datasource", "uid": "ioc-clickhouse"}
METRICS = {"type": "prometheus", "uid": "ioc-prometheus"}

_JUDGED = "value, target, status, as_of, freshness, freshness_minutes, period_grain, period_start, provisional, responsible, target_document"
_HIDDEN = [{"id": "custom.hidden", "value": True}]


def _panel(
    number: int, kind: str, title: str, at: tuple[int, int, int, int], sql: str = "", **more: Any
) -> dict[str, Any]:
    x, y, w, h = at
    targets = [{"refId": "A", "rawSql": sql, "datasource": CLICKHOUSE}] if sql else []
    return {
        "id": number,
        "type": kind,
        "title": title,
        "gridPos": {"x": x, "y": y, "w": w, "h": h},
        "targets": targets,
    } | more


def _set(column: str, **properties: Any) -> dict[str, Any]:
    listed = [{"id": name.replace("__", "."), "value": value} for name, value in properties.items()]
    return {"matcher": {"id": "byName", "options": column}, "properties": listed}


def _link(url: str, title: str = "Xem đơn vị") -> list[dict[str, Any]]:
    return [{"title": title, "url": url, "targetBlank": False}]


TO_UNIT = "/d/ioc-one?var-unit=${__data.fields.unit}&${level:queryparam}"


def panels() -> list[dict[str, Any]]:
    """A page of each kind of panel, and one of Prometheus."""
    percent = {"unit": "percent", "decimals": 1}
    return [
        {"id": 1, "type": "row", "title": "Đơn vị ${unit}", "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}},
        _panel(
            2, "gauge", "Đúng hạn của ${unit}", (0, 1, 8, 8),
            f"SELECT {_JUDGED} FROM indicator_now WHERE code = 'DVC-012' AND unit = ${{unit:sqlstring}}",
            description="DVC-012: hồ sơ trực tuyến toàn trình.\nTính theo năm.",
            links=[{"title": "Bảng của ${unit}", "url": "/d/ioc-one?${unit:queryparam}", "type": "link"}, {"title": "hỏng", "url": "javascript:alert(1)"}],
            fieldConfig={"defaults": percent, "overrides": []},
        ),
        _panel(
            3, "bargauge", "Các đơn vị", (8, 1, 8, 8),
            "SELECT unit_name AS name, unit, value, status, as_of, freshness_minutes FROM indicator_now\n"
            "WHERE code = 'DVC-002' AND level = ${level:sqlstring} AND value IS NOT NULL ORDER BY value, name",
            fieldConfig={"defaults": percent | {"displayName": "${__data.fields.name}"}, "overrides": [_set("value", links=_link(TO_UNIT))]},
        ),
        _panel(
            4, "table", "Bảng", (16, 1, 8, 8),
            "SELECT unit_name AS name, unit, value FROM indicator_now\n"
            "WHERE code = 'DVC-001' AND level = ${level:sqlstring} ORDER BY value DESC, name LIMIT ${count}",
            fieldConfig={"defaults": {}, "overrides": [
                _set("name", displayName="Đơn vị", links=_link(TO_UNIT), custom__width=200),
                {"matcher": {"id": "byName", "options": "unit"}, "properties": _HIDDEN},
            ]},
        ),
        _panel(
            5, "timeseries", "Theo ngày", (0, 9, 16, 8),
            "SELECT toDate(now('Asia/Ho_Chi_Minh')) - 30 + number AS time, number AS value FROM numbers(31)",
        ),
        _panel(6, "table", "Tìm", (16, 9, 8, 8), "SELECT ${search:sqlstring} AS said, length(said) AS letters"),
        _panel(7, "table", "Không an toàn", (0, 17, 8, 4), "SELECT '${search}' AS said"),
        _panel(8, "text", "Giới thiệu", (8, 17, 16, 4), options={"mode": "markdown", "content": "Về **${unit}**, xem [màn hình](/) và `SELECT 1`."}),
    ]  # fmt: skip


def dashboard(**more: Any) -> dict[str, Any]:
    """The dashboard `ioc-one`; `more` replaces parts of it."""
    units = "SELECT code AS __value, name_vi AS __text FROM units FINAL WHERE gone = 0 ORDER BY level = 'province' DESC, code"
    marks = {
        "name": "Ngày khóa sổ", "enable": True, "iconColor": "#9FB1C4", "datasource": CLICKHOUSE,
        "target": {"refId": "Anno", "rawSql": "SELECT toDate(now('Asia/Ho_Chi_Minh')) - 10 AS time, 'đã khóa' AS text"},
    }  # fmt: skip
    levels = [{"value": v, "text": t} for v, t in (("department", "Sở/ngành"), ("commune", "Xã/phường"))]
    made = {
        "uid": "ioc-one", "title": "Một đơn vị", "tags": ["ioc"], "panels": panels(), "time": {"from": "now-1h", "to": "now"},
        "links": [{"type": "link", "title": "Mục tiêu", "url": "/d/ioc-metrics"}],
        "annotations": {"list": [marks]},
        "templating": {"list": [
            {"name": "unit", "label": "Đơn vị", "type": "query", "query": {"rawSql": units}, "datasource": CLICKHOUSE},
            {"name": "level", "label": "Cấp", "type": "custom", "options": levels, "current": levels[0]},
            {"name": "search", "label": "Tìm", "type": "textbox", "query": ""},
            {"name": "count", "type": "constant", "query": "40", "hide": 2},
        ]},
    }  # fmt: skip
    return made | more


def metrics() -> dict[str, Any]:
    """The dashboard `ioc-metrics`, of Prometheus alone."""
    asked = [{"refId": "A", "expr": "up", "legendFormat": "{{job}}", "datasource": METRICS}]
    rate = [
        {
            "refId": "A",
            "expr": "scrape_duration_seconds",
            "legendFormat": "{{job}}",
            "range": True,
            "datasource": METRICS,
        }
    ]
    wrong = [{"refId": "A", "expr": "rate(", "datasource": METRICS, "instant": True}]
    listed = [
        _panel(1, "stat", "Tiến trình", (0, 0, 8, 8)) | {"targets": [asked[0] | {"instant": True}]},
        _panel(2, "timeseries", "Thời gian đọc", (8, 0, 16, 8)) | {"targets": rate},
        _panel(3, "stat", "Mới nhất", (0, 8, 8, 8)) | {"targets": asked},
        _panel(4, "stat", "Sai", (8, 8, 8, 8)) | {"targets": wrong},
    ]
    return {"uid": "ioc-metrics", "title": "Đường ống", "panels": listed, "time": {"from": "now-15m", "to": "now"}}


def folder(directory: Path) -> Path:
    """Writes both into a folder of dashboards with a playlist beside it; gives the file of the first, the home."""
    boards = directory / "dashboards"
    boards.mkdir()
    for made in (dashboard(), metrics()):
        (boards / f"{str(made['uid']).removeprefix('ioc-')}.json").write_text(json.dumps(made), encoding="utf-8")
    lists = directory / "playlists"
    lists.mkdir()
    items = "".join(f"  - {{type: dashboard_by_uid, value: {uid}}}\n" for uid in ("ioc-one", "ioc-metrics"))
    (lists / "room.yaml").write_text(f"name: Phòng\ninterval: 2s\nitems:\n{items}", encoding="utf-8")
    return boards / "one.json"
