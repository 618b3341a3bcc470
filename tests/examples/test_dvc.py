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


def test_open_dossiers_overdue(worked: Worked) -> None:
    open_: Record = {"status": "processing", "received_at": "2025-02-03", "due_at": "2025-03-14 17:00"}
    records: list[Record] = [
        {**open_},  # 1: due yesterday
        {**open_, "due_at": "2025-03-14 00:00"},  # 2
        {**open_, "due_at": "2025-03-15 00:00"},  # not counted: due today
        {**open_, "due_at": "2025-04-01"},  # not counted: due later
        {**open_, "due_at": "2025-02-03"},  # 3
        {**open_, "due_at": None},  # not counted: nothing was promised
        {**open_, "status": "supplement"},  # 4: waits for the citizen, and is open
        {**open_, "status": "fees_due"},  # 5
        {**open_, "status": "returned", "finished_at": "2025-03-15 08:00"},  # not counted: finished, if late
        {**open_, "status": "withdrawn"},  # not counted
        {**open_, "status": "registered"},  # not counted: not received yet
        {**open_, "unit": "U2"},  # 6
        {**open_, "entity": "closed"},  # closed by the next
        {**open_, "entity": "closed", "status": "processed", "finished_at": "2025-03-14 09:00"},  # not counted
    ]
    worked("DVC-003", records, (6, None, 6.0))
    # Of those that are open: these, the third, the fourth and the one without a promise = 9; 6 / 9 = 66.67 %.
    worked("DVC-027", records, (6, 9, 600 / 9))
    worked("DVC-003", records, (7, None, 7.0), today="2025-03-16")  # the third was due yesterday by then


def test_mean_time_to_finish_in_working_days(worked: Worked) -> None:
    done: Record = {"status": "processed", "received_at": "2025-03-03 08:00"}  # a Monday
    records: list[Record] = [
        {**done, "finished_at": "2025-03-03 16:00"},  # 0: the same day
        {**done, "finished_at": "2025-03-04 07:00"},  # 1: Tuesday
        {**done, "finished_at": "2025-03-07 17:00"},  # 4: Friday
        {**done, "finished_at": "2025-03-08 10:00"},  # 4: Saturday adds nothing
        {**done, "finished_at": "2025-03-10 08:00"},  # 5: the next Monday
        {**done, "finished_at": "2025-02-03 08:00", "received_at": "2025-01-24 08:00"},  # 1: Tết, 25/1 to 2/2/2025
        {**done, "finished_at": "2025-03-10 08:00", "status": "returned"},  # 5
        {**done, "finished_at": "2025-03-10 08:00", "received_at": None},  # not counted: when it came is not known
        {**done, "finished_at": "2025-03-10 08:00", "status": "stopped"},  # not counted
        {**done, "finished_at": "2024-12-31 08:00", "received_at": "2024-12-30"},  # not counted: last year
        {**done, "finished_at": "2025-03-17 08:00"},  # not counted: after today
        {**done, "finished_at": "2025-03-10 08:00", "deleted": True},  # not counted
    ]
    # 0 + 1 + 4 + 4 + 5 + 1 + 5 = 20 working days over 7 dossiers.
    worked("DVC-005", records, (20, 7, 20 / 7))


def test_share_of_fees_paid_online(worked: Worked) -> None:
    come: Record = {"status": "received", "received_at": "2025-03-03", "fee_vnd": 50_000, "paid_online": True}
    records: list[Record] = [
        {**come},  # online
        {**come, "paid_online": False},  # at the desk
        {**come, "paid_online": None},  # not counted: the system does not say
        {**come, "fee_vnd": 0},  # not counted: nothing to pay
        {**come, "fee_vnd": None},  # not counted
        {**come, "fee_vnd": 1, "status": "returned"},  # online
        {**come, "status": "registered"},  # not counted: not received
        {**come, "status": "refused"},  # not counted
        {**come, "received_at": "2025-01-01 00:00", "fee_vnd": 250_000},  # online
        {**come, "received_at": "2024-12-31 23:59"},  # not counted: last year
        {**come, "unit": "U2", "paid_online": False},  # at the desk
        {**come, "unit": "U2"},  # online
    ]
    # Online 1, 6, 9 and 12 = 4; with fees and an answer these, 2 and 11 = 6; 4 / 6 = 66.67 %.
    worked("DVC-049", records, (4, 6, 400 / 6))
    # Paid online in đồng: 50,000 + 0 (the fourth) + 0 (the fifth) + 1 + 250,000 + 50,000 = 350,001, shown in million đồng.
    worked("DVC-051", records, (350_001, None, 0.350001))


def test_share_of_ratings_that_are_satisfied(worked: Worked) -> None:
    rated: Record = {"status": "returned", "rated_at": "2025-03-10 10:00"}
    records: list[Record] = [
        {**rated, "rating": 5},  # satisfied
        {**rated, "rating": 4},  # satisfied
        {**rated, "rating": 3},  # not satisfied
        {**rated, "rating": 1},  # not satisfied
        {"status": "returned"},  # not counted: not rated
        {**rated, "rating": 5, "rated_at": "2024-12-31 23:00"},  # not counted: last year
        {**rated, "rating": 5, "rated_at": "2025-03-16 00:00"},  # not counted: after today
        {**rated, "rating": 2, "entity": "changed"},  # rated again by the next
        {**rated, "rating": 4, "entity": "changed"},  # satisfied
        {**rated, "rating": 4, "status": "processing"},  # satisfied: a rating counts whatever became of the dossier
        {**rated, "rating": 5, "unit": "U2"},  # satisfied
        {**rated, "rating": 5, "deleted": True},  # not counted
    ]
    # Satisfied 1, 2, 9, 10 and 11 = 5; rated these, 3 and 4 = 7; 5 / 7 = 71.43 %.
    worked("DVC-054", records, (5, 7, 500 / 7))
    worked("DVC-055", records, (26, 7, 26 / 7))  # 5 + 4 + 3 + 1 + 4 + 4 + 5 = 26


