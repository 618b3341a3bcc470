"""The columnar fold counts working days as a loop over the days does, at the ends of the calendar too."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings

from ioc.calendar import calendar
from streams.fold import Fold
from tests.naive_fold import NaiveFold
from tests.properties.dossier_logs import decoded
from tests.properties.test_fold import taken
from tests.properties.working_days import ROLLUPS, logs


@settings(max_examples=60, deadline=None)
@given(logs)
def test_the_fold_counts_working_days_as_a_loop_does(log: list[Any]) -> None:
    fold, naive = Fold("dossier", ROLLUPS), NaiveFold("dossier", ROLLUPS)
    fold.apply(log)
    for event in log:
        naive.apply(event)
    found = {cell: vector for cell, vector in taken(fold).items() if any(vector)}
    assert found == {cell: vector for cell, vector in naive.cells().items() if any(vector)}


def test_beyond_its_ends_the_calendar_stands_still() -> None:
    """Received long before the calendar and finished long after it: all its working days, and no error."""
    data = {
        "procedure": "1.000001", "field": "X", "applicant_type": "person", "channel": "internal", "status": "returned",
        "received_at": datetime(2001, 1, 1, tzinfo=UTC), "due_at": None, "finished_at": datetime(2090, 1, 1, tzinfo=UTC),
        "returned_at": None, "supplements": 0, "extensions": 0, "fee_vnd": None, "paid_online": None, "components": None,
        "components_digitised": None, "components_reused": None, "result_digitised": None, "vneid": None,
    }  # fmt: skip
    at = datetime(2026, 1, 1, tzinfo=UTC)
    event = {
        "source": "test", "kind": "dossier", "entity": "H12-1", "facet": "case", "version": 1, "deleted": False, "unit": "H12",
        "occurred_at": at, "observed_at": at, "data": data,
    }  # fmt: skip
    fold = Fold("dossier", ROLLUPS)
    fold.apply(decoded([event]))
    assert taken(fold)["dossier_now", "now", "H12", 0] == [int(calendar().cumulative[-1]), 0, 0, 0]
