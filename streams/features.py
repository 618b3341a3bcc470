"""What the fold remembers of an entity: one numpy column for each field that a rollup reads.

Times are whole seconds since the epoch (int64, rounded down), integers int64, booleans and enumerations int8 codes, texts
int32 codes of an `Interner`. Null is the least int64 in times and integers and -1 in codes; no contract lets the former
through, and no code is negative.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ioc.catalogue.expr import Compare, In
from ioc.catalogue.fields import FieldSpec, FieldType, fields_of
from ioc.catalogue.rollup import Rollup
from ioc.contracts.decoder import FastEvent
from ioc.contracts.kinds import KINDS

Array = NDArray[Any]
Rows = NDArray[np.int64]
Columns = dict[str, Array]

NULL = -(2**63)
"""Null of a time or an integer."""

NULL_CODE = -1
"""Null of a code."""


class Interner(dict[str, int]):
    """Texts by code, from 0 in the order in which they were first seen; looking an unknown text up gives it a code."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        super().__init__()
        self.texts: list[str] = []
        for text in texts:
            self[text]

    def __missing__(self, text: str) -> int:
        code = self[text] = len(self.texts)
        self.texts.append(text)
        return code


@dataclass(frozen=True)
class Feature:
    """A field as a column: its specification, the column's type and its null."""

    spec: FieldSpec

    @property
    def name(self) -> str:
        """Name in the contract."""
        return self.spec.name

    @property
    def dtype(self) -> type[np.signedinteger[Any]]:
        """Type of the column."""
        return _DTYPES[self.spec.type]

    @property
    def null(self) -> int:
        """The value that stands for null."""
        return NULL if self.dtype is np.int64 else NULL_CODE

    def code(self, value: str | int | bool, texts: Interner) -> int:
        """The number that stands for a constant of the catalogue in the column."""
        match self.spec.type:
            case "text":
                return texts[str(value)]
            case "enum":
                return self.spec.values.index(str(value))
            case _:
                return int(value)

    def column(self, values: Sequence[Any], texts: Interner) -> Array:
        """The column of some values of the field, in their order."""
        count = len(values)
        match self.spec.type:
            case "time":
                return _seconds(values)
            case "int":
                if self.spec.nullable:
                    values = [NULL if value is None else value for value in values]
                return np.fromiter(values, np.int64, count)
            case "text":
                if self.spec.nullable:
                    return np.fromiter((NULL_CODE if v is None else texts[v] for v in values), np.int32, count)
                return np.fromiter(map(texts.__getitem__, values), np.int32, count)
            case "enum":
                return np.fromiter(map(_codes(self.spec.values).__getitem__, values), np.int8, count)
            case "bool":
                return np.fromiter(map(_BOOL_CODES.__getitem__, values), np.int8, count)


_EPOCH = datetime.fromtimestamp(0, UTC)
_ENCODE = msgspec.msgpack.Encoder().encode
_WHOLE_SECONDS_BYTES = 6
_TIMESTAMP_32 = np.array((0xD6, 0xFF), np.uint8)


def _seconds(moments: Sequence[datetime | None]) -> NDArray[np.int64]:
    """Whole seconds since the epoch, rounded down; null where there is no moment.

    MessagePack writes a moment without a fraction, before 2106, as 4 bytes of seconds behind 2 that name the type (its
    timestamp 32): reading them out of one encoded array takes a tenth of the time of asking each moment in turn.
    """
    count = len(moments)
    seconds = _unpacked(_ENCODE(moments), count)
    if seconds is not None:
        return seconds
    nulls = [place for place, moment in enumerate(moments) if moment is None]
    filled = [moment or _EPOCH for moment in moments]
    seconds = _unpacked(_ENCODE(filled), count)
    if seconds is None:
        seconds = np.floor(np.fromiter(map(datetime.timestamp, filled), np.float64, count)).astype(np.int64)
    seconds[nulls] = NULL
    return seconds


def _unpacked(packed: bytes, count: int) -> NDArray[np.int64] | None:
    """The seconds of an encoded array in which every element is a timestamp 32; None if one is not."""
    start = _array_header_bytes(count)
    if len(packed) != start + _WHOLE_SECONDS_BYTES * count:
        return None
    elements = np.frombuffer(packed, np.uint8, offset=start).reshape(count, _WHOLE_SECONDS_BYTES)
    # Nulls are shorter and fractions longer: their lengths may make up for one another, the types would not.
    if not (elements[:, :2] == _TIMESTAMP_32).all():
        return None
    return np.ascontiguousarray(elements[:, 2:]).view(">u4").ravel().astype(np.int64)


def _array_header_bytes(count: int) -> int:
    """Bytes before the elements of a MessagePack array."""
    return 1 if count < 2**4 else 3 if count < 2**16 else 5


