"""Faults of records, for any format. No true record is lost by them: bad ones come beside the true ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ingest.simulator.faults import COMMON_RECORDS, Faults

R = TypeVar("R")

HUGE_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True)
class RecordFormat(Generic[R]):
    """What the faults must know of a format.

    Attributes:
        without_identity: a copy that lacks what a record must have.
        with_unknown: a copy with one more field, which nobody has heard of.
        with_note: a copy with a long text in a field that may hold one.
    """

    without_identity: Callable[[R], R]
    with_unknown: Callable[[R], R]
    with_note: Callable[[R, str], R]


def keyed(identity: Sequence[str], note: str) -> RecordFormat[dict[str, Any]]:
    """The format of records that are objects of keys and values.

    Args:
        identity: keys that a record must have.
        note: the key that a huge record fills.
    """
    return RecordFormat(
        without_identity=lambda record: {key: value for key, value in record.items() if key not in identity},
        with_unknown=lambda record: {**record, "TruongMoi": {"MoTa": "chưa từng có"}},
        with_note=lambda record, text: {**record, note: text},
    )


def spoil_records(records: Sequence[R], form: RecordFormat[R], faults: Faults) -> list[R]:
    """The records that are sent instead of these: each fault of `COMMON_RECORDS` that fires is applied."""
    spoiled = list(records)
    if not spoiled or not faults.settings:
        return spoiled
    for name in COMMON_RECORDS:
        if faults.draw(name):
            spoiled = spoil_by(name, spoiled, form, faults)
    return spoiled


def spoil_by(name: str, records: list[R], form: RecordFormat[R], faults: Faults) -> list[R]:
    """The records under one fault of `COMMON_RECORDS` that has fired; there is at least one record."""
    match name:
        case "missing_required":
            return [*records, form.without_identity(records[0])]
        case "huge_record":
            return [*records, form.with_note(records[0], "x" * HUGE_BYTES)]
        case "duplicate":
            return [*records, *faults.random.sample(records, (len(records) + 2) // 3)]
        case "unknown_field":
            return [form.with_unknown(record) for record in records]
        case "out_of_order":
            return faults.random.sample(records, len(records))
    raise ValueError(f"{name}: no fault of records in general")
