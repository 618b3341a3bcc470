"""What a row of a table means: a reported figure, a facility, a vessel's papers.

Rows come by field (`columns.Layout.take`), whatever they were read from. Each function gives entity, unit and the contract's fields.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.source import Change, Listed, Record, Target
from ingest.sources.hub.cells import certain, moment, yes
from ingest.sources.hub.columns import FACILITY, STATISTIC, UPDATED, VESSEL, Vocabulary, folded
from ingest.sources.hub.decimals import Figure, figure, percentage_contradicts, ratio_contradicts
from ingest.sources.hub.periods import period
from ingest.sources.values import invalid, required, text
from ioc.errors import SkippableError

Read = tuple[str, str, dict[str, Any]]
"""Entity, unit, fields of the contract."""

FACILITY_TYPES: Mapping[str, str] = {
    "truong": "school",
    "truong_hoc": "school",
    "benh_vien": "hospital",
    "tram_khong_khi": "air_station",
    "tram_quan_trac_khong_khi": "air_station",
    "tram_nuoc": "water_station",
    "tram_quan_trac_nuoc": "water_station",
    "camera": "camera",
    "tram_bts": "bts",
    "tram_phat_song": "bts",
    "cot_ang_ten": "mast",
    "he_thong_thong_tin": "info_system",
}
"""Types as they are called in Vietnamese, folded; others stand as they are when they look like a code."""

_TYPE = re.compile(r"[a-z][a-z0-9_]{0,63}")


def read_figure(fields: dict[str, Any]) -> Read:
    """A reported figure.

    It is the percentage where there is one, else the value. What contradicts its own numerator and denominator is kept and flagged.

    Raises:
        SkippableError: a field is missing or cannot be.
    """
    series, unit = required(fields, "series"), required(fields, "unit")
    span = period("period", fields.get("period"))
    value, percentage, numerator, denominator = (
        figure(name, fields.get(name)) for name in ("value", "percentage", "numerator", "denominator")
    )
    stated = value if percentage is None else percentage
    if stated is None:
        raise SkippableError("missing_field", "value: missing or empty, and so is percentage")
    data = {
        "series": series,
        "period_grain": span.grain,
        "period_start": span.start,
        "value_milli": stated.milli,
        "numerator_milli": None if numerator is None else numerator.milli,
        "denominator_milli": None if denominator is None else denominator.milli,
        "contradictory": _contradictory(value, percentage, numerator, denominator),
    }
    return f"{series}/{unit}/{span.name}", unit, data


def _contradictory(
    value: Figure | None, percentage: Figure | None, numerator: Figure | None, denominator: Figure | None
) -> bool:
    if (
        percentage is not None
        and value is not None
        and value.exact
        not in (
            percentage.exact,
            None if numerator is None else numerator.exact,
        )
    ):
        return True
    if numerator is None or denominator is None:
        return False
    if percentage is not None:
        return percentage_contradicts(percentage, numerator, denominator)
    return value is not None and ratio_contradicts(value, numerator, denominator)


def identify_figure(fields: dict[str, Any]) -> Listed:
    """Entity and unit of a figure.

    Raises:
        SkippableError: a part of them is missing or cannot be.
    """
    series, unit = required(fields, "series"), required(fields, "unit")
    return Listed(f"{series}/{unit}/{period('period', fields.get('period')).name}", unit)


def read_facility(fields: dict[str, Any]) -> Read:
    """A school, hospital, station, camera, information system.

    Raises:
        SkippableError: a field is missing or cannot be.
    """
    entity, unit = identify_facility(fields)
    data = {
        "type": entity.partition("/")[0],
        "category": text(fields, "category"),
        "online": certain(fields, "online"),
        "approved": yes(fields, "approved"),
        "complete": yes(fields, "complete"),
        "last_seen_at": moment(fields, "last_seen"),
    }
    return entity, unit, data


def identify_facility(fields: dict[str, Any]) -> Listed:
    """Entity and unit of a facility, whatever else is wrong with its row.

    Raises:
        SkippableError: its code or type is missing or cannot be.
    """
    code, told = required(fields, "code"), required(fields, "type")
    kind = FACILITY_TYPES.get(folded(told), told)
    if not _TYPE.fullmatch(kind):
        raise invalid("type", told, "a type of facility: a code such as school")
    return Listed(f"{kind}/{code}", text(fields, "unit"))


def read_vessel(fields: dict[str, Any]) -> Read:
    """A fishing vessel's papers.

    Raises:
        SkippableError: a field is missing or cannot be.
    """
    registration, unit = identify_vessel(fields)
    length = figure("length", fields.get("length"))
    if length is None:
        raise SkippableError("missing_field", "length: missing or empty")
    until: datetime | None = moment(fields, "licensed_until")
    data = {
        "length_mm": length.milli,  # metres in thousandths
        "licensed_until": until,
        "tracked": certain(fields, "tracked"),
    }
    return registration, unit, data


def identify_vessel(fields: dict[str, Any]) -> Listed:
    """Registration number and unit of a vessel, whatever else is wrong with its row.

    Raises:
        SkippableError: its number is missing or cannot be.
    """
    return Listed(required(fields, "registration"), text(fields, "unit"))


@dataclass(frozen=True)
class TableKind:
    """A kind of events that tables carry.

    Attributes:
        target: what the events are about.
        vocabulary: columns of its tables.
        read: what a row means.
        identify: whom it is about, for listings.
    """

    target: Target
    vocabulary: Vocabulary
    read: Callable[[dict[str, Any]], Read]
    identify: Callable[[dict[str, Any]], Listed]

    def change(self, record: Record) -> Change:
        """The change of a record whose fields are a row's, with its update time.

        Raises:
            SkippableError: the row cannot be used.
        """
        entity, unit, data = self.read(record.fields)
        updated_ms = record.fields.get(UPDATED)
        if type(updated_ms) is not int:
            raise SkippableError("missing_field", f"{UPDATED}: missing, or no time")
        return Change(entity, unit, updated_ms, data)


KINDS: Mapping[str, TableKind] = {
    "statistic": TableKind(Target("statistic", "figure"), STATISTIC, read_figure, identify_figure),
    "facility": TableKind(Target("facility", "facility"), FACILITY, read_facility, identify_facility),
    "vessel": TableKind(Target("vessel", "licence"), VESSEL, read_vessel, identify_vessel),
}
"""By the name that a CKAN package bears."""
