"""For operators: how much flows, what lags, what fails, what goes to the dead letters, how long the steps take (docs/operations.md)."""

from collections.abc import Iterator

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.builders.common import VizLegendOptions, VizTooltipOptions
from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.models import common as kinds

from dashboards.boards.tiles import Page, Tile, column, lay_out, rows
from dashboards.boards.world import World, dashboard
from dashboards.prometheus import datasource, over_time
from dashboards.vocabulary import AGE_UNIT

_RECORDS, _A_SECOND, _SECONDS = "suffix: bản ghi", "suffix: bản ghi/giây", "suffix: giây"
_LETTER_DAYS = 7

LINES: tuple[tuple[str, tuple[tuple[str, str, str, str, str], ...]], ...] = (
    (
        "Thông lượng và độ trễ",
        (
            (
                "Tốc độ từng chặng", _A_SECOND, "sum by (stage) (ioc_rate_records_per_second)", "{{stage}}",
                "Bản ghi mỗi giây trong 10 giây gần nhất.",
            ),
            (
                "Chưa xử lý ở từng chặng", _RECORDS, "sum by (stage) (ioc_lag_messages)", "{{stage}}",
                "Thông điệp chưa xử lý; ở chặng ingest là bản ghi của nguồn chưa đọc.",
            ),
            (
                "Tuổi của bản ghi mới nhất", _SECONDS, "time() - max by (stage) (ioc_newest_record_timestamp_seconds)", "{{stage}}",
                "Từ lúc bản ghi mới nhất đã xử lý được quan sát ở nguồn.",
            ),
            (
                "Luồng nhiều bản ghi nhất", _A_SECOND, "topk(5, sum by (stage, stream) (rate(ioc_records_total[5m])))",
                "{{stage}} {{stream}}", "Năm luồng của các chặng, trung bình 5 phút.",
            ),
            (
                "Luồng chậm nhất", _RECORDS, "topk(5, max by (stage, stream) (ioc_lag_messages))", "{{stage}} {{stream}}",
                "Năm luồng còn nhiều thông điệp chưa xử lý nhất.",
            ),
            (
                "Chặng đang chạy", "suffix: tiến trình", "count by (stage) (ioc_rate_records_per_second)", "{{stage}}",
                "Tiến trình mà Prometheus đọc được. Chặng ngừng thì đường của nó dứt.",
            ),
        ),
    ),
    (
        "Lỗi và bản ghi bị từ chối",
        (
            (
                "Lỗi trong 1 giờ", "suffix: lỗi", "sum by (stage, error) (increase(ioc_errors_total[1h]))", "{{stage}} {{error}}",
                "retriable: sẽ tự thử lại; fatal: cần người xem nhật ký.",
            ),
            (
                "Bản ghi bị từ chối trong 1 giờ", _RECORDS, "sum by (stage, reason) (increase(ioc_rejected_total[1h]))",
                "{{stage}} {{reason}}", "Đã vào dead letters với lý do; không mất.",
            ),
            (
                "Trường lạ trong 24 giờ", _RECORDS, "topk(5, sum by (source, stream, field) (increase(ioc_unknown_fields_total[24h])))",
                "{{source}}/{{stream}} {{field}}", "Trường mà nguồn gửi và không ai đọc: nguồn có thể đã đổi.",
            ),
            (
                "Tỷ lệ bản ghi bị từ chối", "percentunit",
                "sum by (stage) (rate(ioc_rejected_total[5m])) / sum by (stage) (rate(ioc_records_total[5m]))",
                "{{stage}}", "Quá nhiều thì luồng tự dừng (flood).",
            ),
            ("Số liệu báo cáo cần kiểm tra", "suffix: sai lệch", "max(ioc_findings_open)", "đang tồn tại", "Xem bảng Số liệu báo cáo cần kiểm tra."),
            (
                "Thư đã gửi trong 24 giờ", "suffix: thư", "sum by (about, state) (increase(ioc_mails_total[24h]))", "{{about}} {{state}}",
                "Bản tin và nhắc báo cáo: sent, deferred (sẽ gửi lại), refused, unknown.",
            ),
            (
                "Báo cáo Chính phủ chưa có biên nhận", _SECONDS, "time() - (max(ioc_report_open_timestamp_seconds) > 0)", "lâu nhất",
                "Từ khi báo cáo đến hạn lâu nhất chưa có biên nhận. Không có đường: mọi báo cáo đã có.",
            ),
            (
                "Báo cáo Chính phủ có biên nhận trong 7 ngày", "suffix: báo cáo", 'sum by (stage) (increase(ioc_records_total{stage="report"}[7d]))',
                "{{stage}}", "Báo cáo theo kỳ đã được hệ thống báo cáo của Chính phủ nhận.",
            ),
        ),
    ),
    (
        "Điểm lưu và thời gian từng bước",
        (
            (
                "Điểm lưu của worker trong 10 phút", "suffix: lần", 'sum by (stage) (increase(ioc_step_seconds_count{step="checkpoint"}[10m]))',
                "{{stage}}", "Bằng 0 khi có dữ liệu mới là hỏng.",
            ),
            (
                "Vị trí đã lưu chắc tiến mỗi giây", "suffix: thông điệp/giây", "sum by (stage) (deriv(ioc_stored_offset[10m]))",
                "{{stage}}", "Offset nguồn mà mọi thứ trước nó đã lưu chắc.",
            ),
            (
                "Thời gian một bước, 95% không quá", _SECONDS,
                "histogram_quantile(0.95, sum by (stage, step, le) (rate(ioc_step_seconds_bucket[5m])))", "{{stage}} {{step}}",
                "read, convert, publish: ingest; checkpoint: worker; store, snapshot, seal: sink; round: wall; make: brief.",
            ),
            (
                "Thời gian một bước, trung bình", _SECONDS,
                "sum by (stage, step) (rate(ioc_step_seconds_sum[5m])) / sum by (stage, step) (rate(ioc_step_seconds_count[5m]))",
                "{{stage}} {{step}}", "Trung bình 5 phút.",
            ),
            (
                "Ngày được chốt trong 24 giờ", "suffix: ngày", "sum by (stage) (increase(ioc_sealed_days_total[24h]))",
                "{{stage}}", "Tổng theo rollup.",
            ),
            (
                "Giá trị đã chốt thay đổi trong 24 giờ", "suffix: giá trị", "sum by (stage) (increase(ioc_seal_changes_total[24h]))",
                "{{stage}}", "Do sự kiện đến muộn; lý do ở bảng seal_changes.",
            ),
            (
                "Ngày trạng thái ghi trong 24 giờ", "suffix: ngày", "sum by (stage) (increase(ioc_state_days_total[24h]))",
                "{{stage}}", "Trạng thái cuối ngày, tổng theo loại.",
            ),
            (
                "Thực thể phát lại trong 24 giờ", "suffix: thực thể", "sum by (kind) (increase(ioc_kept_entities_total[24h]))", "{{kind}}",
                "Thực thể còn sống được phát lại từ các bảng trước khi Kafka xóa.",
            ),
        ),
    ),
)  # fmt: skip
"""Pages of charts: of each its title, unit, expression, how its series are named, and what it means."""


