"""Working days of dossiers, with Tết, a swap and days of rest in between."""

from tests.examples.records import Record
from tests.examples.worked import Worked


def test_mean_working_days_to_finish(worked: Worked) -> None:
    done: Record = {"status": "returned"}
    monday: Record = {**done, "received_at": "2025-03-03 09:00"}
    records: list[Record] = [
        {**monday, "finished_at": "2025-03-05 16:00"},  # Mon to Wed: 2
        {**monday, "finished_at": "2025-03-03 16:00"},  # the same day: 0
        {**done, "received_at": "2025-03-07 23:59", "finished_at": "2025-03-10 00:00"},  # Fri to Mon: 1
        {**done, "received_at": "2025-03-08 08:00", "finished_at": "2025-03-09 08:00"},  # Sat to Sun: 0
        # Fri 24/1 to Tue 4/2 over Tết (27/1 to 31/1 off): Mon 3 and Tue 4 = 2.
        {**done, "received_at": "2025-01-24 09:00", "finished_at": "2025-02-04 09:00"},
        # Thu 26/12 to Fri 3/1 over New Year: Fri 27, Mon 30, Tue 31, Thu 2, Fri 3 = 5.
        {**done, "received_at": "2024-12-26 09:00", "finished_at": "2025-01-03 09:00"},
        {**monday, "finished_at": "2025-03-20 09:00"},  # not counted: after today
        {**monday, "finished_at": "2025-03-04 09:00", "status": "stopped"},  # not counted
        {**monday, "finished_at": "2025-03-04 09:00", "deleted": True},  # not counted
        {**done, "finished_at": "2025-03-04 09:00"},  # not counted: when it came is not known
        {**done, "received_at": "2025-03-10 09:00", "finished_at": "2025-03-07 09:00"},  # Mon back to Fri: −1
        # Mon 22/4/2024 to Mon 6/5: the swap of 29/4 with Sat 4/5; Tue 23 to Fri 26 (4), Thu 2, Fri 3, Sat 4, Mon 6 = 8, last year.
        {**done, "received_at": "2024-04-22 09:00", "finished_at": "2024-05-06 09:00"},  # not counted: last year
    ]
    # 2 + 0 + 1 + 0 + 2 + 5 − 1 = 9 working days of 7 dossiers.
    worked("DVC-005", records, (9, 7, 9 / 7))
    # Seen on 31/5/2024, the year to date holds the last one alone.
    worked("DVC-005", records, (8, 1, 8.0), today="2024-05-31")
