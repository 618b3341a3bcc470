"""A brief as one self-contained HTML page in Vietnamese. Pure: the same brief gives the same text."""

import re
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from dashboards.brief import words
from dashboards.brief.model import Brief
from dashboards.vocabulary import reason_mapping

HERE = Path(__file__).parent
_PLACE = 36
"""Letters that the place in a document may take; a longer one is no place but a sentence."""

_WEIGHT = {"off_target": 0.5}
"""Rows that are off target are what leaders read first: two of them weigh as much as one of another table."""


@dataclass(frozen=True)
class Limits:
    """How many rows each table shows; what is left out is counted below it."""

    off_target: int = 14
    overdue: int = 8
    silent: int = 8
    changes: int = 8
    findings: int = 4

    def fewer(self) -> "Limits | None":
        """One row less of the table that has the most; None when there is nothing left to leave out."""
        sizes = {name: rows for name, rows in asdict(self).items() if rows > 1}
        if not sizes:
            return None
        longest = max(reversed(sizes), key=lambda name: sizes[name] * _WEIGHT.get(name, 1.0))
        return replace(self, **{longest: sizes[longest] - 1})

    def fitted(self, brief: Brief) -> "Limits":
        """No more rows than the brief has, so that `fewer` takes away what is there."""
        return Limits(
            off_target=min(self.off_target, len(brief.off_target)),
            overdue=min(self.overdue, len(brief.overdue)),
            silent=min(self.silent, len(brief.silent)),
            changes=min(self.changes, len(brief.changes)),
            findings=min(self.findings, len(brief.findings)),
        )


def render(brief: Brief, limits: Limits, fonts: str = "") -> str:
    """The page.

    Args:
        brief: what it says.
        limits: how many rows.
        fonts: CSS that brings fonts; empty: those of the reader's machine.
    """
    figures = brief.figures.values()
    counts = {status: sum(one.status == status for one in figures) for status in words.STATUS}
    ages = {word: sum(one.freshness == word for one in figures) for word in words.FRESHNESS}
    return _template().render(
        brief=brief,
        limits=limits,
        fonts=Markup(fonts),  # noqa: S704 (our own CSS)
        style=Markup((HERE / "brief.css").read_text(encoding="utf-8")),  # noqa: S704
        counts=counts,
        ages=ages,
        rounded=None if brief.compared_with is None else words.moment(brief.compared_with),
    )


def subject(brief: Brief) -> str:
    """The line that a mail bears."""
    return (
        f"Bản tin điều hành {words.day(brief.day)} – {brief.province}: {len(brief.off_target)} chỉ tiêu chưa đạt, "
        + (f"{len(brief.silent)} đơn vị chậm báo cáo" if brief.reports_read else "không đọc được nguồn báo cáo")
    )


def summary(brief: Brief, limit: int = 5) -> str:
    """The first lines in plain text, for a mail."""
    lines = [subject(brief), f"Số liệu lúc {words.moment(brief.refreshed_at)}.", ""]
    for code in brief.off_target[:limit]:
        one = brief.figures[code]
        lines.append(
            f"- {one.name}: {words.quantity(one.value, one.unit_of_measure)} (mục tiêu "
            f"{words.quantity(one.target, one.unit_of_measure)}), {one.responsible}, số liệu cách đây {age(one.age_s)}"
        )
    if len(brief.off_target) > limit:
        lines.append(f"và {len(brief.off_target) - limit} chỉ tiêu khác.")
    return "\n".join([*lines, "", "Bản đầy đủ: tệp PDF kèm theo."])


def age(seconds: int | None) -> str:
    """An age, or that it is not known."""
    return "không rõ" if seconds is None else words.age(seconds)


def _reason(code: str) -> str:
    return _reasons().get(code, code)


@cache
def _reasons() -> dict[str, str]:
    return {code: result.text or code for code, result in reason_mapping().options.items()}


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "figure": lambda code, brief: brief.figures[code],
        "quantity": words.quantity,
        "difference": words.difference,
        "number": lambda value, decimals=0: words.number(value, decimals),
        "day": words.day,
        "weekday": words.weekday,
        "moment": words.moment,
        "place": _place,
        "age": age,
        "freshness": words.FRESHNESS.__getitem__,
        "status": words.STATUS.__getitem__,
        "reason": _reason,
    }
    environment.globals["period"] = words.period
    return environment.get_template("brief.html.j2")


def _place(reference: str) -> str:
    """Where in the document, without what follows: `Phụ lục I, mục I.1`; the rest stands in the page's tooltip."""
    place = re.split(r"[:;(]|, theo ", reference, maxsplit=1)[0].strip()
    return place if len(place) <= _PLACE else ""