def letters() -> str:
    """A row a source, stream and reason of dead letters of the last days, newest first."""
    return (
        "SELECT source, stream, reason, count() AS letters, countIf(attempts > 1) AS again, max(occurred_at) AS newest,\n"
        "  argMax(error, occurred_at) AS error\n"
        "FROM dead_letters FINAL\n"
        f"WHERE occurred_at > now() - INTERVAL {_LETTER_DAYS} DAY\n"
        "GROUP BY source, stream, reason\n"
        "ORDER BY newest DESC\n"
        "LIMIT 200"
    )


def boards(world: World) -> Iterator[Dashboard]:
    """The operators' board, over the last six hours."""
    del world  # what it shows are the metrics, whatever the catalogue
    built = dashboard("pipeline", "Vận hành đường ống dữ liệu", ["pipeline"]).time("now-6h", "now")
    yield lay_out(built, [_charts(*page) for page in LINES] + [_letters()])


def _charts(title: str, charts: tuple[tuple[str, str, str, str, str], ...]) -> Page:
    across = 3 if len(charts) % 3 == 0 else 4 if len(charts) > 4 else 2
    width, height = 24 // across, 24 // (len(charts) // across)
    tiles = [
        Tile(_lines(*chart), (place % across * width, place // across * height, width, height))
        for place, chart in enumerate(charts)
    ]
    return Page(title, tiles)


def _lines(title: str, unit: str, expr: str, legend: str, description: str) -> timeseries.Panel:
    return (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(datasource())
        .with_target(over_time(expr, legend))
        .unit(unit)
        .decimals(1)
        .axis_soft_min(0)
        .line_width(2)
        .fill_opacity(8)
        .show_points(kinds.VisibilityMode.NEVER)
        .no_value("Không có dữ liệu")
        .legend(
            VizLegendOptions()
            .display_mode(kinds.LegendDisplayMode.LIST)
            .placement(kinds.LegendPlacement.BOTTOM)
            .show_legend(True)
            .calcs(["lastNotNull"])
        )
        .tooltip(VizTooltipOptions().mode(kinds.TooltipDisplayMode.MULTI))
    )


def _letters() -> Page:
    columns = [
        column("source", "Nguồn"),
        column("stream", "Luồng"),
        column("reason", "Lý do"),
        column("letters", "Số bản ghi", decimals=0),
        column("again", "Đã thử lại", decimals=0),
        column("newest", "Mới nhất", unit=AGE_UNIT),
        column("error", "Lỗi của bản ghi mới nhất"),
    ]
    return Page(
        f"Dead letters trong {_LETTER_DAYS} ngày",
        [Tile(rows("Bản ghi bị từ chối", letters(), columns, empty="Không có bản ghi bị từ chối"), (0, 0, 24, 24))],
    )
