"""A citation in Vietnamese, as the page shows it: the words are those of the dashboards."""

from datetime import date
from typing import Any

from grafana_foundation_sdk.models.dashboard import ValueMap

from dashboards.vocabulary import (
    DECIMALS,
    GRAFANA_UNIT,
    change_mapping,
    freshness_mapping,
    provisional_mapping,
    status_mapping,
)
from dashboards.wall.cited.citation import Address, Then, judged
from dashboards.wall.cited.figure import SCALE
from ioc.catalogue.rollup import REPORT_SCALE


def page_of(address: Address, known: Then, since: dict[str, Any]) -> dict[str, Any]:
    """What the browser gets; numbers as numbers, with the field by which they are written."""
    facts, figure = known.facts, known.figure
    status, fresh = judged(known, address.at)
    period = figure.period
    then = {
        "value": figure.value, "numerator": figure.numerator, "denominator": figure.denominator,
        "target": facts.target, "target_document": facts.target_document,
        "status": status, "status_word": _word(status_mapping(), status),
        "freshness": fresh, "freshness_word": _word(freshness_mapping(), fresh),
        "read_at": known.read_at or None,
        "provisional": _word(provisional_mapping(), str(figure.provisional).lower()),
        "period": period_words(period.grain, period.first) if period else "Hiện trạng tại thời điểm",
        "reported": figure.reported, "expected": figure.expected,
    }  # fmt: skip
    unit = facts.unit_of_measure
    return {
        "code": facts.code, "name": facts.name, "unit": address.unit, "unit_name": facts.unit_name, "at": address.at,
        "responsible": facts.responsible, "composite": facts.mode == "composite",
        "scale": {"composite": SCALE, "report": REPORT_SCALE}.get(facts.mode, 1),
        "field": {"unit": GRAFANA_UNIT[unit], "decimals": DECIMALS[unit]},  # type: ignore[index]
        "then": then, "today": _today(since["today"]), "whole": _whole(since["whole"]), "parts": since["parts"],
    }  # fmt: skip


def reasons_of(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Changes with their reasons in words."""
    return [one | {"reason": _word(change_mapping(), one["reason"])} for one in changes]


def period_words(grain: str, first: date) -> str:
    """A period by its name."""
    match grain:
        case "day":
            return f"Ngày {first:%d/%m/%Y}"
        case "week":
            return f"Tuần từ {first:%d/%m/%Y}"
        case "month":
            return f"Tháng {first:%m/%Y}"
        case "quarter":
            return f"Quý {(first.month + 2) // 3}/{first.year}"
        case "year":
            return f"Năm {first.year}"
        case "to_date":
            return "Lũy kế"
    return "Hiện nay"


def _today(row: dict[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return row | {
        "status_word": _word(status_mapping(), row["status"]),
        "freshness_word": _word(freshness_mapping(), row["freshness"]),
        "provisional": _word(provisional_mapping(), str(bool(row["provisional"])).lower()),
        "period": period_words(row["period_grain"], date.fromisoformat(row["period_start"])),
    }


def _whole(row: dict[str, Any] | None) -> dict[str, Any] | None:
    return row and row | {"provisional": _word(provisional_mapping(), str(bool(row["provisional"])).lower())}


def _word(mapping: ValueMap, key: str | None) -> str | None:
    found = mapping.options.get(key) if key is not None else None
    return found.text if found else key
