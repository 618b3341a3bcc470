"""The variables of a dashboard: what they are in its JSON, what may be chosen, and what a viewer has chosen."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dashboards.wall.interpolate import Value, fill_sql
from ioc.errors import IocError

_LONGEST = 200
"""Characters of a free text."""
_KNOWN = frozenset({"custom", "constant", "textbox", "query"})


class ChoiceError(IocError):
    """A value is none that the variable has: the words are for the viewer."""


@dataclass(frozen=True)
class Option:
    """A value that may be chosen, and the text it is shown as."""

    value: str
    text: str


@dataclass(frozen=True)
class Variable:
    """A variable as its dashboard defines it."""

    name: str
    label: str
    kind: str
    """`custom`, `constant`, `textbox`, `query`; another kind is not known to the wall."""
    hidden: bool
    default: Option | None
    """What is chosen where the viewer says nothing; None: the first option."""
    options: tuple[Option, ...] = ()
    """Of a custom variable or a constant, from the file; of a query variable, what the query gave."""
    sql: str = ""
    """Of a query variable."""
    unknown: tuple[str, ...] = ()
    """What its definition asks for and the wall does not do, in words."""


@dataclass(frozen=True)
class Choice:
    """A variable and what is chosen."""

    variable: Variable
    value: Value


OptionsOf = Callable[[str], Awaitable[tuple[Option, ...]]]
"""Runs the SQL of a query variable."""


def read_variables(dashboard: Mapping[str, Any]) -> tuple[Variable, ...]:
    """The variables of a dashboard's JSON, in their order."""
    return tuple(_read(one) for one in dashboard.get("templating", {}).get("list", []))


def _read(one: Mapping[str, Any]) -> Variable:
    kind = str(one.get("type", ""))
    current = one.get("current") or {}
    default = _option(current) if "value" in current else None
    options: tuple[Option, ...] = ()
    sql = ""
    if kind == "custom":
        options = tuple(_option(found) for found in one.get("options") or ()) or _listed(str(one.get("query", "")))
    elif kind == "constant":
        default = default or Option(str(one.get("query", "")), str(one.get("query", "")))
        options = (default,)
    elif kind == "textbox":
        default = default or Option(str(one.get("query", "")), str(one.get("query", "")))
    elif kind == "query":
        asked = one.get("query", "")
        sql = str(asked.get("rawSql") or asked.get("query") or "") if isinstance(asked, Mapping) else str(asked)
    return Variable(
        name=str(one["name"]), label=str(one.get("label") or one["name"]), kind=kind, hidden=one.get("hide") == 2,
        default=default, options=options, sql=sql, unknown=tuple(_unknown(one, kind)),
    )  # fmt: skip


def _unknown(one: Mapping[str, Any], kind: str) -> Iterable[str]:
    name = one["name"]
    if kind not in _KNOWN:
        yield f"biến {name} kiểu {kind}"
    if one.get("multi"):
        yield f"biến {name} nhiều giá trị"
    if one.get("includeAll"):
        yield f"biến {name} chọn tất cả"
    if one.get("regex"):
        yield f"biến {name} lọc bằng biểu thức"
    if kind == "query" and one.get("sort"):
        yield f"biến {name} sắp xếp lại"


def _option(found: Mapping[str, Any]) -> Option:
    value, text = found["value"], found.get("text", found["value"])
    return Option(*(str(one[0] if isinstance(one, list) and one else one) for one in (value, text)))


def _listed(query: str) -> tuple[Option, ...]:
    """`Tỉnh : province, Xã : commune` or plain values: how Grafana writes the choices of a custom variable."""
    parts = [part.strip() for part in query.split(",") if part.strip()]
    pairs = [part.rpartition(" : ") for part in parts]
    return tuple(Option(value.strip(), (text or value).strip()) for text, _, value in pairs)


async def choose(variables: Iterable[Variable], given: Mapping[str, str], options_of: OptionsOf) -> tuple[Choice, ...]:
    """What is chosen, given the values in the address; what the address does not name has its default.

    A variable's query may name the variables before it. Values that are not among the options are refused, free texts are
    bounded, and what the address names beyond the variables is passed over, as Grafana does.

    Raises:
        ChoiceError: a value that the variable does not have.
        RetriableError, RefusedError: the options cannot be read.
    """
    chosen: list[Choice] = []
    for variable in variables:
        if variable.kind == "query":
            sql = fill_sql(variable.sql, {one.variable.name: one.value for one in chosen})
            variable = replace(variable, options=await options_of(sql))
        chosen.append(Choice(variable, _value(variable, given.get(variable.name))))
    return tuple(chosen)


def _value(variable: Variable, given: str | None) -> Value:
    known = {option.value: option for option in variable.options}
    if variable.kind == "textbox":
        text = given if given is not None else variable.default.value if variable.default else ""
        if len(text) > _LONGEST or not text.isprintable():
            raise ChoiceError(f"{variable.label}: nhiều nhất {_LONGEST} ký tự, không có ký tự điều khiển")
        return Value(text, text, free=True)
    found: Option | None
    if given is None:
        # As in Grafana: the default, else the first that there is. Where the query lists nothing the default stands.
        default = variable.default or Option("", "")
        found = known.get(default.value) or next(iter(variable.options), default)
    elif given in known:
        found = known[given]
    elif variable.default and given == variable.default.value:
        found = variable.default
    else:
        raise ChoiceError(f"{variable.label}: không có giá trị “{given[:40]}”")
    in_file = variable.kind != "query" or (variable.default is not None and found.value == variable.default.value)
    return Value(found.value, found.text, free=not in_file, listed=found.value in known)
