"""The decoder of the hot path: msgspec structs derived from the pydantic contracts, and the slow path beside it.

The structs accept exactly what the models accept: the same types, ranges, spellings of time and checks between fields
(`tests/properties/test_decoder.py` holds the two equal). A message that the fast decoder refuses is read again
element by element with pydantic, which says what is wrong with which element.
"""

import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from operator import attrgetter
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
import msgspec
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from ioc.contracts.base import CONTRADICTION, TIME_MAX, TIME_MIN, Contract, check_order, check_time
from ioc.contracts.event import check_data
from ioc.contracts.kinds import KINDS, Facet, Kind
from ioc.errors import Reason

MAX_ERROR_CHARS = 2000
"""Length of the longest sentence about what is wrong; `DeadLetter.error` holds more than that."""

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Every way in which msgspec refuses bytes; nesting deeper than the interpreter's stack is the last."""

FastEvent = Any
"""A struct with the attributes of `Event`, its `data` a struct with the attributes of the facet's model."""


@dataclass(frozen=True)
class BadElement:
    """One element of a message that the contract refuses: its bytes, position, reason and what is wrong."""

    index: int
    raw: bytes
    reason: Reason
    error: str


def decoder(kind: str) -> Callable[[bytes], list[FastEvent]]:
    """The fast decoder of a kind's messages (JSON arrays of events).

    The function it returns raises `msgspec.DecodeError` (of which `ValidationError` is a kind) on anything that the
    contracts refuse, and nothing else: bytes that are not UTF-8 and nesting beyond measure are a `DecodeError` too.
    """
    read = _json_decoder(kind).decode

    def decode(raw: bytes) -> list[FastEvent]:
        try:
            return read(raw)
        except (UnicodeDecodeError, RecursionError) as error:
            raise msgspec.DecodeError(str(error)) from error

    return decode


def decode_slowly(kind: str, raw: bytes) -> tuple[list[FastEvent], list[BadElement]]:
    """The good events of a message and what is wrong with the others; never raises on bad input.

    Bytes that are not a JSON array give one `BadElement` with index -1 and the whole message.
    """
    try:
        elements = msgspec.json.decode(raw, type=list[msgspec.Raw])
    except _UNREADABLE as error:
        return [], [BadElement(-1, raw, "undecodable", _short(f"not a JSON array: {error}"))]
    good, bad = [], []
    one = _element_decoder(kind)
    for index, element in enumerate(elements):
        try:
            good.append(one.decode(element))
        except _UNREADABLE as error:
            text = bytes(element)
            bad.append(BadElement(index, text, *explain(kind, text, error)))
    return good, bad


def explain(kind: str, element: bytes, error: Exception) -> tuple[Reason, str]:
    """Why the contract refuses one event: reason code and a sentence naming the fields at fault."""
    try:
        facet = msgspec.json.decode(element, type=dict[str, Any]).get("facet")
    except _UNREADABLE:
        return "undecodable", _short(str(error))
    model = next((f.event for f in KINDS[kind].facets if f.name == facet), None)
    if model is None:
        known = ", ".join(f.name for f in KINDS[kind].facets)
        return "unknown_kind", _short(f"facet {facet!r} is not one of {known}")
    try:
        model.model_validate_json(element)
    except ValidationError as refused:
        return reason_of(refused), sentence_of(refused)
    # Only a key that stands twice comes here: pydantic reads the last of its values, the fast decoder checks each.
    return "invalid_value", _short(
        f"a key stands twice, one of its values is refused: at {str(error).rpartition(' - at ')[2]}"
    )


def reason_of(refused: ValidationError) -> Reason:
    """The reason code of a pydantic refusal, taken from its first fault."""
    fault = refused.errors(include_url=False)[0]
    if fault["type"] == "missing":
        return "missing_field"
    if fault["type"] == "json_invalid":
        return "undecodable"
    return "contradiction" if CONTRADICTION in fault["msg"] else "invalid_value"


def sentence_of(refused: ValidationError) -> str:
    """The faults of a pydantic refusal in one line, field by field; input values are left out (they can be personal)."""
    faults = refused.errors(include_url=False, include_input=False)
    return _short("; ".join(f"{'.'.join(map(str, fault['loc'])) or 'record'}: {fault['msg']}" for fault in faults))


def _short(text: str) -> str:
    """`text` as far as a dead letter holds it: keys of unknown length can stand in it."""
    return text if len(text) <= MAX_ERROR_CHARS else text[: MAX_ERROR_CHARS - 1] + "…"


@cache
def _json_decoder(kind: str) -> msgspec.json.Decoder[list[FastEvent]]:
    return msgspec.json.Decoder(list[_union(KINDS[kind])])  # type: ignore[misc]


@cache
def _element_decoder(kind: str) -> msgspec.json.Decoder[FastEvent]:
    return msgspec.json.Decoder(_union(KINDS[kind]))


