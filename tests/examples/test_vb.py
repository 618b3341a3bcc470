"""Documents and steering, worked by hand."""

from tests.examples.records import Record
from tests.examples.worked import Worked


def test_documents_received_from_district_agencies(worked: Worked) -> None:
    come: Record = {"direction": "in", "counterpart_level": "district", "sent_at": "2025-03-10 08:00"}
    records: list[Record] = [
        {**come},  # 1
        {**come, "sent_at": "2025-01-01 00:00"},  # 2: the first moment of the year
        {**come, "sent_at": "2024-12-31 23:59"},  # not counted: last year
        {**come, "sent_at": "2025-03-15 23:59"},  # 3: today
        {**come, "sent_at": "2025-03-16 00:00"},  # not counted: after today
        {**come, "sent_at": None},  # not counted: when it was sent is not known
        {**come, "counterpart_level": "commune"},  # not counted
        {**come, "direction": "out"},  # not counted: it was issued
        {**come, "unit": "U2"},  # 4
        {**come, "arrived_at": "2025-03-10 08:01", "rejected_at": "2025-03-10 09:00"},  # 5: rejected documents came too
        {**come, "entity": "moved", "counterpart_level": "province"},  # not counted: corrected by the next
        {**come, "entity": "moved"},  # 6
        {**come, "deleted": True},  # not counted
    ]
    worked("VB-017", records, (6, None, 6.0))
    worked("VB-017", records, (1, None, 1.0), unit="U2")


def test_share_of_documents_with_a_deadline_that_met_it(worked: Worked) -> None:
    come: Record = {"direction": "in", "sent_at": "2025-03-01", "due_at": "2025-03-05 17:00"}
    records: list[Record] = [
        {**come, "closed_at": "2025-03-04 10:00"},  # in time
        {**come, "closed_at": "2025-03-05 16:59"},  # in time
        {**come, "closed_at": "2025-03-05 23:00"},  # in time: deadlines are days
        {**come, "closed_at": "2025-03-06 00:00"},  # late
        {**come, "closed_at": "2025-03-14 10:00"},  # late
        {**come, "closed_at": "2025-03-04 10:00", "due_at": None},  # not counted: no deadline
        {**come},  # not counted: nothing is known of its end
        {**come, "closed_at": "2025-03-04 10:00", "direction": "out"},  # not counted
        {**come, "closed_at": "2024-12-30 10:00"},  # not counted: last year
        {**come, "closed_at": "2025-03-16 10:00"},  # not counted: after today
        {**come, "closed_at": "2025-01-02 10:00", "unit": "U2"},  # in time
        {**come, "closed_at": "2025-03-04 10:00", "deleted": True},  # not counted
    ]
    # In time 1, 2, 3 and 11 = 4; with a deadline and an end of this year 1 … 5 and 11 = 6; 4 / 6 = 66.67 %.
    worked("VB-029", records, (4, 6, 400 / 6))


def test_mean_time_from_arrival_to_acceptance(worked: Worked) -> None:
    come: Record = {"direction": "in", "sent_at": "2025-03-01"}
    records: list[Record] = [
        {**come, "arrived_at": "2025-03-01 08:00", "accepted_at": "2025-03-01 08:30"},  # 1,800 s
        {**come, "arrived_at": "2025-03-01 08:00", "accepted_at": "2025-03-01 09:00"},  # 3,600 s
        {**come, "arrived_at": "2025-02-28 23:00", "accepted_at": "2025-03-01 01:00"},  # 7,200 s, over midnight
        {**come, "arrived_at": "2025-03-01 08:00", "accepted_at": "2025-03-03 08:00"},  # 172,800 s
        {**come, "arrived_at": "2025-03-01 08:00"},  # not counted: not accepted
        {**come, "accepted_at": "2025-03-01 08:00"},  # not counted: when it arrived is not known
        {**come, "arrived_at": "2024-12-31 20:00", "accepted_at": "2025-01-01 00:00"},  # 14,400 s: accepted this year
        {**come, "arrived_at": "2024-12-31 20:00", "accepted_at": "2024-12-31 23:59"},  # not counted: last year
        {"direction": "out", "arrived_at": "2025-03-01 08:00", "accepted_at": "2025-03-01 10:00"},  # not counted
        {**come, "arrived_at": "2025-03-16 08:00", "accepted_at": "2025-03-16 09:00"},  # not counted: after today
        {**come, "arrived_at": "2025-03-02 08:00", "accepted_at": "2025-03-02 08:00"},  # 0 s, counted
        {**come, "arrived_at": "2025-03-01 08:00", "accepted_at": "2025-03-01 09:00", "deleted": True},  # not counted
    ]
    # 1,800 + 3,600 + 7,200 + 172,800 + 14,400 + 0 = 199,800 s over 6 documents = 33,300 s = 9.25 h.
    worked("VB-005", records, (199_800, 6, 9.25))


