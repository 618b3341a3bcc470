"""Numbers of tables as exact thousandths.

Texts are in the Vietnamese format: `.` between thousands, `,` before decimals (`1.234,5`), a `%` behind or not. A dot that groups no
thousands (`98.67`) is refused and not guessed: the next row could say `98.125`, which would be read a thousand times too large.
Numbers that a format has as numbers (JSON, XLSX) are taken as they are. What is finer than a thousandth is rounded half up.
"""

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from ingest.sources.values import invalid
from ioc.errors import SkippableError

SCALE = 3
"""Decimals that a contract holds."""

_VIETNAMESE = re.compile(
    r"([+-]?)(\d{1,3}(?:\.\d{3})+|\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+)(?:,(\d+))?(?:[ \u00a0]?%)?"
)
_MAX_CHARS = 40
_MAX_EXPONENT = 15
_EXACT = Context(prec=120, rounding=ROUND_HALF_UP)
"""More digits than any two numbers that are accepted have together."""


class Figure(NamedTuple):
    """A number, exactly as it was written, and how many decimals it was written with."""

    exact: Decimal
    decimals: int

    @property
    def milli(self) -> int:
        """In thousandths, rounded half up where it is finer."""
        return int(_EXACT.to_integral_value(_EXACT.scaleb(self.exact, SCALE)))


def figure(field: str, value: Any) -> Figure | None:
    """A cell's number; None for an empty one.

    Raises:
        SkippableError: it is no number, or beyond measure.
    """
    if value is None or value == "":
        return None
    if type(value) is int:
        if abs(value) >= 10**_MAX_EXPONENT:
            raise invalid(field, value, "a number below 10^15")
        return Figure(Decimal(value), 0)
    if isinstance(value, str):
        return _from_text(field, value)
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal) and value.is_finite() and value.adjusted() < _MAX_EXPONENT:
        exponent = value.as_tuple().exponent
        assert isinstance(exponent, int)
        return Figure(value, max(0, -exponent) if value != value.to_integral_value() else 0)
    raise invalid(field, value, "a number")


def percentage_contradicts(stated: Figure, numerator: Figure, denominator: Figure) -> bool:
    """Whether a percentage is not its own numerator over denominator, beyond rounding to the decimals it was written with."""
    return not _rounds_to(stated, _EXACT.multiply(numerator.exact, Decimal(100)), denominator.exact)


def ratio_contradicts(stated: Figure, numerator: Figure, denominator: Figure) -> bool:
    """As `percentage_contradicts`, for a value that may be the ratio itself or its percentage."""
    return percentage_contradicts(stated, numerator, denominator) and not _rounds_to(
        stated, numerator.exact, denominator.exact
    )


def _rounds_to(stated: Figure, dividend: Decimal, divisor: Decimal) -> bool:
    # |stated - dividend / divisor| <= half of the last decimal, without dividing.
    if divisor == 0:
        return dividend == 0 and stated.exact == 0
    half = Decimal(5).scaleb(-min(stated.decimals, SCALE) - 1)
    off = _EXACT.subtract(_EXACT.multiply(stated.exact, divisor), dividend)
    return off.copy_abs() <= _EXACT.multiply(half, divisor.copy_abs())


def _from_text(field: str, value: str) -> Figure | None:
    found = _parsed(value) if len(value) <= _MAX_CHARS else None
    if found is None or found.exact.adjusted() >= _MAX_EXPONENT:
        if not value.strip():
            return None
        raise _refused(field, value)
    return found


@lru_cache(maxsize=4096)
def _parsed(value: str) -> Figure | None:
    match = _VIETNAMESE.fullmatch(value.strip())
    if match is None or not value.strip().replace("\u00a0", "").replace("\u202f", "").isascii():
        return None
    sign, whole, fraction = match.groups()
    digits = re.sub(r"\D", "", whole)
    return Figure(Decimal(f"{sign}{digits}.{fraction or 0}"), len(fraction or ""))


def _refused(field: str, value: str) -> SkippableError:
    return invalid(field, value, "a number in the Vietnamese format (1.234,5)")
