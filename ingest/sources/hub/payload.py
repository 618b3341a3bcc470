"""The JSON of pushes: a body into records, each with its own bytes, and the values that are in them.

Decimals are read as decimals, never as binary fractions: 37.4 is 37,400 thousandths, whatever a double makes of it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

import msgspec

from ingest.source import Record
from ingest.sources.values import compact_ms, invalid, iso_ms, required, text
from ioc.contracts.base import TIME_MAX
from ioc.contracts.event import unix_ms
from ioc.errors import SkippableError

_MAX_MS = unix_ms(TIME_MAX)
_MAX_NUMBER_CHARS = 40
_COMPACT_DIGITS = (14, 17)
_BOM = b"\xef\xbb\xbf"

_raws = msgspec.json.Decoder(list[msgspec.Raw])
_raw = msgspec.json.Decoder(msgspec.Raw)
_exact = msgspec.json.Decoder(float_hook=Decimal)

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, InvalidOperation)


class NotJsonError(Exception):
    """The body as a whole is not what its content type says."""


def records_of(body: bytes) -> list[Record]:
    """The records of a body that is one JSON object or an array of them. A bad member of an array costs only itself.

    Raises:
        NotJsonError: it is neither.
    """
    body = body.removeprefix(_BOM).strip()
    try:
        if body.startswith(b"["):
            return [record_of(bytes(raw)) for raw in _raws.decode(body)]
        if not body.startswith(b"{"):
            raise NotJsonError("the body is neither a JSON object nor an array")
        _raw.decode(body)
    except _UNREADABLE as error:
        raise NotJsonError("the body is not JSON") from error
    return [record_of(body)]


def records_of_lines(body: bytes) -> list[Record]:
    """The records of a body of JSON objects, one a line; a bad line costs only itself."""
    return [record_of(line) for line in body.removeprefix(_BOM).splitlines() if line.strip()]


def record_of(raw: bytes) -> Record:
    """One JSON object with its keys in lower case; with a fault when it is none."""
    try:
        value = _exact.decode(raw)
    except _UNREADABLE:
        return Record(raw, {}, SkippableError("undecodable", "the record is not JSON in UTF-8"))
    if not isinstance(value, dict):
        return Record(raw, {}, SkippableError("undecodable", f"a record is a JSON object, not {type(value).__name__}"))
    fields = {key.lower(): member for key, member in value.items()}
    if len(fields) != len(value):
        return Record(raw, {}, SkippableError("contradiction", "a key occurs twice, in different case"))
    return Record(raw, fields)


def moment_ms(fields: Mapping[str, Any], field: str) -> int | None:
    """A moment as milliseconds since the epoch: ISO 8601 (without offset it is local) or `yyyyMMddHHmmss`; None for empty.

    Raises:
        SkippableError: it is none, or outside the years that the contracts hold.
    """
    value = text(fields, field)
    compact = len(value) in _COMPACT_DIGITS and value.isascii() and value.isdigit()
    try:
        at_ms = compact_ms(field, value) if compact else iso_ms(field, value)
    except OverflowError:
        at_ms = -1
    if at_ms is not None and not 0 <= at_ms <= _MAX_MS:
        raise SkippableError("invalid_value", f"{field}: before 1970 or after {TIME_MAX.year}")
    return at_ms


def required_ms(fields: Mapping[str, Any], field: str) -> int:
    """A moment that must be there.

    Raises:
        SkippableError: it is missing, or none.
    """
    required(fields, field)
    at_ms = moment_ms(fields, field)
    assert at_ms is not None
    return at_ms


def scaled(fields: Mapping[str, Any], field: str, digits: int) -> int | None:
    """A decimal number as an integer of its `digits`-th decimal place, what is finer rounded half to even; None for null.

    Raises:
        SkippableError: it is no finite number.
    """
    value = fields.get(field)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise invalid(field, value, "a number")
    try:
        number = Decimal(value if not isinstance(value, str) else _plain(value))
        if not number.is_finite() or number.adjusted() > _MAX_NUMBER_CHARS:
            raise InvalidOperation
        return int(number.scaleb(digits).to_integral_value(ROUND_HALF_EVEN))
    except (InvalidOperation, ValueError, OverflowError):
        raise invalid(field, str(value), "a number") from None


def required_scaled(fields: Mapping[str, Any], field: str, digits: int) -> int:
    """A decimal number that must be there; see `scaled`.

    Raises:
        SkippableError: it is missing, or none.
    """
    found = scaled(fields, field, digits)
    if found is None:
        raise SkippableError("missing_field", f"{field}: missing or empty")
    return found


def flag(fields: Mapping[str, Any], field: str, *, default: bool | None = None) -> bool:
    """True or false; `default` where the key is missing or null.

    Raises:
        SkippableError: it is neither, or missing without default.
    """
    value = fields.get(field)
    if value is None:
        value = default
    if value is None:
        raise SkippableError("missing_field", f"{field}: missing or empty")
    if not isinstance(value, bool):
        raise invalid(field, value, "true or false")
    return value


def second_of(at_ms: int) -> str:
    """A moment, cut to whole seconds, as it stands in identifiers: `2026-11-23T03:05:00Z`."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).isoformat().replace("+00:00", "Z")


def _plain(value: str) -> str:
    """A number in ASCII digits, with a point: `Decimal` itself would also take other scripts, underscores and NaN."""
    value = value.strip()
    if len(value) > _MAX_NUMBER_CHARS or not value.isascii() or set(value) - set("+-.0123456789eE"):
        raise ValueError(value)
    return value
