"""Checks JSON against the schema of Grafana 11.6, as the SDK has it (generated from Grafana's own kinds and API at that version).

What the schema does not know is lost when it is decoded and written again; what has another type or is none of a closed list is
found by the annotations of the decoded objects. Defaults that the schema adds are no fault.
"""

import enum
import json
import re
import types
import typing
from collections.abc import Iterator
from typing import Any

from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.runtime import UnknownDataquery

plugins.register_default_plugins()

CLICKHOUSE_QUERY: dict[str, Any] = {
    "refId": str,
    "hide": bool,
    "datasource": dict,
    "pluginVersion": str,
    "editorType": typing.Literal["sql"],
    "queryType": typing.Literal["table", "timeseries", "logs", "traces"],
    "format": int,
    "rawSql": str,
}
"""A query written in SQL of the plugin grafana-clickhouse-datasource 4 (`CHSqlQuery`, its src/types/sql.ts)."""


def faults(model: Any, data: dict[str, Any]) -> list[str]:
    """What is wrong with `data` as one of `model`, a class of the SDK's models; empty when it fits."""
    try:
        decoded = model.from_json(data)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return [f"cannot be decoded: {error!r}"]
    again = json.loads(json.dumps(decoded, cls=JSONEncoder))
    return [*_lost(data, again, ""), *_untyped(decoded, model, "")]


_ANNOTATION = re.compile(r"\.annotations\.list\[\d+\]\.target")
"""An annotation's target: the schema's own comment says that it should be the query of whatever data source."""


def _lost(data: Any, again: Any, place: str) -> Iterator[str]:
    if _ANNOTATION.fullmatch(place) and "rawSql" in data:
        yield from _clickhouse(data, place)
    elif isinstance(data, dict) and isinstance(again, dict):
        for key, value in data.items():
            if key not in again:
                yield f"{place}.{key}: unknown to the schema"
            else:
                yield from _lost(value, again[key], f"{place}.{key}")
    elif isinstance(data, list) and isinstance(again, list) and len(data) == len(again):
        for index, (one, other) in enumerate(zip(data, again, strict=True)):
            yield from _lost(one, other, f"{place}[{index}]")
    elif data != again:
        yield f"{place}: {data!r} is read as {again!r}"


def _untyped(value: Any, hint: Any, place: str) -> Iterator[str]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(value, UnknownDataquery):
        yield from _clickhouse(value.data, place)
    elif hasattr(value, "from_json"):
        hints = typing.get_type_hints(type(value))
        for name, found in vars(value).items():
            yield from _untyped(found, hints[name], f"{place}.{name}")
    elif isinstance(value, dict) and hasattr(hint, "from_json"):  # the SDK leaves the links of panels as they are
        yield from (f"{place}{one}" for one in faults(hint, value))
    elif origin in (typing.Union, types.UnionType):
        tried = {one: list(_untyped(value, one, place)) for one in arguments}
        if all(tried.values()):
            # Of a list or an object the fault lies within; it is told by the branch that takes such a value.
            within = [
                found
                for one, found in tried.items()
                if isinstance(value, typing.get_origin(one) or (dict if hasattr(one, "from_json") else ()))
            ]
            yield from within[0] if within else [f"{place}: {value!r} is none of {hint}"]
    elif origin is list and isinstance(value, list):
        for index, one in enumerate(value):
            yield from _untyped(one, arguments[0], f"{place}[{index}]")
    elif origin is dict and isinstance(value, dict):
        for key, one in value.items():
            yield from _untyped(one, arguments[1], f"{place}.{key}")
    elif not _fits(value, hint, origin, arguments):
        yield f"{place}: {value!r} is no {hint}"


def _fits(value: Any, hint: Any, origin: Any, arguments: tuple[Any, ...]) -> bool:
    if hint in (Any, object):
        return True
    if origin is typing.Literal:
        return value in arguments
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return value in [one.value for one in hint]
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, origin or hint)


def _clickhouse(query: dict[str, Any], place: str) -> Iterator[str]:
    for key, value in query.items():
        hint = CLICKHOUSE_QUERY.get(key)
        if hint is None or not _fits(value, hint, typing.get_origin(hint), typing.get_args(hint)):
            yield f"{place}.{key}: {value!r} is not of the ClickHouse data source"
    if not {"refId", "rawSql", "editorType"} <= query.keys():
        yield f"{place}: not a query in SQL"
