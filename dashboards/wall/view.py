"""A dashboard with chosen values: what is asked of the data sources, and the page that the browser gets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dashboards.wall.definition import Definition
from dashboards.wall.interpolate import FillError, Value, fill_sql, fill_text
from dashboards.wall.question import Question, Source
from dashboards.wall.variables import Choice

_RANGE = ("$__rate_interval", "${__rate_interval}")
_RATE = "1m"
"""Over how long rates are taken: Grafana takes four scrapes, and Prometheus is set to scrape every 15 s."""


@dataclass(frozen=True)
class Query:
    """A panel's query: its question, or in words why it cannot be asked."""

    panel: str
    ref: str
    question: Question | None
    error: str = ""


@dataclass(frozen=True)
class View:
    """A dashboard with values, as any number of viewers look at it. Equal keys are one."""

    key: tuple[str, ...]
    digest: str
    queries: tuple[Query, ...]

    @cached_property
    def questions(self) -> frozenset[Question]:
        """What is asked for it."""
        return frozenset(query.question for query in self.queries if query.question)

    def asks(self, source: Source) -> bool:
        """Whether a panel reads the data source."""
        return any(question.source == source for question in self.questions)


def view_of(definition: Definition, choices: Sequence[Choice]) -> View:
    """Fills the values into the queries."""
    values = values_of(choices)
    queries = []
    for target in definition.targets:
        try:
            if target.source == "clickhouse":
                question = Question(fill_sql(target.text, values))
            else:
                text = target.text
                for name in _RANGE:
                    text = text.replace(name, _RATE)
                question = Question(_promql(text, values), "prometheus", target.window_s, target.legend)
            queries.append(Query(target.panel, target.ref, question))
        except FillError as error:
            queries.append(Query(target.panel, target.ref, None, str(error)))
    key = (definition.uid, *(f"{name}={value.value}" for name, value in values.items()))
    return View(key, definition.digest, tuple(queries))


def _promql(text: str, values: Mapping[str, Value]) -> str:
    """PromQL takes only values of the dashboard's own file: the wall has no format that makes others safe there."""
    return fill_sql(text, values)


def page_of(definition: Definition, choices: Sequence[Choice]) -> dict[str, Any]:
    """What the browser gets: titles filled in, the variables with their options, and what the wall does not know."""
    values = values_of(choices)
    return definition.page | {
        "uid": definition.uid,
        "title": fill_text(definition.title, values),
        "digest": definition.digest,
        "panels": [_titled(panel, values) for panel in definition.page["panels"]],
        "variables": [_variable(choice) for choice in choices],
        "unknown": [words for choice in choices for words in choice.variable.unknown],
    }


def values_of(choices: Sequence[Choice]) -> dict[str, Value]:
    """The chosen values by the variable's name."""
    return {choice.variable.name: choice.value for choice in choices}


def _titled(panel: dict[str, Any], values: Mapping[str, Value]) -> dict[str, Any]:
    titled = panel | {name: fill_text(panel.get(name) or "", values) for name in ("title", "description")}
    if "content" in (panel.get("options") or {}):
        titled["options"] = panel["options"] | {"content": fill_text(panel["options"]["content"], values)}
    if panel.get("panels"):
        titled["panels"] = [_titled(one, values) for one in panel["panels"]]
    return titled


def _variable(choice: Choice) -> dict[str, Any]:
    variable = choice.variable
    return {
        "name": variable.name, "label": variable.label, "kind": variable.kind, "hidden": variable.hidden,
        "value": choice.value.value, "text": choice.value.text,
        "options": [{"value": option.value, "text": option.text} for option in variable.options],
    }  # fmt: skip
