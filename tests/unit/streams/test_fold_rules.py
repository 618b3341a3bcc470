"""The rules of the fold, one by one, where a number can be seen to be right by eye."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from ioc.catalogue.expr import Compare, Duration, FieldValue, Measure
from ioc.catalogue.rollup import Rollup
from ioc.contracts.decoder import decoder
from streams.fold import Fold

ALL = Measure(())
FEES = Measure((), FieldValue("fee_vnd"))
RATED_WELL = Measure((Compare("rating", "ge", 4),))
TIME_TAKEN = Measure((), Duration("received_at", "finished_at"))
FLOW = Rollup("flow", "dossier", "flow", "received_at", (ALL, FEES, TIME_TAKEN))
NOW = Rollup("now", "dossier", "now", None, (ALL, RATED_WELL))
AGE = Rollup("age", "dossier", "age", "due_at", (ALL,))

NIGHT = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)
"""00:30 on 23 November in Vietnam."""
HOUR, DAY = int(NIGHT.timestamp()) // 3600, (datetime(2026, 11, 23) - datetime(1970, 1, 1)).days  # noqa: DTZ001


def case(version: int, unit: str = "A", *, deleted: bool = False, entity: str = "d1", **data: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "procedure": "1.1", "field": "F", "applicant_type": "person", "channel": "post", "status": "received",
        "received_at": NIGHT, "due_at": None, "finished_at": None, "returned_at": None, "supplements": 0, "extensions": 0,
        "fee_vnd": None, "paid_online": None, "components": None, "components_digitised": None, "components_reused": None,
        "result_digitised": None, "vneid": None,
    }  # fmt: skip
    return event("case", entity, version, unit, None if deleted else usual | data, deleted)


def rating(version: int, stars: int, *, deleted: bool = False) -> dict[str, Any]:
    return event("rating", "d1", version, "", None if deleted else {"rating": stars, "rated_at": NIGHT}, deleted)


def event(facet: str, entity: str, version: int, unit: str, data: Any, deleted: bool) -> dict[str, Any]:
    return {
        "source": "s", "kind": "dossier", "entity": entity, "facet": facet, "version": version, "deleted": deleted,
        "unit": unit, "occurred_at": NIGHT, "observed_at": NIGHT, "data": data,
    }  # fmt: skip


def after(rollup: Rollup, *batches: list[dict[str, Any]]) -> dict[tuple[str, str, int], list[int]]:
    """The cells that the last batch touched."""
    fold = Fold("dossier", [rollup])
    taken: dict[tuple[str, str, int], list[int]] = {}
    for batch in batches:
        fold.apply(decoder("dossier")(msgspec.json.encode(batch)))
        taken = {
            (cells.grain, unit, bucket): vector
            for cells in fold.take()
            for unit, bucket, vector in zip(cells.units, cells.buckets, cells.vectors.tolist(), strict=True)
        }
    return taken


def test_an_hour_before_local_midnight_is_another_day() -> None:
    assert after(FLOW, [case(1)]) == {("hour", "A", HOUR): [1, 0, 0], ("day", "A", DAY): [1, 0, 0]}


def test_a_dossier_moves_with_its_figures_to_its_new_unit() -> None:
    moved = after(FLOW, [case(1, fee_vnd=500)], [case(2, "B", fee_vnd=700)])
    assert moved == {
        ("hour", "A", HOUR): [0, 0, 0], ("day", "A", DAY): [0, 0, 0],
        ("hour", "B", HOUR): [1, 700, 0], ("day", "B", DAY): [1, 700, 0],
    }  # fmt: skip


def test_a_unit_passed_through_within_a_batch_is_touched_too() -> None:
    assert after(NOW, [case(1), case(2, "B"), case(3, "C")]) == {
        ("now", "A", 0): [0, 0], ("now", "B", 0): [0, 0], ("now", "C", 0): [1, 0],
    }  # fmt: skip


def test_an_old_version_touches_nothing() -> None:
    assert after(NOW, [case(5)], [case(4, "B"), case(5, "C")]) == {}


def test_a_deleted_dossier_counts_nowhere_and_comes_back() -> None:
    assert after(NOW, [case(1), rating(1, 5)], [case(2, deleted=True)]) == {("now", "A", 0): [0, 0]}
    assert after(NOW, [case(1), rating(1, 5), case(2, deleted=True)], [case(3)]) == {("now", "A", 0): [1, 1]}


def test_a_rating_waits_for_its_dossier_and_leaves_alone() -> None:
    assert after(NOW, [rating(1, 5)]) == {}
    assert after(NOW, [rating(1, 5)], [case(1)]) == {("now", "A", 0): [1, 1]}
    assert after(NOW, [case(1), rating(1, 5)], [rating(2, 5, deleted=True)]) == {("now", "A", 0): [1, 0]}


def test_a_rating_does_not_touch_what_does_not_read_it() -> None:
    assert after(FLOW, [case(1)], [rating(1, 5)]) == {}


def test_a_null_time_is_in_no_cell_and_seconds_add_up() -> None:
    assert after(AGE, [case(1)]) == {}
    assert after(AGE, [case(1, due_at=NIGHT)]) == {("day", "A", DAY): [1]}
    finished = NIGHT.replace(hour=18, microsecond=999_999)
    assert after(FLOW, [case(1, finished_at=finished)])["day", "A", DAY] == [1, 0, 3600]
