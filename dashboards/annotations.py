"""What is marked on time axes: up to where days are sealed, sealed days whose figures changed after all, and generations of the rollups.

The data source's annotation queries give the columns `time` and `text`.
"""

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models

from dashboards.palette import NEUTRAL, SERIES, WARNING
from dashboards.query import ClickHouseQuery, datasource

_MOST = 200
"""Marks of a kind at most, the newest: more cannot be told apart."""

SEALED = (
    "SELECT toDateTime(toDate32(sealed_until), 'Asia/Ho_Chi_Minh') AS time,\n"
    "  concat('Đã chốt đến hết ngày ', formatDateTime(toDate32(sealed_until) - 1, '%d/%m/%Y'), ': ', toString(count()), ' nhóm số liệu') AS text\n"
    "FROM sealed_until\n"
    "GROUP BY sealed_until\n"
    f"ORDER BY time DESC\nLIMIT {_MOST}"
)

CHANGED = (
    "SELECT toDateTime(toDate32(bucket), 'Asia/Ho_Chi_Minh') AS time,\n"
    "  concat('Số đã chốt thay đổi: ', toString(count()), ' số liệu, lần cuối ',\n"
    "    formatDateTime(max(changed_at), '%d/%m/%Y %H:%i', 'Asia/Ho_Chi_Minh')) AS text\n"
    "FROM seal_changes FINAL\n"
    "WHERE generation = (SELECT generation FROM active_generation)\n"
    "GROUP BY bucket\n"
    f"ORDER BY time DESC\nLIMIT {_MOST}"
)

GENERATIONS = (
    "SELECT active_from AS time, concat('Thế hệ số liệu ', generation) AS text\n"
    f"FROM generations FINAL\nORDER BY time DESC\nLIMIT {_MOST}"
)


class _AnnotationSql(models.AnnotationTarget):
    """An annotation's target: the SDK knows only that of Grafana's own data source."""

    def __init__(self, raw_sql: str) -> None:
        super().__init__()
        self._query = ClickHouseQuery("Anno", raw_sql)

    def to_json(self) -> dict[str, object]:
        return self._query.to_json()


class _Target(Builder[models.AnnotationTarget]):
    def __init__(self, raw_sql: str) -> None:
        self._raw_sql = raw_sql

    def build(self) -> models.AnnotationTarget:
        return _AnnotationSql(self._raw_sql)


def annotations() -> list[AnnotationQuery]:
    """The marks of every dashboard; each can be turned off."""
    return [
        _marks("Ngày đã chốt", SEALED, NEUTRAL),
        _marks("Số đã chốt thay đổi", CHANGED, WARNING),
        _marks("Thế hệ số liệu", GENERATIONS, SERIES[1]),
    ]


def _marks(name: str, raw_sql: str, color: str) -> AnnotationQuery:
    return AnnotationQuery().name(name).datasource(datasource()).enable(True).icon_color(color).target(_Target(raw_sql))
