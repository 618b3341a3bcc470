"""Values of insurance files: moments, ages, money, and the number that stands for a patient."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from ingest.sources.values import compact_ms, invalid, text, utc
from ioc.errors import SkippableError

_MINUTE, _SECOND, _DAY = 12, 14, 8
_GRAIN_MS = {_DAY: 86_400_000, _MINUTE: 60_000, _SECOND: 1000}
_MONEY = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,2})0*)?")
_BIRTH = re.compile(r"([0-9]{4})(?:([0-9]{2})([0-9]{2})(?:[0-9]{4}(?:[0-9]{2})?)?)?")
_CARD = re.compile(r"[A-Z]{2}[0-9]{13}")
_INSURANCE_NUMBER_DIGITS = 10
_NAMED = re.compile(r"(?<![0-9])(20[0-9]{12})(?![0-9])")


def minute(fields: Mapping[str, Any], field: str) -> datetime | None:
    """`yyyyMMddHHmm` in Asia/Ho_Chi_Minh, in UTC; seconds behind it are read too. None for empty.

    Raises:
        SkippableError: it is no such moment.
    """
    value = text(fields, field)
    try:
        return utc(compact_ms(field, value + "00" if len(value) == _MINUTE else value))
    except SkippableError:
        raise invalid(field.upper(), value, "a moment yyyyMMddHHmm") from None


def moment_ms(fields: Mapping[str, Any], field: str) -> int | None:
    """What is known of the file itself: milliseconds since the epoch, None when it is not known.

    Raises:
        SkippableError: it is no such number.
    """
    value = fields.get(field)
    if value is None or type(value) is int:
        return value
    raise invalid(field, value, "milliseconds since the epoch")


class Compiled(NamedTuple):
    """NGAYLAP: the moment, milliseconds since the epoch, and how long it lasts: a second, a minute or a day."""

    at_ms: int
    grain_ms: int

    def updated_ms(self, named_ms: int | None, arrived_ms: int) -> int:
        """The update time of what a file says: a file that was compiled later counts, whichever came first.

        A mere day leaves open which of that day's files that is. The moment in the file's name tells; without one the file that came
        later counts: what lies between NGAYLAP and arrival is pressed into the day.

        Args:
            named_ms: the moment that the file's name holds; None without one.
            arrived_ms: when it came.
        """
        if self.grain_ms < _GRAIN_MS[_DAY]:
            return self.at_ms
        if named_ms is not None and 0 <= named_ms - self.at_ms < self.grain_ms:
            return named_ms
        late_ms = max(0, arrived_ms - self.at_ms)
        return self.at_ms + self.grain_ms * late_ms // (late_ms + self.grain_ms)


def named_ms(name: str) -> int | None:
    """The moment `yyyyMMddHHmmss` in a file's name, milliseconds since the epoch; None when it holds none."""
    match = _NAMED.search(name)
    try:
        return compact_ms("name", match[1]) if match else None
    except SkippableError:
        return None


def compiled(field: str, value: str) -> Compiled:
    """NGAYLAP: `yyyyMMdd`, `yyyyMMddHHmm` or `yyyyMMddHHmmss` in Asia/Ho_Chi_Minh.

    Raises:
        SkippableError: it is missing, or no such moment.
    """
    if not value:
        raise SkippableError("missing_field", f"{field}: missing or empty")
    grain_ms = _GRAIN_MS.get(len(value))
    if grain_ms is not None:
        try:
            at_ms = compact_ms(field, value.ljust(_SECOND, "0"))
        except SkippableError:
            at_ms = None
        if at_ms is not None:
            return Compiled(at_ms, grain_ms)
    raise invalid(field, value, "a day yyyyMMdd or a moment yyyyMMddHHmm")


def age_years(field: str, born: str, at: date) -> int | None:
    """Full years of age on a day; where only the year (or month) of birth is known (`yyyy00000000`), the difference in years (and months).

    None for empty.

    Raises:
        SkippableError: it is no date of birth, or one after `at`.
    """
    if not born:
        return None
    match = _BIRTH.fullmatch(born)
    if match is None:
        raise invalid(field, born, "a date of birth yyyyMMddHHmm")
    year, month, day = (int(part or 0) for part in match.groups())
    if month > 12 or (day and not _is_day(year, month, day)):
        raise invalid(field, born, "a date of birth yyyyMMddHHmm")
    age = at.year - year - ((at.month, at.day) < (month or 1, day or 1))
    if not day:
        age = at.year - year - (at.month < month)
    if age < 0:
        raise SkippableError("contradiction", f"{field}: born after the admission")
    return age


def vnd(fields: Mapping[str, Any], field: str) -> int | None:
    """An amount in đồng. Amounts may have two decimals; they are rounded half up to whole đồng. None for empty.

    Raises:
        SkippableError: it is no such amount: negative, with a comma, or finer than a hundredth of a đồng.
    """
    value = text(fields, field)
    if not value:
        return None
    match = _MONEY.fullmatch(value)
    if match is None:
        raise invalid(field.upper(), value, "an amount in đồng, with two decimals at most")
    whole, fraction = match.groups()
    return int(whole) + (fraction is not None and fraction >= "5")


def patient(facility: str, fields: Mapping[str, Any]) -> str:
    """The number that a person's keyed hash is made of; empty when the file gives none.

    It is the insurance number (the last ten digits of a card, which stay when category and place of the card change; of several cards
    the last), else the number of the citizen, else the facility's own number of the patient.
    """
    cards = [card.strip().upper() for card in text(fields, "ma_the_bhyt").split(";")]
    card = next((card for card in reversed(cards) if card), "")
    if _CARD.fullmatch(card):
        return card[-_INSURANCE_NUMBER_DIGITS:]
    if card:
        return card
    citizen = text(fields, "so_cccd")
    if citizen:
        return citizen
    own = text(fields, "ma_bn")
    return f"{facility}/{own}" if own else ""


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
