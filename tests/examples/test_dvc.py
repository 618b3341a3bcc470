"""Public services, worked by hand."""

from tests.examples.records import Record
from tests.examples.worked import Worked


def test_share_finished_on_time(worked: Worked) -> None:
    done: Record = {"status": "returned", "received_at": "2024-12-02", "due_at": "2025-03-05 17:00"}
    records: list[Record] = [
        {**done, "finished_at": "2025-03-01 09:00"},  # on time
        {**done, "finished_at": "2025-03-05 23:59"},  # on time: the same local day
        {**done, "finished_at": "2025-03-06 00:00"},  # late: the next local day
        {**done, "finished_at": "2025-01-01 00:00"},  # on time: the year begins
        {**done, "finished_at": "2024-12-31 23:59"},  # not counted: last year
        {**done, "finished_at": "2025-03-16 08:00"},  # not counted: after today
        {**done, "finished_at": "2025-03-10 08:00", "due_at": None},  # not counted: nothing was promised
        {**done, "finished_at": "2025-03-15 08:00", "status": "processed"},  # late
        {**done, "finished_at": "2025-03-01 09:00", "status": "processing"},  # not counted: is not finished
        {**done, "finished_at": "2025-03-01 09:00", "status": "withdrawn"},  # not counted
        {**done, "finished_at": "2025-03-07 09:00", "entity": "twice"},  # not counted: corrected by the next
        {**done, "finished_at": "2025-03-04 09:00", "entity": "twice"},  # on time
        {**done, "finished_at": "2025-03-01 09:00", "deleted": True},  # not counted: is no longer there
    ]
    # On time 1, 2, 4 and 12 = 4; finished with a promise 1, 2, 3, 4, 8 and 12 = 6; 4 / 6 = 66.67 %.
    worked("DVC-002", records, (4, 6, 400 / 6))
