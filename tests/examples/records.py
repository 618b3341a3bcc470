"""Records of an example as events: what a record does not say is null where the contract allows it, else a plain default."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from ioc.catalogue.fields import FieldSpec, fields_of
from ioc.catalogue.series import Series
from ioc.clock import LOCAL
from ioc.contracts.base import wire_time
from ioc.contracts.decoder import decoder
from ioc.contracts.event import version_of
from ioc.contracts.kinds import KINDS

Record = dict[str, Any]
"""Fields of the kind, of all its facets; beside them `unit`, `entity` and `deleted`."""

UNIT = "U1"
"""The unit of a record that names none."""

_ENVELOPE = {"unit", "entity", "deleted"}
_BEGIN = "2025-01-01"
_PLAIN: dict[str, Any] = {"time": _BEGIN, "int": 0, "bool": False, "text": "x"}
_MADE_AT = datetime(2025, 1, 1, tzinfo=UTC)


def events_of(kind: str, records: Sequence[Record]) -> list[Any]:
    """The events that say what the records say, as the worker reads them.

    A record without `entity` is an entity of its own; several of one entity are its versions in their order. The main facet is
    always there, another one where the record has a field of it. Moments are local: "2025-03-01" (midnight) or
    "2025-03-01 07:30".

    Raises:
        ValueError: a record has a field that the kind does not have.
    """
    made = [event for number, record in enumerate(records) for event in _events(kind, number, record)]
    return decoder(kind)(msgspec.json.encode(made))


def reports_of(series: Series, records: Sequence[Record]) -> list[Record]:
    """Reported figures as records of the kind `statistic`.

    Each says `period_start`, and `value` or `numerator` and `denominator` in the unit of the series (from which a missing
    `value` follows, as a percentage); the rest as for `events_of`.
    """
    return [_report(series, record) for record in records]


def _report(series: Series, record: Record) -> Record:
    said = {"series": series.code, "period_grain": series.grain, **record}
    above, below = said.pop("numerator", None), said.pop("denominator", None)
    value = said.pop("value", None)
    if value is None:
        value = 100 * above / below
    scaled = {"value_milli": value, "numerator_milli": above, "denominator_milli": below}
    return said | {name: None if number is None else round(number * 1000) for name, number in scaled.items()}


def _events(kind: str, number: int, record: Record) -> Iterator[dict[str, Any]]:
    specs = fields_of(kind)
    if strange := sorted(set(record) - set(specs) - _ENVELOPE):
        raise ValueError(f"record {number}: {', '.join(strange)} is no field of {kind}: {', '.join(specs)}")
    entity = record.get("entity", f"e{number}")
    for facet in KINDS[kind].facets:
        mine = {name: spec for name, spec in specs.items() if spec.facet == facet.name}
        if facet is not KINDS[kind].main and not set(mine) & set(record):
            continue
        data = {name: _wire(spec, record[name] if name in record else _default(spec)) for name, spec in mine.items()}
        yield {
            "source": "example", "kind": kind, "entity": entity, "facet": facet.name,
            "version": version_of(number, data), "deleted": record.get("deleted", False), "unit": record.get("unit", UNIT),
            "occurred_at": wire_time(_MADE_AT), "observed_at": wire_time(_MADE_AT), "data": data,
        }  # fmt: skip


def _default(spec: FieldSpec) -> Any:
    if spec.nullable:
        return None
    return spec.values[0] if spec.type == "enum" else _PLAIN[spec.type]


def _wire(spec: FieldSpec, value: Any) -> Any:
    if spec.type != "time" or value is None:
        return value
    return wire_time(datetime.fromisoformat(value).replace(tzinfo=LOCAL))
