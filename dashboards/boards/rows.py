"""Rows of indicators in the tables of the boards: their columns in SQL, which row is the worst, and what the columns are called."""

from grafana_foundation_sdk.models.dashboard import ValueMap

from dashboards import links
from dashboards.boards.tiles import behind, column
from dashboards.fields import Override, judged_columns
from dashboards.nature import NATURE
from dashboards.vocabulary import freshness_mapping, provisional_mapping, status_mapping, unit_mapping

AGED = "as_of, toString(freshness) AS freshness, freshness_minutes"
"""How old a figure is, from `indicator_now`."""

INDICATOR = f"code, {NATURE} AS nature, unit, name_vi AS name, value, unit_of_measure, target, toString(status) AS status, provisional"
"""Columns of `indicator_now` that a row of an indicator has."""

OWNED = "responsible, if(target_document = '', document, concat(target_document, ', ', target_reference)) AS document"
"""Who answers for a figure, and the document behind its target; of one without a target the document that it comes from."""

WORST = (
    "indexOf(['bad', 'warning', 'none', 'good'], toString(status)),\n"
    "  if(isNull(target), 0, abs(ifNull(value, 0) - target) / greatest(abs(target), 1)) DESC, code"
)
"""Missed first, and of these the furthest from its target."""

STALE = "freshness IN ('late', 'stale', 'no_data')"
"""Whether a figure is older than it may be, or is not there."""


def indicator_columns(unit: str = links.cell("unit")) -> list[Override]:
    """Overrides of `INDICATOR`, `AGED` and `OWNED`; the name leads to the indicator in `unit`."""
    return [
        column("name", "Chỉ tiêu", link=("Chi tiết chỉ tiêu", links.indicator_of_row(unit=unit))),
        column("value", "Giá trị"),
        column("unit_of_measure", "Đơn vị tính", words=unit_mapping()),
        column("provisional", "Số liệu", words=provisional_mapping()),
        column("responsible", "Đơn vị chịu trách nhiệm"),
        column("document", "Căn cứ"),
        *behind("code", "nature", "unit"),
        *judged_columns(None),
    ]


def tally(column: str, words: ValueMap, where: str) -> str:
    """A row for each word of an enumeration: how many rows of `indicator_now` have it in `column`; `where` is a condition in SQL."""
    options = list(words.options.items())
    names = ", ".join(f"'{result.text}'" for _, result in options)
    found = ", ".join(f"countIf(toString({column}) = '{key}')" for key, _ in options)
    return (
        "SELECT name, value, as_of, toUInt32(5) AS freshness_minutes\n"
        "FROM (\n"
        f"  SELECT [{names}] AS name, [{found}] AS value, max(refreshed_at) AS as_of\n"
        f"  FROM indicator_now WHERE {where}\n"
        ")\n"
        "ARRAY JOIN name, value"
    )


def statuses(where: str) -> str:
    """How many figures are reached, need attention, are missed, have no target."""
    return tally("status", status_mapping(), where)


def ages(where: str) -> str:
    """How many figures are fresh, late, stale, not there."""
    return tally("freshness", freshness_mapping(), where)
