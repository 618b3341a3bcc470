"""Citizens' feedback, worked by hand."""

from tests.examples.records import Record
from tests.examples.worked import Worked


def test_reports_received_about_traffic(worked: Worked) -> None:
    come: Record = {"topic": "giao_thong", "state": "received", "reported_at": "2025-03-10 08:00"}
    records: list[Record] = [
        {**come},  # 1
        {**come, "state": "closed"},  # 2: in whatever state
        {**come, "state": "refused"},  # not counted: refused
        {**come, "topic": "moi_truong"},  # not counted
        {**come, "reported_at": "2025-01-01 00:00"},  # 3: the first moment of the year
        {**come, "reported_at": "2024-12-31 23:59"},  # not counted: last year
        {**come, "reported_at": "2025-03-15 23:59"},  # 4: today
        {**come, "reported_at": "2025-03-16 00:00"},  # not counted: after today
        {**come, "channel": "camau_g"},  # 5: by whatever channel
        {**come, "entity": "moved", "topic": "do_thi"},  # not counted: its topic was corrected by the next
        {**come, "entity": "moved"},  # 6
        {**come, "unit": "U2"},  # 7
        {**come, "deleted": True},  # not counted
    ]
    worked("PA-011", records, (7, None, 7.0))
    worked("PA-012", records, (1, None, 1.0))
    worked("PA-011", records, (1, None, 1.0), unit="U2")


def test_open_reports_overdue(worked: Worked) -> None:
    late: Record = {"state": "assigned", "reported_at": "2025-03-01 08:00", "due_at": "2025-03-10 08:00"}
    records: list[Record] = [
        {**late},  # 1
        {**late, "state": "received"},  # 2: nobody has it yet
        {**late, "due_at": "2025-03-14 23:59"},  # 3: due yesterday
        {**late, "due_at": "2025-03-15 00:00"},  # not counted: due today
        {**late, "due_at": "2025-03-20 08:00"},  # not counted: due later
        {**late, "due_at": None},  # not counted: no deadline
        {**late, "state": "answered", "answered_at": "2025-03-12 08:00"},  # not counted: late, but answered
        {**late, "state": "closed", "answered_at": "2025-03-12 08:00"},  # not counted
        {**late, "state": "refused"},  # not counted
        {**late, "entity": "reopened", "state": "answered"},  # not counted: opened again by the next
        {**late, "entity": "reopened", "state": "assigned"},  # 4
        {**late, "due_at": "2024-03-10 08:00", "unit": "U2"},  # 5: a year late
        {**late, "deleted": True},  # not counted
    ]
    worked("PA-003", records, (5, None, 5.0))


def test_share_answered_on_time(worked: Worked) -> None:
    asked: Record = {"state": "answered", "reported_at": "2024-12-01", "due_at": "2025-03-10 08:00"}
    records: list[Record] = [
        {**asked, "answered_at": "2025-03-09 08:00"},  # in time
        {**asked, "answered_at": "2025-03-10 07:00"},  # in time
        {**asked, "answered_at": "2025-03-10 23:59"},  # in time: deadlines are days
        {**asked, "answered_at": "2025-03-11 00:00"},  # late
        {**asked, "answered_at": "2025-03-14 00:00"},  # late
        {**asked, "answered_at": "2025-03-14 00:00", "due_at": None},  # not counted: no deadline
        {**asked, "answered_at": None},  # not counted: not answered
        {**asked, "answered_at": "2024-12-31 08:00"},  # not counted: last year
        {**asked, "answered_at": "2025-03-16 08:00"},  # not counted: after today
        {**asked, "answered_at": "2025-03-01 08:00", "state": "closed"},  # in time
        {**asked, "answered_at": "2025-03-01 08:00", "unit": "U2"},  # in time
        {**asked, "answered_at": "2025-03-01 08:00", "deleted": True},  # not counted
    ]
    # In time 1, 2, 3, 10 and 11 = 5 of 1 … 5, 10 and 11 = 7: 71.43 %.
    worked("PA-004", records, (5, 7, 500 / 7))


