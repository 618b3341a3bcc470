"""The fields that indicators may filter and count by, derived from the contracts of the kinds."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from ioc.contracts.kinds import KINDS

FieldType = Literal["time", "int", "bool", "enum", "text"]


@dataclass(frozen=True)
class FieldSpec:
    """One field of a kind.

    Attributes:
        name: name in the contract, the column's name too.
        facet: facet of the kind that carries it.
        type: what may be done with it: a `time` is counted by and compared, an `int` summed and compared,
            an `enum`, `text` or `bool` compared with constants.
        nullable: whether null is a value the contract allows; every field is null while its facet is unknown.
        values: the closed list of an `enum`, else empty.
        description: what it means, from the contract.
    """

    name: str
    facet: str
    type: FieldType
    nullable: bool
    values: tuple[str, ...]
    description: str


@cache
def fields_of(kind: str) -> dict[str, FieldSpec]:
    """The fields of all facets of a kind, by name.

    Raises:
        KeyError: there is no such kind.
    """
    specs: dict[str, FieldSpec] = {}
    for facet in KINDS[kind].facets:
        for name, info in facet.data.model_fields.items():
            if name in specs:
                raise TypeError(f"{kind}: facets {specs[name].facet} and {facet.name} share the field {name}")
            plain, nullable = _plain(info.annotation)
            values = tuple(get_args(plain)) if get_origin(plain) is Literal else ()
            specs[name] = FieldSpec(name, facet.name, _type(plain), nullable, values, info.description or "")
    return specs


def _plain(annotation: Any) -> tuple[Any, bool]:
    nullable = False
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, UnionType):
            (annotation,) = (arg for arg in get_args(annotation) if arg is not NoneType)
            nullable = True
        else:
            return annotation, nullable


def _type(plain: Any) -> FieldType:
    if get_origin(plain) is Literal:
        return "enum"
    names: dict[Any, FieldType] = {datetime: "time", int: "int", bool: "bool", str: "text"}
    return names[plain]