def test_received_documents_overdue(worked: Worked) -> None:
    come: Record = {"direction": "in", "sent_at": "2025-03-01", "due_at": "2025-03-14 23:59"}
    records: list[Record] = [
        {**come},  # 1: due yesterday
        {**come, "due_at": "2025-03-15 00:00"},  # not counted: due today
        {**come, "due_at": "2024-06-01"},  # 2: due last year
        {**come, "due_at": None},  # not counted: no deadline
        {**come, "arrived_at": "2025-03-01 09:00", "accepted_at": "2025-03-02"},  # 3: accepted is not handled
        {**come, "closed_at": "2025-03-15 08:00"},  # not counted: handled, if late
        {**come, "rejected_at": "2025-03-02"},  # not counted
        {**come, "recalled_at": "2025-03-02", "recall": "agreed"},  # not counted
        {**come, "direction": "out"},  # not counted
        {**come, "unit": "U2"},  # 4
        {**come, "unit": "U2", "deleted": True},  # not counted
        {**come, "due_at": "2025-03-20"},  # not counted: due later
    ]
    worked("VB-030", records, (4, None, 4.0))
    worked("VB-030", records, (5, None, 5.0), today="2025-03-16")  # the second was due yesterday by now
    worked("VB-030", records, (6, None, 6.0), today="2025-03-21")  # the last too


def test_work_files_processed_online(worked: Worked) -> None:
    done: Record = {"state": "finished", "opened_at": "2025-02-01", "finished_at": "2025-03-01 10:00", "online": True}
    records: list[Record] = [
        {**done},  # online
        {**done, "online": False},  # on paper
        {**done, "finished_at": "2025-01-01 00:00"},  # online
        {**done, "finished_at": "2025-03-15 23:59"},  # online
        {**done, "finished_at": "2025-03-16 00:00"},  # not counted: after today
        {**done, "finished_at": "2024-12-31 23:59"},  # not counted: last year
        {**done, "state": "cancelled"},  # not counted
        {**done, "state": "open", "finished_at": None},  # not counted
        {**done, "unit": "U2"},  # online
        {**done, "unit": "U2", "online": False},  # on paper
        {**done, "entity": "again"},  # reopened by the next
        {**done, "entity": "again", "state": "open", "finished_at": None},  # not counted
    ]
    # Online 1, 3, 4 and 9 = 4; finished this year these, 2 and 10 = 6.
    worked("VB-011", records, (4, 6, 400 / 6))
    worked("VB-011", records, (1, 2, 50.0), unit="U2")


def test_accounts_used_within_30_days(worked: Worked) -> None:
    used: Record = {"active": True, "holder": "person", "last_seen_at": "2025-03-10 09:00"}
    records: list[Record] = [
        {**used},  # 1
        {**used, "last_seen_at": "2025-02-14 00:00"},  # 2: 29 days ago
        {**used, "last_seen_at": "2025-02-13 23:59"},  # not counted: 30 days ago
        {**used, "last_seen_at": "2025-03-15 23:00"},  # 3: today
        {**used, "last_seen_at": "2025-03-16 00:00"},  # not counted: a clock is wrong
        {**used, "last_seen_at": None},  # not counted: never
        {**used, "active": False},  # not counted
        {**used, "holder": "organisation"},  # 4
        {**used, "unit": "U2"},  # 5
        {**used, "entity": "back", "last_seen_at": "2024-05-01"},  # seen again by the next
        {**used, "entity": "back", "last_seen_at": "2025-03-14"},  # 6
        {**used, "deleted": True},  # not counted
    ]
    worked("VB-037", records, (6, None, 6.0))


def test_inspections_by_digital_means(worked: Worked) -> None:
    third: Record = {"period_start": "2024-07-01"}
    fourth: Record = {"period_start": "2024-10-01"}
    records: list[Record] = [
        {**third, "numerator": 3, "denominator": 10, "unit": "A"},  # an earlier quarter
        {**third, "numerator": 7, "denominator": 9, "unit": "H"},  # silent in the fourth
        {**fourth, "numerator": 6, "denominator": 8, "unit": "A"},
        {**fourth, "numerator": 2, "denominator": 8, "unit": "B", "entity": "B"},  # reported again by the next
        {**fourth, "numerator": 3, "denominator": 8, "unit": "B", "entity": "B"},
        {**fourth, "numerator": 2, "denominator": 3, "unit": "C"},
        {**fourth, "value": 90, "unit": "D"},  # not counted: a share without its parts
        {**fourth, "value": 50, "numerator": 4, "denominator": None, "unit": "E"},  # not counted: no whole
        {**fourth, "numerator": 9, "denominator": 9, "unit": "F", "deleted": True},  # not counted
        {**fourth, "numerator": 9, "denominator": 9, "unit": "F", "series": "OTHER"},  # not counted
        {**fourth, "numerator": 9, "denominator": 9, "unit": "G", "period_grain": "month"},  # not counted
        {**third, "numerator": 5, "denominator": 9, "unit": "B"},  # late: came after those of the fourth
        {"period_start": "2025-04-01", "numerator": 2, "denominator": 4, "unit": "A"},  # begins on 31/3 in UTC
    ]
    # 6 + 3 + 2 = 11 of 8 + 8 + 3 = 19: the 57.89 % of Plan 267/KH-UBND, appendix I, row I.11; in thousandths.
    worked("VB-043", records, (11_000, 19_000, 1_100 / 19), today="2025-03-31")
    # The third quarter was 3 + 7 + 5 = 15 of 10 + 9 + 9 = 28.
    worked("VB-043", records, (15_000, 28_000, 1_500 / 28), today="2024-09-30")
    worked("VB-043", records, (2_000, 4_000, 50.0), today="2025-04-01")
