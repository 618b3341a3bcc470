"""Hypothesis strategies for event messages, derived from the contracts: valid ones, and ones with something odd in them.

A message is built as a tree whose leaves are JSON texts (`Token`) and whose objects are lists of pairs, so that a key can
stand twice, a number can be spelt in any way and a value can be what no serialiser would write.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from ioc.contracts.base import TIME_MAX, TIME_MIN, Contract
from ioc.contracts.kinds import KINDS, Facet


@dataclass(frozen=True)
class Token:
    """A JSON value as it is spelt."""

    text: str


Pairs = list[tuple[str, Any]]
"""An object: its keys as JSON texts beside their values, in order."""


def render(node: Any) -> str:
    """The JSON text of a tree."""
    if isinstance(node, Token):
        return node.text
    return "{" + ",".join(f"{key}:{render(value)}" for key, value in node) + "}"


def message(*events: Any) -> bytes:
    """The bytes of a message; what has no UTF-8 (lone surrogates) is written as it would be if it had."""
    return ("[" + ",".join(render(event) for event in events) + "]").encode("utf-8", "surrogatepass")


def token(value: Any) -> Token:
    return Token(json.dumps(value, ensure_ascii=False))


_EDGES = [TIME_MIN, TIME_MAX, datetime(2024, 2, 29, 16, 59, 59, 999999, tzinfo=UTC)]


def moments() -> st.SearchStrategy[datetime]:
    """Moments within the contracts' range, its ends included."""
    span = (TIME_MAX - TIME_MIN) // timedelta(microseconds=1)
    drawn = st.integers(0, span).map(lambda us: TIME_MIN + timedelta(microseconds=us))
    return st.one_of(st.sampled_from(_EDGES), drawn)


@st.composite
def spelt(draw: st.DrawFn, moment: datetime) -> Token:
    """A moment in one of the spellings that the wire allows."""
    text = moment.isoformat(sep=draw(st.sampled_from(["T", "t", " "])))
    return token(text.replace("+00:00", draw(st.sampled_from(["Z", "z", "+00:00", "-00:00", "+0000"]))))


@st.composite
def valid_events(draw: st.DrawFn, kind: str = "dossier") -> Pairs:
    """An event that the contract accepts, its keys in any order."""
    facet: Facet = draw(st.sampled_from(KINDS[kind].facets))
    deleted = draw(st.booleans())
    pairs: Pairs = []
    for name, info in facet.event.model_fields.items():
        if name == "data":
            empty = deleted and draw(st.booleans())
            pairs.append(('"data"', token(None) if empty else draw(_data(facet.data))))
        elif name == "deleted":
            if deleted or draw(st.booleans()):
                pairs.append(('"deleted"', token(deleted)))
        else:
            pairs.append((json.dumps(name), draw(_value(info.annotation, tuple(info.metadata)))))
    return draw(st.permutations(pairs))


@st.composite
def _data(draw: st.DrawFn, model: type[Contract]) -> Pairs:
    times: dict[str, datetime | None] = {}
    for name, info in model.model_fields.items():
        members = set(_members(info.annotation))
        if datetime in members:
            times[name] = draw(st.one_of(st.none(), moments()) if NoneType in members else moments())
    for earlier, later in model.ORDERED:
        first, second = times[earlier], times[later]
        if first is not None and second is not None and second < first:
            times[earlier], times[later] = second, first
    pairs: Pairs = []
    for name, info in model.model_fields.items():
        if name in times:
            moment = times[name]
            value = token(None) if moment is None else draw(spelt(moment))
        else:
            value = draw(_value(info.annotation, tuple(info.metadata)))
        pairs.append((json.dumps(name), value))
    return draw(st.permutations(pairs))