def test_procedures_offered_fully_online(worked: Worked) -> None:
    nov: Record = {"period_start": "2024-11-01"}
    records: list[Record] = [
        {"period_start": "2024-07-01", "numerator": 1_520, "denominator": 1_950},  # an earlier month
        {"period_start": "2024-08-01", "numerator": 1_610, "denominator": 1_950},
        {"period_start": "2024-10-01", "numerator": 1_700, "denominator": 1_950},
        {"period_start": "2024-09-01", "numerator": 1_690, "denominator": 1_950},  # late: came after that of October
        {**nov, "numerator": 1_812, "denominator": 1_943, "entity": "report"},  # corrected by the next
        {**nov, "numerator": 1_814, "denominator": 1_943, "entity": "report"},
        {**nov, "value": 99.9, "unit": "other"},  # not counted: a share without its parts
        {**nov, "numerator": 6, "denominator": 1_943, "series": "PROCEDURES_PARTLY_ONLINE"},  # not counted
        {**nov, "numerator": 1, "denominator": 2, "period_grain": "quarter"},  # not counted
        {**nov, "numerator": 1, "denominator": 2, "unit": "other", "deleted": True},  # not counted: withdrawn
        {"period_start": "2024-12-01", "numerator": 1_900, "denominator": 1_943, "value": 93.36},  # its parts count
        {"period_start": "2025-01-01", "numerator": 1_943, "denominator": 1_943},  # in UTC it begins on 31/12
    ]
    # 1,814 of 1,943 = 93.36 %, as Plan 267/KH-UBND states (part I, II.7a); in thousandths.
    worked("DVC-017", records, (1_814_000, 1_943_000, 181_400 / 1_943), today="2024-11-30")
    # On the last day of the year December is the last month: 1,900 of 1,943 are 97.79 %, whatever it says itself.
    worked("DVC-017", records, (1_900_000, 1_943_000, 190_000 / 1_943), today="2024-12-31")
    worked("DVC-017", records, (1_943_000, 1_943_000, 100.0), today="2025-01-01")


def test_procedures_offered_partly_online(worked: Worked) -> None:
    nov: Record = {"period_start": "2024-11-01"}
    records: list[Record] = [
        {"period_start": "2024-01-01", "numerator": 24, "denominator": 1_900},  # an earlier month
        {"period_start": "2024-02-01", "numerator": 22, "denominator": 1_900},
        {"period_start": "2024-04-01", "numerator": 0, "denominator": 0, "value": 0},  # nothing of nothing
        {"period_start": "2024-03-01", "numerator": 19, "denominator": 1_900},  # late: came after that of April
        {"period_start": "2024-06-01", "numerator": 12, "denominator": 1_930},
        {"period_start": "2024-07-01", "numerator": 12, "denominator": 1_930},  # the same figures again
        {"period_start": "2024-08-01", "numerator": 9, "denominator": 1_940},
        {"period_start": "2024-09-01", "value": 0.41, "numerator": 8, "denominator": None},  # not counted: no whole
        {"period_start": "2024-10-01", "value": 0.36, "numerator": None, "denominator": 1_943},  # not counted: no part
        {**nov, "numerator": 1_943, "denominator": 6, "entity": "swapped"},  # corrected by the next
        {**nov, "numerator": 6, "denominator": 1_943, "entity": "swapped"},
        {**nov, "numerator": 1_814, "denominator": 1_943, "series": "PROCEDURES_FULL_ONLINE"},  # not counted
        {"period_start": "2024-12-01", "numerator": 5, "denominator": 1_943, "deleted": True},  # not counted: withdrawn
    ]
    # 6 of 1,943 = 0.31 %, as Plan 267/KH-UBND states (part I, II.7a); December was withdrawn.
    worked("DVC-021", records, (6_000, 1_943_000, 600 / 1_943), today="2024-12-31")
    # September lacks its whole and October its part, so August is the last month: 9 of 1,940.
    worked("DVC-021", records, (9_000, 1_940_000, 900 / 1_940), today="2024-10-31")
    # April was reported, but there is nothing to divide by.
    worked("DVC-021", records, (0, 0, None), today="2024-05-31")


def test_share_of_received_dossiers_with_a_promised_date(worked: Worked) -> None:
    come: Record = {"status": "processing", "received_at": "2025-02-03", "due_at": "2025-03-05"}
    records: list[Record] = [
        {**come},  # promised
        {**come, "due_at": None},  # not promised
        {**come, "status": "received"},  # promised
        {**come, "status": "withdrawn"},  # promised: it was received
        {**come, "status": "refused"},  # not counted
        {**come, "status": "registered"},  # not counted
        {**come, "received_at": None},  # not counted: when it came is not known
        {**come, "received_at": "2025-03-16", "due_at": "2025-04-01"},  # not counted: after today
        {**come, "entity": "later", "due_at": None},  # promised by the next
        {**come, "entity": "later"},  # promised
        {**come, "unit": "U2", "due_at": None},  # not promised
        {**come, "unit": "U2", "status": "stopped", "due_at": None},  # not promised
    ]
    # Promised 1, 3, 4 and 10 = 4; received these, 2, 11 and 12 = 7; 4 / 7 = 57.14 %.
    worked("DVC-050", records, (4, 7, 400 / 7))