def test_mean_time_to_answer(worked: Worked) -> None:
    come: Record = {"reported_at": "2025-03-01 08:00"}
    records: list[Record] = [
        {**come, "answered_at": "2025-03-01 09:00"},  # 3,600 s
        {**come, "answered_at": "2025-03-01 20:00"},  # 43,200 s
        {**come, "answered_at": "2025-03-03 08:00"},  # 172,800 s
        {**come, "answered_at": None},  # not counted: not answered
        {"reported_at": "2024-12-31 23:00", "answered_at": "2025-01-01 01:00"},  # 7,200 s: answered this year
        {"reported_at": "2024-12-30 23:00", "answered_at": "2024-12-31 01:00"},  # not counted: last year
        {**come, "answered_at": "2025-03-16 08:00"},  # not counted: after today
        {**come, "answered_at": "2025-03-01 08:00"},  # 0 s
        {**come, "answered_at": "2025-03-05 08:00", "entity": "corrected"},  # not counted: corrected by the next
        {**come, "answered_at": "2025-03-01 10:00", "entity": "corrected"},  # 7,200 s
        {**come, "answered_at": "2025-03-02 08:00", "unit": "U2"},  # 86,400 s
        {**come, "answered_at": "2025-03-02 08:00", "deleted": True},  # not counted
    ]
    # 3,600 + 43,200 + 172,800 + 7,200 + 0 + 7,200 + 86,400 = 320,400 s of 7 reports: 89 h of 7.
    worked("PA-005", records, (320_400, 7, 89 / 7))


def test_reports_handled_by_camau_g_to_date(worked: Worked) -> None:
    done: Record = {"channel": "camau_g", "state": "closed", "reported_at": "2023-01-01", "answered_at": "2025-03-10"}
    records: list[Record] = [
        {**done},  # 1
        {**done, "state": "answered"},  # 2
        {**done, "answered_at": "2023-05-01"},  # 3: however long ago
        {**done, "answered_at": "2024-12-31 23:59"},  # 4
        {**done, "answered_at": "2025-03-15 23:59"},  # 5: today
        {**done, "answered_at": "2025-03-16 00:00"},  # not counted: after today
        {**done, "answered_at": None},  # not counted: not answered
        {**done, "state": "assigned"},  # not counted: opened again
        {**done, "channel": "hotline_1022"},  # not counted
        {**done, "channel": "web"},  # not counted
        {**done, "unit": "U2"},  # 6
        {**done, "deleted": True},  # not counted
    ]
    worked("PA-009", records, (6, None, 6.0))


def test_share_of_reports_refused(worked: Worked) -> None:
    come: Record = {"reported_at": "2025-02-10 08:00"}
    records: list[Record] = [
        {**come, "state": "refused"},
        {**come, "state": "refused", "channel": "web"},
        {**come, "state": "received"},
        {**come, "state": "assigned"},
        {**come, "state": "answered"},
        {**come, "state": "closed"},
        {**come, "state": "closed", "unit": "U2"},
        {"reported_at": "2024-12-31 08:00", "state": "refused"},  # not counted: last year
        {"reported_at": "2025-03-16 08:00", "state": "refused"},  # not counted: after today
        {**come, "state": "refused", "entity": "taken up"},  # not counted: taken up after all, says the next
        {**come, "state": "assigned", "entity": "taken up"},
        {**come, "state": "refused", "deleted": True},  # not counted
    ]
    # 2 of 1 … 7 and 11 = 8.
    worked("PA-016", records, (2, 8, 25.0))


def test_installations_of_camau_g(worked: Worked) -> None:
    """More than 27,000 installations (Plan 267/KH-UBND, part I, II.7.a): how many there are, not how many came."""
    october: Record = {"period_start": "2024-10-01"}
    records: list[Record] = [
        {"period_start": "2024-04-01", "value": 21_000},
        {"period_start": "2024-05-01", "value": 22_000},
        {"period_start": "2024-06-01", "value": 23_000},
        {"period_start": "2024-08-01", "value": 25_000},
        {"period_start": "2024-07-01", "value": 23_900},  # late: came after that of August, is of July
        {"period_start": "2024-09-01", "value": 26_000},
        {**october, "value": 270_000, "entity": "october"},  # a nought too many: corrected by the next
        {**october, "value": 27_000, "entity": "october"},
        {**october, "value": 38, "series": "PA_APP_SERVICES"},  # not counted
        {**october, "value": 80_000, "period_grain": "quarter"},  # not counted
        {"period_start": "2024-11-01", "value": 28_500, "deleted": True},  # not counted: withdrawn
        {"period_start": "2025-01-01", "value": 29_000},  # begins here; in UTC it is 31/12 still
    ]
    # November was withdrawn and of December nothing was reported: the last month of the year is October.
    worked("PA-007", records, (27_000_000, None, 27_000.0), today="2024-12-31")
    worked("PA-007", records, (29_000_000, None, 29_000.0), today="2025-01-01")
    # The end of July has the late report, that of June its own.
    worked("PA-007", records, (23_900_000, None, 23_900.0), today="2024-07-31")
    worked("PA-007", records, (23_000_000, None, 23_000.0), today="2024-06-30")
