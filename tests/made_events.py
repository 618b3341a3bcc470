"""Made-up events of any kind, drawn from its contract and seeded: enough to fill every table and figure."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import msgspec

from ioc.catalogue.expr import Compare, In
from ioc.catalogue.fields import FieldSpec, fields_of
from ioc.catalogue.load import load_catalogue
from ioc.contracts.base import wire_time
from ioc.contracts.decoder import decoder
from ioc.contracts.event import version_of
from ioc.contracts.kinds import KINDS, Facet

DAYS = 320
"""So far back their moments lie."""


def made_events(
    kind: str, rnd: random.Random, entities: int, units: list[str], now: datetime, days: int = DAYS
) -> list[Any]:
    """Every facet of so many entities of the last `days`, as the worker reads them."""
    asked = words(kind)
    made: list[dict[str, Any]] = []
    for number in range(entities):
        begin = now - timedelta(days=rnd.random() ** 2 * days)
        for facet in KINDS[kind].facets:
            data = dict(_fields(kind, facet, rnd, asked, begin, now))
            made.append(
                {
                    "source": "made-up", "kind": kind, "entity": f"e{number}", "facet": facet.name, "deleted": False,
                    "version": version_of(number, data), "unit": rnd.choice(units), "occurred_at": wire_time(begin),
                    "observed_at": wire_time(now), "data": data,
                }
            )  # fmt: skip
    return decoder(kind)(msgspec.json.encode(made))


def _fields(
    kind: str, facet: Facet, rnd: random.Random, words: dict[str, list[str]], begin: datetime, now: datetime
) -> Iterator[tuple[str, Any]]:
    """Moments follow one another in the order of the contract, as they do in a life."""
    at = begin
    for name, spec in fields_of(kind).items():
        if spec.facet != facet.name:
            continue
        if spec.nullable and rnd.random() < 0.15:
            yield name, None
        elif spec.type == "time":
            at = min(now, at + timedelta(hours=rnd.random() * 30))
            yield name, wire_time(at)
        else:
            yield name, _value(spec, rnd, words)


def _value(spec: FieldSpec, rnd: random.Random, words: dict[str, list[str]]) -> Any:
    match spec.type:
        case "enum":
            return rnd.choice(spec.values)
        case "bool":
            return rnd.random() < 0.8
        case "int":
            return rnd.randint(1, 5)
        case _:
            return rnd.choice([*words.get(spec.name, []), "x"])


@cache
def words(kind: str) -> dict[str, list[str]]:
    """What the catalogue compares text fields with: so that its conditions are met."""
    asked: dict[str, list[str]] = {}
    for rollup in load_catalogue().compiled.rollups.values():
        for condition in (c for m in rollup.measures for c in m.where if rollup.kind == kind):
            match condition:
                case Compare(field, _, str(value)):
                    asked.setdefault(field, []).append(value)
                case In(field, values, _):
                    asked.setdefault(field, []).extend(v for v in values if isinstance(v, str))
                case _:
                    pass
    return asked
