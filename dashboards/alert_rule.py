"""An alert rule as Grafana's file provisioning takes it (`groups[].rules[]`, Grafana 11.6).

A rule has three steps: a query whose rows have one number and otherwise texts, each row an instance with the texts as its
labels; a reduction, which Grafana asks for; a threshold. Texts name a label as `.Labels.name` and a number as `.Values.B.Value`
and hold no `$`: labels and, since later versions, annotations are searched for variables of the environment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from dashboards import prometheus
from dashboards.query import DATASOURCE_TYPE, DATASOURCE_UID, ClickHouseQuery

_EXPRESSION = "__expr__"
"""Uid and type of the data source that reductions and thresholds belong to."""

_WINDOW_S = 600
"""Time range that a query is given, seconds; the queries look at now, whatever the range."""

_LIMITS = {"intervalMs": 1000, "maxDataPoints": 43200}
"""What Grafana adds to every query of a rule: said here, so that what is loaded equals the file."""

WHEN_SILENT = "OK"
"""State of a rule whose query gives no row: there is nothing to warn of."""

WHEN_BROKEN = "KeepLast"
"""State of a rule whose query fails: what it was. That the database is away is told once, by a rule of its own."""

Audience = Literal["operators", "figures"]
"""Whom an alert is for: who runs the pipeline, or who answers for figures."""

Severity = Literal["critical", "warning"]


@dataclass(frozen=True)
class Sql:
    """A query of ClickHouse: columns of text and one number."""

    text: str

    def model(self, ref: str) -> tuple[str, dict[str, object]]:
        """Uid of the data source, and the query as the plugin stores it."""
        stored = ClickHouseQuery(ref, self.text).to_json()
        return DATASOURCE_UID, stored | {"datasource": {"type": DATASOURCE_TYPE, "uid": DATASOURCE_UID}}


@dataclass(frozen=True)
class PromQl:
    """An instant query of Prometheus."""

    text: str

    def model(self, ref: str) -> tuple[str, dict[str, object]]:
        """Uid of the data source, and the query as Grafana stores it."""
        return prometheus.DATASOURCE_UID, {
            "refId": ref,
            "datasource": {"type": prometheus.DATASOURCE_TYPE, "uid": prometheus.DATASOURCE_UID},
            "editorMode": "code",
            "expr": self.text,
            "instant": True,
            "range": False,
        }


@dataclass(frozen=True)
class Rule:
    """A rule: fires where the number of the query is beyond the threshold for `lasting`.

    Attributes:
        uid: stays the same for good; what Grafana knows the rule by.
        title: Vietnamese, one of its kind.
        query: rows to look at; its number is `.Values.B.Value` in texts.
        shown: further queries, by letter, with the same labels: numbers that texts name.
        beyond: the threshold.
        side: whether a number above (`gt`) or below (`lt`) the threshold is wrong.
        summary: one line.
        description: value, unit of measure, target, responsible unit.
        link: address of the dashboard to look at, relative to Grafana.
        labels: further labels, the same for all instances.
    """

    uid: str
    title: str
    query: Sql | PromQl
    summary: str
    description: str
    link: str
    audience: Audience
    severity: Severity = "warning"
    beyond: float = 0
    side: Literal["gt", "lt"] = "gt"
    lasting: str = "5m"
    shown: Mapping[str, Sql | PromQl] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    when_silent: str = WHEN_SILENT
    when_broken: str = WHEN_BROKEN

    def to_json(self) -> dict[str, object]:
        """The rule as it stands in the file."""
        steps = [_query("A", self.query), *(_query(ref, query) for ref, query in self.shown.items())]
        return {
            "uid": self.uid,
            "title": self.title,
            "condition": "C",
            "for": self.lasting,
            "noDataState": self.when_silent,
            "execErrState": self.when_broken,
            "annotations": {
                "summary": self.summary,
                "description": self.description,
                # The server's address ends with a slash or not, by version.
                "dashboard": "{{ reReplaceAll `/*\\z` `` externalURL }}" + self.link,
            },
            "labels": {"audience": self.audience, "severity": self.severity, **self.labels},
            "data": [*steps, _reduced(), self._threshold()],
        }

    def _threshold(self) -> dict[str, object]:
        condition = {"evaluator": {"type": self.side, "params": [self.beyond]}}
        return _expression("C", {"type": "threshold", "expression": "B", "conditions": [condition]})


def _query(ref: str, query: Sql | PromQl) -> dict[str, object]:
    uid, model = query.model(ref)
    return {
        "refId": ref,
        "datasourceUid": uid,
        "relativeTimeRange": {"from": _WINDOW_S, "to": 0},
        "model": model | _LIMITS,
    }


def _reduced() -> dict[str, object]:
    return _expression("B", {"type": "reduce", "expression": "A", "reducer": "last"})


def _expression(ref: str, model: Mapping[str, object]) -> dict[str, object]:
    return {
        "refId": ref,
        "datasourceUid": _EXPRESSION,
        "relativeTimeRange": {"from": 0, "to": 0},
        "model": {"refId": ref, "datasource": {"type": _EXPRESSION, "uid": _EXPRESSION}, **model, **_LIMITS},
    }


def number(ref: str = "B", decimals: int = 0) -> str:
    """The number of a step within a text, with a comma for the decimals as Vietnamese write it."""
    return _comma(f'printf "%.{decimals}f" .Values.{ref}.Value')


def measured(ref: str) -> str:
    """The number of a step with as many decimals as the label `decimals` says, and the label `measure` behind it."""
    return _comma(f'printf (print "%." .Labels.decimals "f") .Values.{ref}.Value') + " {{ .Labels.measure }}"


def _comma(value: str) -> str:
    return f'{{{{ reReplaceAll "[.]" "," ({value}) }}}}'


def label(name: str) -> str:
    """A label within a text."""
    return f"{{{{ .Labels.{name} }}}}"
