"""What the fields of a contract take, in the words of a connector's author."""

import types
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo

from ingest.source import Target
from ioc.contracts.base import PERSONAL
from ioc.contracts.kinds import KINDS, Facet
from ioc.errors import ConfigError

Shape = Literal["text", "number", "yes", "moment", "code"]


class Field(NamedTuple):
    """A field of a contract.

    Attributes:
        name: in the contract.
        shape: what its value is.
        optional: whether it may be null.
        codes: what a code can be.
        personal: a person's number, which the runner hashes; may be empty.
        lowest: least number.
        highest: greatest number.
        description: what it says.
    """

    name: str
    shape: Shape
    optional: bool
    codes: tuple[str, ...]
    personal: bool
    lowest: int
    highest: int
    description: str

    @property
    def takes(self) -> str:
        """What a source has to give, in words."""
        plain = {"text": "text", "number": f"whole number {self.lowest}…{self.highest}", "yes": "true or false"}
        plain |= {"moment": "moment", "code": ", ".join(self.codes)}
        return plain[self.shape] + (", or null" if self.optional else "")


def facet_of(target: Target) -> Facet:
    """The facet that a target names.

    Raises:
        ConfigError: there is none.
    """
    kind = KINDS.get(target.kind)
    if kind is None:
        raise ConfigError(f"there is no kind {target.kind!r}; there are {', '.join(KINDS)}")
    found = next((facet for facet in kind.facets if facet.name == target.facet), None)
    if found is None:
        known = ", ".join(facet.name for facet in kind.facets)
        raise ConfigError(f"kind {target.kind} has no facet {target.facet!r}; it has {known}")
    return found


def fields_of(target: Target) -> list[Field]:
    """The fields of a target's contract, in its order.

    Raises:
        ConfigError: there is no such kind or facet.
    """
    return [_field(name, info) for name, info in facet_of(target).data.model_fields.items()]


def _field(name: str, info: FieldInfo) -> Field:
    plain, optional, metadata = _plain(info.annotation, list(info.metadata))
    shapes: dict[Any, Shape] = {str: "text", int: "number", bool: "yes", datetime: "moment"}
    codes = tuple(map(str, get_args(plain))) if get_origin(plain) is Literal else ()
    lows = [int(str(item.ge)) for item in metadata if isinstance(item, annotated_types.Ge)]
    highs = [int(str(item.le)) for item in metadata if isinstance(item, annotated_types.Le)]
    return Field(
        name,
        "code" if codes else shapes[plain],
        optional,
        codes,
        PERSONAL in metadata,
        max(lows, default=0),
        min(highs, default=2**31 - 1),
        info.description or "",
    )


def _plain(annotation: Any, metadata: list[Any]) -> tuple[Any, bool, list[Any]]:
    """The plain type inside unions and Annotated, whether null may stand there, and all that limits it."""
    optional = False
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation, *more = get_args(annotation)
            metadata += [part for item in more for part in (item.metadata if isinstance(item, FieldInfo) else [item])]
        elif origin in (Union, types.UnionType):
            (annotation,) = (arg for arg in get_args(annotation) if arg is not types.NoneType)
            optional = True
        else:
            return annotation, optional, metadata
