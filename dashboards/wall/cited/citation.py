"""A citation worked out: the figure as it was known at the moment, and what is known of it today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from dashboards.wall.cited import asked
from dashboards.wall.cited.figure import (
    Facts,
    Figure,
    Part,
    composite_of,
    earned,
    figure_of,
    freshness_of,
    searched,
    status_of,
)
from dashboards.wall.question import Frame, Question, Reader
from ioc.errors import IocError


class CiteError(IocError):
    """There is no such figure, or nothing of it can be known of the moment: the words are for the viewer."""


@dataclass(frozen=True)
class Address:
    """What a link cites: an indicator in a unit, at a moment in seconds since the epoch."""

    code: str
    unit: str
    at: int


@dataclass(frozen=True)
class Then:
    """What was known at the moment. It does not change any more once all that was read by then is stored."""

    facts: Facts
    figure: Figure
    read_at: int
    """When a source of the figure was last read, up to the moment; of several the one that was read longest ago."""
    parts: tuple[tuple[Part, float | None], ...] = ()
    """Of a composite: each part with the value that it had."""


async def then(reader: Reader, address: Address) -> Then:
    """The figure as it was known.

    Raises:
        CiteError: indicator or unit are not known, do not belong together, or the moment lies before what was ever read.
        RetriableError, RefusedError: as the reader does.
    """
    facts = await facts_of(reader, address)
    if facts.mode == "composite":
        frame = await reader.ask(Question(asked.parts(address.code, facts.level)))
        parts = [Part(**one) for one in _rows(frame)]
        known = [await facts_of(reader, replace(address, code=part.code)) for part in parts]
        read_at = await _read_at(reader, [one.event for one in known], address)
        values = {one.code: (await _counted(reader, one, address)).value for one in known}
        listed = tuple((part, values[part.code]) for part in parts)
        return Then(facts, composite_of(parts, values), read_at, listed)
    read_at = await _read_at(reader, [facts.event], address)
    return Then(facts, await _counted(reader, facts, address), read_at)


async def since(reader: Reader, address: Address, known: Then) -> dict[str, Any]:
    """What is known today: the figure, the whole of the cited period when it is over, and the parts of a composite.

    Raises:
        RetriableError, RefusedError: as the reader does.
    """
    facts, period = known.facts, known.figure.period
    codes = [facts.code, *(part.code for part, _ in known.parts)]
    rows = {row["code"]: row for row in _rows(await reader.ask(Question(asked.today(codes, address.unit))))}
    found: dict[str, Any] = {"today": rows.get(facts.code), "whole": None, "parts": []}
    if known.parts:
        found["parts"] = [_part(part, value, rows.get(part.code)) for part, value in known.parts]
        return found
    # Of a period that is running, today's figure says more: the whole of it may hold days to come.
    if period is not None and not (found["today"] and found["today"]["period_start"] == period.first.isoformat()):
        found["whole"] = next(iter(_rows(await reader.ask(Question(asked.whole(facts, address.unit, period))))), None)
    return found


async def changes(reader: Reader, address: Address, known: Then) -> list[dict[str, Any]]:
    """What has changed since in what was counted, a row a reason: entities, and by how much numerator and denominator.

    Raises:
        RetriableError, RefusedError: as the reader does.
    """
    if known.parts:
        return []
    return _rows(await reader.ask(Question(asked.changes(known.facts, address.unit, address.at, known.figure.period))))


def judged(known: Then, at: int) -> tuple[str, str | None]:
    """Status, and freshness at the moment: of reports None, which are due by the calendar."""
    fresh = None if known.facts.mode == "report" else freshness_of(known.facts, at, known.read_at)
    return status_of(known.facts, known.figure), fresh


def _part(part: Part, value: float | None, now: Mapping[str, Any] | None) -> dict[str, Any]:
    value_now = now["value"] if now else None
    return {
        "code": part.code, "name": part.name, "points": part.points, "then": value, "now": value_now,
        "earned_then": earned(part, value), "earned_now": earned(part, value_now),
    }  # fmt: skip


async def facts_of(reader: Reader, address: Address) -> Facts:
    """What is known of an indicator and a unit.

    Raises:
        CiteError: one of them is not known, or the indicator is not computed for units of that level.
        RetriableError, RefusedError: as the reader does.
    """
    found = _rows(await reader.ask(Question(asked.facts(address.code, address.unit, address.at))))
    if not found:
        raise CiteError(f"Không có chỉ tiêu {address.code} hoặc đơn vị {address.unit}")
    facts = Facts(**{field.name: found[0][field.name] for field in fields(Facts)})
    if facts.level not in (*facts.levels, "unknown"):
        raise CiteError(f"{facts.code} không tính cho cấp của {facts.unit_name}")
    return facts


async def _read_at(reader: Reader, kinds: Sequence[str], address: Address) -> int:
    rows = _rows(await reader.ask(Question(asked.readings(sorted(set(kinds)), address.at))))
    read = {row["kind"]: row for row in rows}
    if not any(row["last"] for row in rows):
        raise CiteError(
            "Thời điểm được trích dẫn nằm trước lần đọc đầu tiên của nguồn: hệ thống chưa có số liệu khi đó"
        )
    return min(read[kind]["last"] if kind in read else 0 for kind in kinds)


async def _counted(reader: Reader, facts: Facts, address: Address) -> Figure:
    period = searched(facts, address.at)
    frame = await reader.ask(Question(asked.counted(facts, address.unit, address.at, period)))
    figure = figure_of(facts, frame.rows, period)
    if figure.due:
        rows = _rows(await reader.ask(Question(asked.expected(facts, address.unit, figure.due))))
        figure = replace(figure, expected=rows[0]["expected"])
    return figure


def _rows(frame: Frame) -> list[dict[str, Any]]:
    """The rows by the names of their columns; 64-bit integers come as texts."""
    whole = [one.removeprefix("Nullable(").startswith(("Int", "UInt")) for one in frame.types]
    return [
        {
            name: int(value) if is_whole and value is not None else value
            for name, value, is_whole in zip(frame.columns, row, whole, strict=True)
        }
        for row in frame.rows
    ]