def _members(annotation: Any) -> Iterator[Any]:
    """The plain types inside unions and Annotated."""
    if get_origin(annotation) is Annotated:
        yield from _members(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for arg in get_args(annotation):
            yield from _members(arg)
    else:
        yield annotation


def _value(annotation: Any, metadata: tuple[Any, ...]) -> st.SearchStrategy[Token]:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *extra = get_args(annotation)
        return _value(inner, (*extra, *metadata))
    if origin in (Union, UnionType):
        return st.one_of([_value(arg, metadata) for arg in get_args(annotation)])
    if origin is Literal:
        return st.sampled_from(get_args(annotation)).map(token)
    if annotation is NoneType:
        return st.just(token(None))
    if annotation is bool:
        return st.booleans().map(token)
    if annotation is datetime:
        return moments().flatmap(spelt)
    bounds = _bounds(metadata)
    if annotation is int:
        low, high = bounds.get("ge", -(2**63)), bounds.get("le", 2**63 - 1)
        return st.one_of(st.sampled_from([low, high]), st.integers(low, high)).map(token)
    assert annotation is str
    return st.text(min_size=bounds.get("min_length", 0), max_size=bounds.get("max_length", 40)).map(token)


def _bounds(metadata: tuple[Any, ...]) -> dict[str, int]:
    names = {annotated_types.Ge: "ge", annotated_types.Le: "le", annotated_types.MinLen: "min_length",
             annotated_types.MaxLen: "max_length"}  # fmt: skip
    found: dict[str, int] = {}
    for item in metadata:
        for part in item.metadata if isinstance(item, FieldInfo) else [item]:
            if (name := names.get(type(part))) is not None:
                value = getattr(part, name)
                narrow = min if name in ("le", "max_length") else max
                found[name] = narrow(found[name], value) if name in found else value
    return found


ODD_NUMBERS = [
    "0", "-0", "-1", "1.0", "0.0", "-0.0", "1.5", "1e0", "1E2", "1e-2", "1e400", "01", "+1", "1.", ".5", "0x1",
    "2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "18446744073709551616", "9" * 30, "9" * 5000,
    "1000000000000001", "NaN", "Infinity", "-Infinity",
]  # fmt: skip
ODD_TIMES = [
    "2024-01-01T00:00:00.123456789Z", "2024-01-01T00:00:00.9999999Z", "1969-12-31T23:59:59.9999999Z",
    "2199-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z",
    "2024-01-01T07:00:00+07:00", "2024-01-01T00:00:00-00:01", "2024-01-01T00:00:00+00", "2024-01-01T00:00:00",
    "2024-01-01T00:00Z", "2024-01-01", "20240101T000000Z", "2024-W01-1T00:00:00Z", "2024-001T00:00:00Z",
    "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T23:59:60Z", "0000-01-01T00:00:00Z",
    "2024-01-01T00:00:00,5Z", "2024-01-01T00:00:00.Z", "2024-01-01_00:00:00Z", " 2024-01-01T00:00:00Z",
    "2024-01-01T00:00:00Z ", "２０２４-01-01T00:00:00Z", "2024-01-01T00:00:00−07:00", "+2024-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2024-01-01T00:00:00ZZ", "1704067200", "now", "", "\u0000",
]  # fmt: skip
ODD_TEXTS = [
    '"\\ud800"', '"\\udc00"', '"\\ud83d\\ude00"', '"\\ud83d\\u0041"', '"\ud800"', '"\\u0000"', '"a\x00b"', '"a\nb"', '"\x7f"',
    '"\\x"', '"\\u12"', '"\\/"', '""', '"' + "x" * 129 + '"', '"' + "x" * 257 + '"', '"' + "😀" * 128 + '"', '"' + "😀" * 257 + '"',
    "'x'", '"case"', '"rating"', '"dossier"', '"Dossier"', '"returned"', '"RETURNED"', '"r\\u0065turned"',
]  # fmt: skip
ODD_VALUES = ["null", "true", "false", "True", "[]", "{}", "[[]]", '{"a":1}', "[" * 300 + "]" * 300, "", "-", "nul"]

odd_tokens = st.one_of(
    st.sampled_from(ODD_NUMBERS + ODD_TEXTS + ODD_VALUES).map(Token),
    st.sampled_from(ODD_TIMES).map(token),
    st.integers().map(token),
    st.floats().map(token),
    st.text(max_size=8).map(token),
)


@st.composite
def odd_events(draw: st.DrawFn, kind: str = "dossier") -> Pairs:
    """A valid event with one to three things changed in it; the result may by chance be valid still."""
    event = list(draw(valid_events(kind)))
    for _ in range(draw(st.integers(1, 3))):
        holder = event
        inner = [i for i, (_, value) in enumerate(event) if isinstance(value, list)]
        if draw(st.booleans()) and inner:
            holder = list(event[inner[0]][1])
            event[inner[0]] = (event[inner[0]][0], holder)
        _change(draw, holder)
    return event


def _change(draw: st.DrawFn, holder: Pairs) -> None:
    if not holder:
        return
    at = draw(st.integers(0, len(holder) - 1))
    key, value = holder[at]
    change: str = draw(st.sampled_from(["replace", "replace", "drop", "add", "case", "escape", "swap"]))
    match change:
        case "replace":
            holder[at] = (key, draw(odd_tokens))
        case "drop":
            del holder[at]
        case "add":
            holder.insert(
                at, (draw(st.sampled_from(['"x"', '""', '"Data"', '"facet "', '"\\ud800"'])), draw(odd_tokens))
            )
        case "case":
            holder[at] = (key.upper(), value)
        case "escape":
            holder[at] = (f'"\\u{ord(key[1]):04x}{key[2:]}', value)
        case "swap":
            other = draw(st.integers(0, len(holder) - 1))
            holder[at], holder[other] = (key, holder[other][1]), (holder[other][0], value)
