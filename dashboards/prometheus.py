"""A query of Grafana's Prometheus data source: the SDK's model, with the data source that is provisioned."""

from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models.dashboard import DataSourceRef
from grafana_foundation_sdk.models.prometheus import PromQueryFormat, QueryEditorMode

DATASOURCE_TYPE = "prometheus"
DATASOURCE_UID = "ioc-prometheus"
"""Given to the data source by its provisioning file."""


def datasource() -> DataSourceRef:
    """The data source that reads the pipeline's metrics."""
    return DataSourceRef(type_val=DATASOURCE_TYPE, uid=DATASOURCE_UID)


def over_time(expr: str, legend: str, ref_id: str = "A") -> Dataquery:
    """A range of an expression in PromQL, a line a series; `legend` names it, with `{{label}}` for its labels."""
    return _query(expr, ref_id).range().format(PromQueryFormat.TIME_SERIES).legend_format(legend)


def just_now(expr: str, ref_id: str = "A") -> Dataquery:
    """The newest values of an expression in PromQL, a row a series with its labels as columns."""
    return _query(expr, ref_id).instant().format(PromQueryFormat.TABLE)


def _query(expr: str, ref_id: str) -> Dataquery:
    return Dataquery().expr(expr).ref_id(ref_id).datasource(datasource()).editor_mode(QueryEditorMode.CODE)