_DTYPES: dict[FieldType, type[np.signedinteger[Any]]] = {
    "time": np.int64, "int": np.int64, "text": np.int32, "enum": np.int8, "bool": np.int8,
}  # fmt: skip
_BOOL_CODES: dict[bool | None, int] = {None: NULL_CODE, False: 0, True: 1}
_CODES: dict[tuple[str, ...], dict[str | None, int]] = {}


def _codes(values: tuple[str, ...]) -> dict[str | None, int]:
    if values not in _CODES:
        _CODES[values] = {None: NULL_CODE, **{value: code for code, value in enumerate(values)}}
    return _CODES[values]


@dataclass(frozen=True)
class FacetBatch:
    """The events of one facet in a batch, in their order.

    Attributes:
        facet: index of the facet within its kind; 0 is the main one.
        at: positions in the batch.
        entities: the entity of each event.
        versions: versions (int64).
        alive: false where the event deletes the facet.
        units: codes of the units, of the main facet only.
        columns: the features of this facet; null where it is deleted.
    """

    facet: int
    at: Rows
    entities: list[str]
    versions: NDArray[np.int64]
    alive: NDArray[np.bool_]
    units: NDArray[np.int32] | None
    columns: Columns


class Layout:
    """The features of a kind that its rollups read.

    Attributes:
        facets: names of the kind's facets, the main one first.
        features: the features by name, in alphabetical order.
    """

    def __init__(self, kind: str, rollups: Sequence[Rollup]) -> None:
        specs = fields_of(kind)
        self.kind = kind
        self.facets = tuple(facet.name for facet in KINDS[kind].facets)
        names = sorted(frozenset[str]().union(*(rollup.fields for rollup in rollups)))
        self.features = {name: Feature(specs[name]) for name in names}
        self._by_facet = [tuple(f for f in self.features.values() if f.spec.facet == facet) for facet in self.facets]
        self._constants = sorted(
            {
                str(constant)
                for rollup in rollups
                for where in (rollup.where, *(measure.where for measure in rollup.measures))
                for condition in where
                if isinstance(condition, Compare | In) and specs[condition.field].type == "text"
                for constant in (condition.values if isinstance(condition, In) else (condition.value,))
            }
        )
        self._facet_of: dict[Any, int] = {}

    def texts(self) -> Interner:
        """A new interner that knows the constants of the catalogue, under the same codes each time."""
        return Interner(self._constants)

    def facet_of(self, feature: str) -> int:
        """Index of the facet that carries a feature."""
        return self.facets.index(self.features[feature].spec.facet)

    def split(self, events: Sequence[FastEvent], texts: Interner) -> list[FacetBatch]:
        """The columns of a batch, facet by facet."""
        found: dict[Any, None] = dict.fromkeys(map(type, events))
        for one in found.keys() - self._facet_of.keys():
            self._facet_of[one] = self.facets.index(one.__struct_config__.tag)
        if len(found) == 1:
            (one,) = found
            return [self._read(self._facet_of[one], np.arange(len(events)), events, texts)]
        batches = []
        for one in found:
            at = np.fromiter((i for i, event in enumerate(events) if type(event) is one), np.int64)
            batches.append(self._read(self._facet_of[one], at, [events[i] for i in at.tolist()], texts))
        return batches

    def _read(self, facet: int, at: Rows, events: Sequence[FastEvent], texts: Interner) -> FacetBatch:
        count = len(events)
        envelope = _transposed(events)
        deleted: list[bool] = envelope["deleted"]
        units: list[str] = envelope["unit"]
        columns: Columns = {}
        if True in deleted:
            live = [not gone for gone in deleted]
            alive = np.array(live, np.bool_)
            data = _transposed([one for one, keep in zip(envelope["data"], live, strict=True) if keep])
            for f in self._by_facet[facet]:
                columns[f.name] = np.full(count, f.null, f.dtype)
                columns[f.name][alive] = f.column(data.get(f.name, []), texts)
        else:
            alive = np.ones(count, np.bool_)
            data = _transposed(envelope["data"])
            columns = {f.name: f.column(data[f.name], texts) for f in self._by_facet[facet]}
        return FacetBatch(
            facet=facet,
            at=at,
            entities=envelope["entity"],
            versions=np.array(envelope["version"], np.int64),
            alive=alive,
            units=np.fromiter(map(texts.__getitem__, units), np.int32, count) if facet == 0 else None,
            columns=columns,
        )


def _transposed(structs: Sequence[Any]) -> dict[str, list[Any]]:
    """The fields of structs of one type, a list for each; nothing of no structs.

    Slicing one flat list is several times faster than asking each struct for each field.
    """
    if not structs:
        return {}
    names = structs[0].__struct_fields__
    flat = list(chain.from_iterable(map(msgspec.structs.astuple, structs)))
    return {name: flat[place :: len(names)] for place, name in enumerate(names)}
