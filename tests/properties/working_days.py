"""Random dossiers whose moments lie anywhere: within the calendar, at its ends, around Tết and swaps, and far outside."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from ioc.catalogue.expr import Compare, Measure, WorkingDays
from ioc.catalogue.rollup import Rollup
from tests.properties.dossier_logs import decoded, events

_EDGES = [
    datetime(year, month, day, 17, tzinfo=UTC)  # midnight in Vietnam
    for year, month, day in (
        (2014, 12, 30), (2014, 12, 31), (2015, 1, 1), (2024, 2, 7), (2024, 4, 28), (2024, 5, 3), (2025, 1, 24), (2026, 1, 1),
        (2035, 12, 30), (2035, 12, 31), (2036, 1, 3),
    )
]  # fmt: skip
_near = st.builds(lambda edge, s: edge + timedelta(seconds=s), st.sampled_from(_EDGES), st.integers(-90_000, 90_000))
_anywhere = st.integers(0, 89 * 366 * 86_400).map(lambda s: datetime(2001, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
moments = st.none() | _near | _anywhere
"""Contracts allow more years than the calendar holds."""


@st.composite
def _events(draw: st.DrawFn) -> dict[str, Any]:
    event = draw(events())
    if event["data"] is not None and event["facet"] == "case":
        received, due = sorted((draw(_near | _anywhere), draw(_near | _anywhere)))
        event["data"] |= {
            "received_at": received,
            "due_at": due,
            "finished_at": draw(moments),
            "returned_at": draw(moments),
        }
    return event


logs = st.lists(_events(), max_size=12).map(decoded)

ROLLUPS = [
    Rollup(
        "dossier_now",
        "dossier",
        "now",
        None,
        (
            Measure((), WorkingDays("received_at", "finished_at")),
            Measure((), WorkingDays("due_at", "finished_at")),
            Measure((Compare("supplements", "gt", 0),), WorkingDays("finished_at", "returned_at")),
            Measure((), WorkingDays("received_at", "received_at")),
        ),
    )
]
