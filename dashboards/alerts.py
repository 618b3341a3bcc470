"""The alert rules: made from the catalogue and the province's targets, the same for every start of Grafana.

What is judged here was judged before: whether a figure is off its target, how old it is and what is wrong with a report are
ClickHouse's words (`indicator_now`, `feed_ages`, `findings`); a rule only says whom to tell, and when.
"""

from collections.abc import Iterator

from dashboards import alert_sql, links
from dashboards.alert_rule import PromQl, Rule, Sql, label, measured, number
from dashboards.boards.world import World

FOLDER = "IOC – Cảnh báo"
"""Folder of Grafana that holds the rules."""

_STAGES = {
    "ingest": "kết nối nguồn dữ liệu (ingest)",
    "worker": "tính toán (worker)",
    "sink": "ghi vào ClickHouse (sink)",
}
"""Processes that figures come through, and what they do."""

_OPTIONAL = {
    "brief": "lập bản tin và nhắc báo cáo (brief)",
    "report": "gửi báo cáo lên hệ thống báo cáo của Chính phủ (report)",
}
"""Processes that not everybody runs: one that has answered in the last days and does no more is down."""

_SEEN_DAYS = 7

MOST_OPEN_H = 4
"""Hours that a report may be due and without a receipt."""

MOST_LAG = 20_000
"""Messages that a stage may be behind: at the 1,000 events/s that it is built for, 20 s."""

_FATAL = 'error="fatal"'
"""Errors that no retry ends."""

_FRESH_MINUTES = 15
"""What was counted in so many minutes is news."""


def groups(world: World) -> list[dict[str, object]]:
    """The groups of rules, as `groups` of the provisioning file."""
    made = (
        ("Mục tiêu", "5m", _off_target(world)),
        ("Nguồn số liệu", "1m", _sources(world)),
        ("Chất lượng số liệu", "5m", _findings()),
        ("Đường ống dữ liệu", "1m", _pipeline()),
    )
    return [
        {"orgId": 1, "name": name, "folder": FOLDER, "interval": every, "rules": [rule.to_json() for rule in rules]}
        for name, every, rules in made
    ]


def _off_target(world: World) -> Iterator[Rule]:
    for sector in world.catalogue.sectors:
        aimed = [one for one in sector.indicator if one.code in world.aims]
        if aimed:
            yield Rule(
                uid=f"ioc-off-target-{sector.code.lower()}",
                title=f"Chưa đạt mục tiêu: {sector.name.vi}",
                query=Sql(alert_sql.off_target(sector.code, aimed)),
                shown={"V": Sql(alert_sql.value_of(sector.code, aimed))},
                summary=f"{label('name')}: chưa đạt mục tiêu",
                description=(
                    f"{label('code')} {label('name')}: {measured('V')}, mục tiêu {label('target')} {label('measure')}, "
                    f"lệch {measured('B')}. Đơn vị chịu trách nhiệm: {label('responsible')}. Căn cứ: {label('document')}."
                ),
                link=links.sector(sector.code),
                audience="figures",
                lasting="15m",
                labels={"sector": sector.code},
            )


def _sources(world: World) -> Iterator[Rule]:
    yield Rule(
        uid="ioc-stale-source",
        title="Nguồn số liệu ngừng cập nhật",
        query=Sql(alert_sql.stale_sources()),
        summary=f"Nguồn {label('source')}/{label('stream')} ngừng cập nhật",
        description=(
            f"Nguồn {label('source')}, luồng {label('stream')}: không có số liệu mới từ {number()} phút "
            f"(cho phép {label('allowed_minutes')} phút), ngoài thời gian bảo trì đã báo trước."
        ),
        link=links.board("freshness"),
        audience="operators",
        severity="critical",
    )
    yield Rule(
        uid="ioc-silent-units",
        title="Đơn vị không gửi số liệu",
        query=Sql(alert_sql.silent_units()),
        summary=f"{number()} đơn vị không gửi số liệu {label('source')}/{label('stream')}",
        description=(
            f"{number()} đơn vị tự gửi số liệu vào nguồn {label('source')}, luồng {label('stream')} "
            "đã quá hạn ba lần thời gian cho phép. Danh sách và đầu mối liên hệ: bảng Độ mới của số liệu."
        ),
        link=links.board("freshness"),
        audience="figures",
        lasting="15m",
    )
    yield Rule(
        uid="ioc-overdue-reports",
        title="Báo cáo quá hạn",
        query=Sql(alert_sql.overdue_reports({one.code: one.name.vi for one in world.catalogue.sectors})),
        summary=f"{label('responsible')}: {number()} chỉ tiêu quá hạn báo cáo",
        description=(
            f"{label('sector_name')}: {number()} chỉ tiêu chưa có báo cáo của kỳ đã đến hạn. "
            f"Đơn vị chịu trách nhiệm: {label('responsible')}."
        ),
        link=links.board("freshness"),
        audience="figures",
        lasting="15m",
    )


