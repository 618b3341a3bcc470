"""Random logs of any kind, derived from its contract: few entities, units and texts, so that everything that can meet does meet."""

from types import NoneType
from typing import Any, Literal, get_args, get_origin

import msgspec
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from ioc.catalogue.expr import Compare, In
from ioc.catalogue.load import load_catalogue
from ioc.catalogue.rollup import Rollup
from ioc.contracts.decoder import decoder
from ioc.contracts.kinds import KINDS, Facet
from tests.properties.dossier_logs import BASE, moments

ROLLUPS: dict[str, list[Rollup]] = {}
for _rollup in load_catalogue().compiled.rollups.values():
    ROLLUPS.setdefault(_rollup.kind, []).append(_rollup)


def logs(kind: str) -> st.SearchStrategy[list[Any]]:
    """Up to forty events of a kind, as the worker reads them."""
    asked = _texts_asked_for(kind)
    one = st.sampled_from(KINDS[kind].facets).flatmap(lambda facet: _events(kind, facet, asked))
    return st.lists(one, max_size=40).map(lambda listed: decoder(kind)(msgspec.json.encode(listed)))


def _events(kind: str, facet: Facet, asked: dict[str, list[str]]) -> st.SearchStrategy[dict[str, Any]]:
    data = st.fixed_dictionaries({name: _value(name, info, asked) for name, info in facet.data.model_fields.items()})
    in_order = data.map(lambda drawn: _ordered(drawn, facet.data.ORDERED))
    deleted = st.sampled_from([False, False, False, True])
    return st.tuples(deleted, in_order, st.integers(0, 4), st.integers(0, 12), st.sampled_from(["A", "B", ""])).map(
        lambda drawn: {
            "source": "test", "kind": kind, "entity": f"e{drawn[2]}", "facet": facet.name, "version": drawn[3],
            "deleted": drawn[0], "unit": drawn[4], "occurred_at": BASE, "observed_at": BASE,
            "data": None if drawn[0] else drawn[1],
        }
    )  # fmt: skip


def _ordered(drawn: dict[str, Any], pairs: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    for earlier, later in pairs:
        if drawn[earlier] is not None and drawn[later] is not None and drawn[later] < drawn[earlier]:
            drawn = drawn | {earlier: drawn[later], later: drawn[earlier]}
    return drawn


def _value(name: str, info: FieldInfo, asked: dict[str, list[str]]) -> st.SearchStrategy[Any]:
    members = [_plain(member) for member in (get_args(info.annotation) or (info.annotation,))]
    if get_origin(info.annotation) is Literal:
        return st.sampled_from(get_args(info.annotation))
    drawn: st.SearchStrategy[Any]
    enums = [member for member in members if get_origin(member) is Literal]
    if enums:
        drawn = st.sampled_from(get_args(enums[0]))
    elif bool in members:
        drawn = st.booleans()
    elif int in members:
        lows: list[int] = [part.ge for part in _parts(info) if hasattr(part, "ge")]
        highs: list[int] = [part.le for part in _parts(info) if hasattr(part, "le")]
        drawn = st.integers(max(*lows, -3), min(*highs, 6))
    elif str in members:
        drawn = st.sampled_from([*asked.get(name, []), "x", "ĐĐ"])
    else:
        drawn = moments
    return st.none() | drawn if NoneType in members else drawn


def _plain(annotation: Any) -> Any:
    while hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    return annotation


def _parts(info: FieldInfo) -> list[Any]:
    parts = list(info.metadata)
    for member in get_args(info.annotation):
        for part in getattr(member, "__metadata__", ()):
            parts += part.metadata if isinstance(part, FieldInfo) else [part]
    return parts


def _texts_asked_for(kind: str) -> dict[str, list[str]]:
    """The constants that the catalogue compares text fields with: so that its conditions are met now and then."""
    asked: dict[str, list[str]] = {}
    for rollup in ROLLUPS[kind]:
        for measure in rollup.measures:
            for condition in measure.where:
                constants = (
                    condition.values if isinstance(condition, In)
                    else (condition.value,) if isinstance(condition, Compare) else ()
                )  # fmt: skip
                asked.setdefault(getattr(condition, "field", ""), []).extend(c for c in constants if isinstance(c, str))
    return asked
