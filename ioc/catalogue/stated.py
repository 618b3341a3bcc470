"""The page docs/results.md: what documents state, held against its own numerator and denominator, or against its parts."""

from collections.abc import Iterable
from decimal import Decimal

from ioc.catalogue.indicator import Indicator
from ioc.catalogue.province import Province, Stated

_COLUMNS = ("indicator", "as of", "level", "stated", "made of", "makes", "verdict", "from")


def quotient(result: Stated) -> Decimal | None:
    """Numerator over denominator in percent; None where one of them is not stated."""
    if result.numerator is None or not result.denominator:
        return None
    return 100 * Decimal(str(result.numerator)) / Decimal(str(result.denominator))


def total(result: Stated) -> Decimal | None:
    """The sum of the parts; None where none are stated."""
    return sum((Decimal(str(part.value)) for part in result.parts), Decimal()) if result.parts else None


def contradicts(result: Stated) -> bool:
    """Whether the value stated is not the sum of its parts, or not its own quotient rounded to the decimals it is stated with."""
    if result.parts:
        return total(result) != Decimal(str(result.value))
    made = quotient(result)
    if made is None or result.value is None:
        return False
    value = Decimal(str(result.value)).normalize()
    decimals = max(0, -int(value.as_tuple().exponent))
    return abs(made - value) > Decimal(5).scaleb(-decimals - 1)


def results_page(provinces: Iterable[Province], indicators: dict[str, Indicator]) -> str:
    """A table for each province."""
    lines: list[str] = []
    for province in provinces:
        lines += [
            "",
            f"## {province.name.vi} ({len(province.result)})",
            "",
            _row(_COLUMNS),
            _row("---" for _ in _COLUMNS),
        ]
        lines += [_row(_cells(result, indicators)) for result in province.result]
    return "\n".join(lines[1:])


def _cells(result: Stated, indicators: dict[str, Indicator]) -> tuple[str, ...]:
    made, whole = quotient(result), total(result)
    parts = " + ".join(f"{part.value:,}" for part in result.parts)
    parts += "" if result.numerator is None else f"{result.numerator:,}"
    parts += "" if result.denominator is None else f" / {result.denominator:,}"
    makes = "" if made is None else f"{made:.2f}%"
    verdict = ""
    if result.value is not None and (made is not None or whole is not None):
        verdict = "**contradictory**" if contradicts(result) else "agrees"
    return (
        f"{result.code} {indicators[result.code].name.vi}" if result.code else result.what,
        str(result.as_of),
        result.level,
        "" if result.value is None else f"{result.value:,}",
        parts,
        makes if whole is None else f"{whole:,}",
        verdict,
        f"{result.document}: {result.reference}",
    )


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