def _findings() -> Iterator[Rule]:
    yield Rule(
        uid="ioc-findings",
        title="Báo cáo có sai lệch",
        query=Sql(alert_sql.findings()),
        summary=f"Báo cáo của {label('unit_name')}: {label('reason')}",
        description=(
            f"{number()} số liệu báo cáo của {label('unit_name')} ({label('unit')}): {label('reason')}. "
            "Số liệu vẫn được tính như đã báo cáo; đơn vị báo cáo cần kiểm tra và gửi lại."
        ),
        link=links.board("findings"),
        audience="figures",
    )


def _pipeline() -> Iterator[Rule]:
    link = links.board("pipeline")
    yield Rule(
        uid="ioc-lag",
        title="Xử lý chậm so với dữ liệu đến",
        query=PromQl('sum by (stage) (ioc_lag_messages{stage=~"worker|sink"})'),
        beyond=MOST_LAG,
        summary=f"{label('stage')} chậm {number()} bản tin",
        description=f"{label('stage')} còn {number()} bản tin chưa xử lý (ngưỡng {MOST_LAG:,} bản tin).".replace(
            ",", "."
        ),
        link=link,
        audience="operators",
    )
    yield Rule(
        uid="ioc-dead-letters",
        title="Bản ghi không dùng được",
        query=PromQl(f"sum by (stage, reason) ({_news('ioc_rejected_total')})"),
        lasting="0s",
        summary=f"{label('stage')}: {number()} bản ghi bị loại ({label('reason')})",
        description=(
            f"Trong {_FRESH_MINUTES} phút, {label('stage')} đã loại {number()} bản ghi, lý do {label('reason')}. "
            "Bản ghi được giữ trong bảng dead_letters."
        ),
        link=link,
        audience="operators",
    )
    yield Rule(
        uid="ioc-fatal",
        title="Lỗi phải có người xử lý",
        query=PromQl(f"sum by (stage) ({_news('ioc_errors_total', _FATAL)})"),
        lasting="0s",
        summary=f"{label('stage')}: {number()} lỗi không tự khắc phục",
        description=f"Trong {_FRESH_MINUTES} phút, {label('stage')} gặp {number()} lỗi không tự khắc phục được; xem nhật ký.",
        link=link,
        audience="operators",
        severity="critical",
    )
    for stage, does in _STAGES.items():
        yield Rule(
            uid=f"ioc-down-{stage}",
            title=f"Tiến trình ngừng: {stage}",
            query=PromQl(f'count(ioc_rate_records_per_second{{stage="{stage}"}}) or vector(0)'),
            beyond=1,
            side="lt",
            lasting="2m",
            summary=f"{stage} ngừng chạy",
            description=f"Không còn tiến trình {does} nào trả lời Prometheus.",
            link=link,
            audience="operators",
            severity="critical",
            labels={"stage": stage},
        )
    for stage, does in _OPTIONAL.items():
        shown = f'ioc_rate_records_per_second{{stage="{stage}"}}'
        yield Rule(
            uid=f"ioc-down-{stage}",
            title=f"Tiến trình ngừng: {stage}",
            query=PromQl(f"count({shown}) or 0 * count(count_over_time({shown}[{_SEEN_DAYS}d]))"),
            beyond=1,
            side="lt",
            lasting="10m",
            summary=f"{stage} ngừng chạy",
            description=f"Không còn tiến trình {does} nào trả lời Prometheus.",
            link=link,
            audience="operators",
            labels={"stage": stage},
        )
    yield Rule(
        uid="ioc-report-open",
        title="Báo cáo gửi Chính phủ chưa có biên nhận",
        query=PromQl("(time() - (max(ioc_report_open_timestamp_seconds) > 0)) / 3600"),
        beyond=MOST_OPEN_H,
        summary=f"Báo cáo đến hạn chưa có biên nhận từ {number()} giờ",
        description=(
            f"Có báo cáo đến hạn từ {number()} giờ mà chưa lập được, chưa gửi được hoặc bị từ chối (ngưỡng {MOST_OPEN_H} giờ); "
            "xem `ioc report list` và nhật ký của report."
        ),
        link=link,
        audience="operators",
    )
    for name, query in (("ClickHouse", Sql(alert_sql.alive())), ("Prometheus", PromQl("vector(1)"))):
        yield Rule(
            uid=f"ioc-away-{name.lower()}",
            title=f"{name} không trả lời",
            query=query,
            beyond=1,
            side="lt",
            lasting="2m",
            summary=f"{name} không trả lời",
            description=f"Grafana không đọc được {name}; các cảnh báo khác giữ nguyên trạng thái cuối cùng.",
            link=link,
            audience="operators",
            severity="critical",
            when_silent="Alerting",
            when_broken="Alerting",
        )


def _news(counter: str, chosen: str = "") -> str:
    """What a counter has counted lately; a counter that is new counts from zero, which `increase` does not see."""
    series, span = f"{counter}{{{chosen}}}", f"{_FRESH_MINUTES}m"
    return f"increase({series}[{span}]) > 0 or ({series} unless {series} offset {span})"
