"""A query of Grafana's ClickHouse data source (`grafana-clickhouse-datasource`, version 4): the SDK has no model of it."""

from typing import Literal, Self

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.dashboard import DataSourceRef

DATASOURCE_TYPE = "grafana-clickhouse-datasource"
DATASOURCE_UID = "ioc-clickhouse"
"""Given to the data source by its provisioning file."""

_TABLE_FORMAT = 1
"""`format` of a result that is taken as the table it is; panels of every type read tables."""


def datasource() -> DataSourceRef:
    """The data source that all panels read."""
    return DataSourceRef(type_val=DATASOURCE_TYPE, uid=DATASOURCE_UID)


class ClickHouseQuery(Dataquery):
    """What the plugin stores in a panel's target (`CHSqlQuery` in its src/types/sql.ts)."""

    def __init__(self, ref_id: str, raw_sql: str) -> None:
        self.ref_id = ref_id
        self.raw_sql = raw_sql

    def to_json(self) -> dict[str, object]:
        """The target as it stands in the dashboard's JSON."""
        query_type: Literal["table"] = "table"
        return {
            "refId": self.ref_id,
            "datasource": datasource(),
            "pluginVersion": "4.0.0",
            "editorType": "sql",
            "queryType": query_type,
            "format": _TABLE_FORMAT,
            "rawSql": self.raw_sql,
        }


class Sql(Builder[Dataquery]):
    """Builder of a query written in SQL."""

    def __init__(self, raw_sql: str, ref_id: str = "A") -> None:
        self._query = ClickHouseQuery(ref_id, raw_sql)

    def ref_id(self, ref_id: str) -> Self:
        """Names the query within its panel."""
        self._query.ref_id = ref_id
        return self

    def build(self) -> Dataquery:
        """The query."""
        return self._query