@cache
def _union(kind: Kind) -> Any:
    return Union[tuple(event_struct(kind.name, facet) for facet in kind.facets)]  # noqa: UP007 (built at run time)


def event_struct(kind: str, facet: Facet) -> type[msgspec.Struct]:
    """The struct of one facet's event, tagged by `facet`."""
    data = _data_struct(facet.data)
    fields: list[Any] = []
    for name, info in facet.event.model_fields.items():
        if name == "facet":
            continue
        if name == "data":
            fields.append((name, data | None))
        elif name == "kind":
            fields.append((name, Literal[kind]))
        else:
            fields.append(_field(name, info))
    times = attrgetter(*(n for n, i in facet.event.model_fields.items() if _is_time(i)))

    def check(self: Any) -> None:
        for moment in times(self):
            if moment.tzinfo is not UTC or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
                check_time(moment)
        if self.data is None:
            check_data(None, self.deleted)

    return msgspec.defstruct(
        facet.event.__name__, fields, tag_field="facet", tag=facet.name, frozen=True, gc=False, kw_only=True,
        forbid_unknown_fields=True, namespace={"__post_init__": check},
    )  # fmt: skip


def _data_struct(model: type[Contract]) -> type[msgspec.Struct]:
    fields = [_field(name, info) for name, info in model.model_fields.items()]
    names = [name for name, info in model.model_fields.items() if _is_time(info)]
    # A getter of one name gives no tuple, so the first name is asked for twice.
    times = attrgetter(*names, names[0]) if names else None
    ordered = [(pair, attrgetter(*pair)) for pair in model.ORDERED]

    def check(self: Any) -> None:
        if times is not None:
            for moment in times(self):
                if moment is not None and (moment.tzinfo is not UTC or not _FIRST_YEAR <= moment.year <= _LAST_YEAR):
                    check_time(moment)
        for pair, both in ordered:
            earlier, later = both(self)
            if earlier is not None and later is not None and later < earlier:
                check_order(self, (pair,))

    return msgspec.defstruct(
        model.__name__, fields, frozen=True, gc=False, kw_only=True, forbid_unknown_fields=True,
        namespace={"__post_init__": check},
    )  # fmt: skip


_FIRST_YEAR, _LAST_YEAR = TIME_MIN.year, TIME_MAX.year
"""The range is of whole years, and these checks run for every event: comparing years costs half of comparing moments."""


def _is_time(info: FieldInfo) -> bool:
    return datetime in _members(info.annotation)


def _members(annotation: Any) -> Iterator[Any]:
    """The plain types inside unions and Annotated."""
    if get_origin(annotation) is Annotated:
        yield from _members(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType):
        for arg in get_args(annotation):
            yield from _members(arg)
    else:
        yield annotation


def _field(name: str, info: FieldInfo) -> tuple[str, Any] | tuple[str, Any, Any]:
    annotation = _fast(info.annotation, tuple(info.metadata))
    return (name, annotation) if info.is_required() else (name, annotation, info.default)


def _fast(annotation: Any, metadata: tuple[Any, ...]) -> Any:
    """A pydantic annotation with its constraints as msgspec understands it.

    Raises:
        TypeError: a type or constraint is used that the fast decoder cannot hold as the model does.
    """
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *extra = get_args(annotation)
        return _fast(inner, (*extra, *metadata))
    if origin in (Union, types.UnionType):
        return Union[tuple(_fast(arg, metadata) for arg in get_args(annotation))]  # noqa: UP007
    if annotation is types.NoneType or origin is Literal or annotation is bool:
        return annotation
    if annotation is datetime:
        return Annotated[datetime, msgspec.Meta(tz=True)]
    bounds: dict[str, Any] = _bounds(metadata)
    if annotation in (int, str):
        return Annotated[annotation, msgspec.Meta(**bounds)] if bounds else annotation
    if origin in (list, tuple):
        return list[_fast(get_args(annotation)[0], ())]  # type: ignore[misc]
    raise TypeError(f"the fast decoder has no equal for {annotation!r}")


_BOUND_NAMES: dict[type, tuple[str, ...]] = {
    annotated_types.Ge: ("ge",), annotated_types.Le: ("le",), annotated_types.Gt: ("gt",), annotated_types.Lt: ("lt",),
    annotated_types.MinLen: ("min_length",), annotated_types.MaxLen: ("max_length",),
}  # fmt: skip


def _bounds(metadata: tuple[Any, ...]) -> dict[str, int]:
    """All bounds that apply; where one is given twice the narrower one counts, as both of pydantic's would."""
    bounds: dict[str, int] = {}
    for item in metadata:
        parts = item.metadata if isinstance(item, FieldInfo) else [item]
        for part in parts:
            for name in _BOUND_NAMES.get(type(part), ()):
                value: int = getattr(part, name)
                narrow = max if name in ("ge", "gt", "min_length") else min
                bounds[name] = narrow(bounds[name], value) if name in bounds else value
    return bounds
