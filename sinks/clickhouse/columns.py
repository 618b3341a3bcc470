"""Columns derived from the contracts: their types, their comments, and events turned into columns.

Each type holds exactly the range that the contract allows, so a row that the contract accepts is never refused. Fields
of a facet are nullable in every table: a deletion may carry no state, and in the union of facets one may be unknown.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo

from ioc.contracts.base import Contract
from ioc.contracts.kinds import KINDS, Kind

ENVELOPE = ("source", "entity", "facet", "version", "deleted", "unit", "occurred_at", "observed_at")
"""Fields of every event that are stored, in the order of the columns; `kind` is the table's name."""

LOW_CARDINALITY = frozenset({"source", "facet", "unit"})
"""Envelope fields with few distinct values."""


@dataclass(frozen=True)
class Column:
    """A column: name, ClickHouse type, what it means, and the expression that fills it when an insert leaves it out."""

    name: str
    type: str
    comment: str
    default: str = ""

    @property
    def ddl(self) -> str:
        """The column as it stands in CREATE TABLE."""
        default = f" DEFAULT {self.default}" if self.default else ""
        return f"`{self.name}` {self.type}{default} COMMENT {quoted(self.comment)}"


def quoted(text: str) -> str:
    """A string literal of ClickHouse."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


@cache
def envelope_columns(kind: str) -> tuple[Column, ...]:
    """Columns of the envelope, the same for every facet of a kind."""
    fields = KINDS[kind].main.event.model_fields
    columns = []
    for name in ENVELOPE:
        kept = "String" if name == "facet" else column_type(fields[name])
        if name in LOW_CARDINALITY:
            kept = f"LowCardinality({kept})"
        columns.append(Column(name, kept, _facet_comment(KINDS[kind]) if name == "facet" else _comment(fields[name])))
    return tuple(columns)


@cache
def data_columns(model: type[Contract]) -> tuple[Column, ...]:
    """Columns of a facet's data, all nullable."""
    return tuple(
        Column(name, column_type(info, nullable=True), _comment(info)) for name, info in model.model_fields.items()
    )


@cache
def history_columns(kind: str) -> tuple[Column, ...]:
    """Columns of a kind's history: the envelope and the fields of all facets."""
    return (*envelope_columns(kind), *(c for facet in KINDS[kind].facets for c in data_columns(facet.data)))


def column_type(info: FieldInfo, *, nullable: bool = False) -> str:
    """The ClickHouse type of a contract's field.

    Raises:
        TypeError: the field has a type that no column is defined for.
    """
    plain, extra = _plain(info.annotation, tuple(info.metadata))
    nullable = nullable or NoneType in _members(info.annotation)
    if get_origin(plain) is Literal:
        return "LowCardinality(Nullable(String))" if nullable else "LowCardinality(String)"
    names: dict[Any, Callable[[], str]] = {
        datetime: lambda: "DateTime64(6, 'UTC')",
        bool: lambda: "Bool",
        str: lambda: "String",
        int: lambda: _int_type(extra),
    }
    if plain not in names:
        raise TypeError(f"no column type for {plain!r}")
    kept = names[plain]()
    return f"Nullable({kept})" if nullable else kept


def _members(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def _plain(annotation: Any, extra: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    """The type without Annotated and None, and all constraints on the way to it."""
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _plain(inner, (*extra, *more))
    if get_origin(annotation) in (Union, UnionType):
        (inner,) = (arg for arg in get_args(annotation) if arg is not NoneType)
        return _plain(inner, extra)
    return annotation, extra


def _int_type(extra: tuple[Any, ...]) -> str:
    """The smallest signed type that holds the range; an int without bounds has no column."""
    parts = [part for item in extra for part in (item.metadata if isinstance(item, FieldInfo) else [item])]
    lows = [int(part.ge) for part in parts if isinstance(part, annotated_types.Ge)]  # type: ignore[call-overload]
    highs = [int(part.le) for part in parts if isinstance(part, annotated_types.Le)]  # type: ignore[call-overload]
    if not lows or not highs:
        raise TypeError("an integer field needs ge and le: its range is the range of its column")
    for bits in (8, 16, 32, 64):
        if -(2 ** (bits - 1)) <= max(lows) and min(highs) < 2 ** (bits - 1):
            return f"Int{bits}"
    raise TypeError(f"range {max(lows)}..{min(highs)} does not fit Int64")


def _comment(info: FieldInfo) -> str:
    return info.description or ""


def _facet_comment(kind: Kind) -> str:
    return "Part of the entity that the row describes: " + ", ".join(facet.name for facet in kind.facets)


_EPOCH = datetime.fromtimestamp(0, UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Microseconds since the epoch, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


Columns = list[list[Any]]
"""Columns side by side, all of the same length."""


def no_rows(kind: str) -> Columns:
    """The columns of `history_columns(kind)`, empty."""
    return [[] for _ in history_columns(kind)]


def add_history_rows(kind: str, events: Iterable[Any], columns: Columns) -> None:
    """Appends events (structs of the fast decoder) to the columns of `history_columns(kind)`.

    Times become microseconds since the epoch: the driver packs integers several times faster than datetimes.
    """
    by_facet: dict[str, list[Any]] = {}
    for event in events:
        by_facet.setdefault(type(event).__struct_config__.tag, []).append(event)
    for facet, mine in by_facet.items():
        for column, values in zip(columns, _facet_rows(kind, facet, mine), strict=True):
            column.extend(values)


def history_rows(kind: str, events: Iterable[Any]) -> tuple[Columns, int]:
    """Events as the columns of `history_columns(kind)`, and how many rows they are."""
    columns = no_rows(kind)
    add_history_rows(kind, events, columns)
    return columns, len(columns[0])


def _facet_rows(kind: str, facet_name: str, events: Sequence[Any]) -> Iterable[Sequence[Any]]:
    # A call of `micros` for each time would cost as much again as the whole row.
    epoch, microsecond = _EPOCH, _MICROSECOND
    count = len(events)
    envelope = attrgetter(*(name for name in ENVELOPE if name != "facet"))
    values = dict(zip((n for n in ENVELOPE if n != "facet"), zip(*map(envelope, events), strict=True), strict=True))
    for name in ENVELOPE:
        if name == "facet":
            yield [facet_name] * count
        elif name in ("occurred_at", "observed_at"):
            yield [(moment - epoch) // microsecond for moment in values[name]]
        else:
            yield values[name]
    for facet in KINDS[kind].facets:
        columns = data_columns(facet.data)
        if facet.name != facet_name:
            yield from ([None] * count for _ in columns)
            continue
        # A getter of one name gives no tuple, so the first name is asked for twice.
        getter = attrgetter(*(column.name for column in columns), columns[0].name)
        blank = (None,) * (len(columns) + 1)
        states = [blank if event.data is None else getter(event.data) for event in events]
        for column, state in zip(columns, zip(*states, strict=True), strict=False):
            if "DateTime64" in column.type:
                yield [None if moment is None else (moment - epoch) // microsecond for moment in state]
            else:
                yield state
