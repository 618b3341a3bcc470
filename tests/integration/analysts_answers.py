"""What the questions of docs/analysts.md must give: counted here in Python from the rows that the statements read."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from ioc.clock import LOCAL
from tests.integration.analysts_world import COMMUNE, DATABASE, DISTRICT, LATE, SPRING, AnalystsWorld

Row = dict[str, Any]
OPEN = ("received", "processing", "supplement", "fees_due")
DONE = ("processed", "returned")


def _now(world: AnalystsWorld, **where: str) -> list[Row]:
    asked = " AND ".join(f"{name} = '{value}'" for name, value in where.items())
    return world.rows(f"SELECT * FROM {DATABASE}.indicator_now WHERE {asked}")


def _things(world: AnalystsWorld, kind: str) -> list[Row]:
    return [row for row in world.rows(f"SELECT * FROM {DATABASE}.{kind}") if not row["deleted"]]


def _local(moment: datetime) -> date:
    return moment.astimezone(LOCAL).date()


def _place(world: AnalystsWorld, code: str, day: date) -> str:
    """The unit below the province that a code stands for on a day; empty: the province itself."""
    units = {name: unit for unit in world.world.province.unit for name in (unit.code, *unit.aliases)}
    if code not in units:
        return "unknown"
    unit = units[code]
    if unit.valid_to is not None and day >= unit.valid_to:
        return ""
    while unit.parent is not None and unit.level == "facility":
        unit = units[unit.parent]
    return unit.code if unit.parent is not None else ""


def off_target(world: AnalystsWorld, rows: list[Row]) -> None:
    missed = {one["code"]: one for one in _now(world, level="province") if one["status"] == "bad"}
    assert [row["code"] for row in rows] == sorted(missed)
    for row in rows:
        assert row["value"] == round(missed[row["code"]]["value"], 2)
        assert row["target_document"]
        assert row["responsible"]


def late_by_month(world: AnalystsWorld, rows: list[Row]) -> None:
    late = [d for d in _things(world, "dossier") if d["status"] in DONE and d["finished_at"] and d["due_at"]]
    places = [
        (_local(d["finished_at"]).replace(day=1), _place(world, d["unit"], _local(d["finished_at"])))
        for d in late
        if _local(d["finished_at"]) > _local(d["due_at"])
    ]
    assert {(row["month"], row["unit"]): row["late"] for row in rows} == Counter(at for at in places if at[1])
    ours = {row["month"]: row["late"] for row in rows if row["unit"] == DISTRICT}
    # Every third of the spring is the district's and four days late unless it stays open; the last one in June moved on.
    finished = [datetime(2025, 5, 19, tzinfo=UTC) + timedelta(days=2 * n) for n in range(0, SPRING, 3) if n % 4]
    assert ours == Counter(day.date().replace(day=1) for day in finished)


def overdue_list(world: AnalystsWorld, rows: list[Row]) -> None:
    (province,) = _now(world, code="DVC-003", level="province")
    assert len(rows) == province["value"]
    today = _local(datetime.now(UTC))
    due = {d["entity"]: _local(d["due_at"]) for d in _things(world, "dossier") if d["due_at"]}
    assert all(
        row["due_on"] == due[row["dossier"]] and row["days_late"] == (today - row["due_on"]).days for row in rows
    )
    assert LATE in {row["dossier"] for row in rows}


def share_by_department(world: AnalystsWorld, rows: list[Row]) -> None:
    now = [one for code in ("DVC-002", "DVC-012") for one in _now(world, code=code, level="department")]
    assert {(row["code"], row["unit"]) for row in rows} == {(n["code"], n["unit"]) for n in now if n["denominator"]}
    for row in rows:
        assert row["share"] == round(100 * row["numerator"] / row["denominator"], 1)
        assert row["target"] == (85.0 if row["code"] == "DVC-012" else None)
        assert (row["above"] is None) == (row["target"] is None)


def incomplete(world: AnalystsWorld, rows: list[Row]) -> None:
    reports = _now(world, level="province", kind="latest")
    assert {row["code"] for row in rows} == {
        one["code"] for one in reports if one["reported"] < one["expected"] or one["freshness"] != "fresh"
    }


def not_reported(world: AnalystsWorld, rows: list[Row]) -> None:
    last = (_local(datetime.now(UTC)).replace(day=1) - timedelta(days=1)).replace(day=1)
    reports = world.rows(f"SELECT * FROM {DATABASE}.reports WHERE series = 'CATCH_OUTPUT'")
    heard = {one["unit"] for one in reports if one["period_start"] == last}
    communes = [unit for unit in world.world.province.unit if unit.level == "commune" and unit.valid_to is None]
    silent = {unit.code for unit in communes if not heard & {unit.code, *unit.aliases}}
    assert {row["unit"] for row in rows} == silent
    assert len(silent) < len(communes) or not heard


def silent(_world: AnalystsWorld, rows: list[Row]) -> None:
    assert [(row["source"], row["stream"]) for row in rows] == [("hub", "cases"), ("dossiers", "cases")]
    assert 5 <= rows[0]["hours"] < 6
    assert rows[1]["hours"] < 1


def feedback_by_week(world: AnalystsWorld, rows: list[Row]) -> None:
    weeks = Counter(
        (day := _local(case["reported_at"])) - timedelta(days=day.weekday())
        for case in _things(world, "feedback_case")
        if case["reported_at"] and case["state"] != "refused"
    )
    assert {(two["week"] - one["week"]).days for one, two in pairwise(rows)} == {7}
    assert {row["week"]: row["received"] for row in rows if row["received"]} == weeks
    for place, row in enumerate(rows):
        four = [one["received"] for one in rows[max(0, place - 3) : place + 1]]
        assert abs(row["four_weeks"] - sum(four) / len(four)) <= 0.05 + 1e-9
        assert row["change"] == row["received"] - rows[max(0, place - 1)]["received"]


def feedback_by_channel(world: AnalystsWorld, rows: list[Row]) -> None:
    cases = [case for case in _things(world, "feedback_case") if case["reported_at"]]
    by_channel: dict[Any, list[Row]] = defaultdict(list)
    for case in cases:
        by_channel[case["channel"]].append(case)
    assert {row["channel"]: row["received"] for row in rows} == {name: len(own) for name, own in by_channel.items()}
    for row in rows:
        answered = [case for case in by_channel[row["channel"]] if case["answered_at"]]
        assert row["answered"] == len(answered)
        assert row["on_time"] == sum(
            1 for c in answered if c["due_at"] and _local(c["answered_at"]) <= _local(c["due_at"])
        )
        days = sorted(int(c["answered_at"].timestamp()) - int(c["reported_at"].timestamp()) for c in answered)
        if days:
            assert row["median_days"] == round(days[len(days) // 2] / 86400, 2)


def parts_of_766(world: AnalystsWorld, rows: list[Row]) -> None:
    (score,) = _now(world, code="DVC-064", level="province")
    assert round(sum(row["earned"] or 0 for row in rows), 4) == round(score["value"], 4)
    assert len(rows) == score["expected"]
    parts = world.rows(
        f"SELECT part FROM {DATABASE}.composite_parts FINAL WHERE code = 'DVC-064' AND level = 'province' AND NOT gone"
    )
    assert {row["part"] for row in rows} == {one["part"] for one in parts}


def ranks(world: AnalystsWorld, rows: list[Row]) -> None:
    scores = {one["unit"]: one for one in world.rows(
        f"SELECT * FROM {DATABASE}.composite_values WHERE code = 'DVC-064' AND level = 'department' AND available > 0"
    )}  # fmt: skip
    shares = {unit: one["earned"] / one["available"] for unit, one in scores.items()}
    assert {row["unit"] for row in rows} == set(shares)
    for row in rows:
        better = sum(1 for share in shares.values() if share > shares[row["unit"]] + 1e-12)
        assert row["rank"] == better + 1


def known_on(world: AnalystsWorld, rows: list[Row]) -> None:
    moment = datetime(2025, 6, 15, 17, tzinfo=UTC)
    received = [datetime(2025, 5, 5, 2, tzinfo=UTC) + timedelta(days=2 * n) for n in range(SPRING)]
    begun = [n for n, at in enumerate(received) if at < moment]
    done = [n for n in begun if n % 4 and received[n] + timedelta(days=14 if n % 3 == 0 else 8) < moment]
    # The story's dossier was there, the other one was read only three days later.
    assert rows == [
        {"seen": "known today", "dossiers": len(begun) + 2, "open": len(begun) - len(done) + 2},
        {"seen": "known then", "dossiers": len(begun) + 1, "open": len(begun) - len(done) + 1},
    ]
    assert len(world.rows(f"SELECT * FROM {DATABASE}.dossier")) > len(begun) + 2


def life(_world: AnalystsWorld, rows: list[Row]) -> None:
    assert [(row["status"], row["unit"], row["days"]) for row in rows] == [
        ("received", DISTRICT, 1.0), ("processing", DISTRICT, 2.0), ("supplement", DISTRICT, 19.0),
        ("processing", COMMUNE, 1.0), ("returned", COMMUNE, 0.0),
    ]  # fmt: skip
    assert {row["known_after_s"] for row in rows} == {60}


def both_trees(_world: AnalystsWorld, rows: list[Row]) -> None:
    by_tree = {tree: [row for row in rows if row["tree"] == tree] for tree in ("then", "today")}
    assert {row["unit"] for row in by_tree["then"] if row["level"] == "district"} >= {DISTRICT}
    assert not [row for row in by_tree["today"] if row["level"] == "district"]
    totals = [
        {row["month"]: row["received"] for row in by_tree[tree] if row["level"] == "province"} for tree in by_tree
    ]
    assert totals[0] == totals[1]
    # Dossiers 0, 3, … 12 of the spring are the district's in May; dossier 15 is of 4 June.
    may = [n for n in range(0, SPRING, 3) if 5 + 2 * n <= 31]
    assert next(row["received"] for row in by_tree["then"] if row["unit"] == DISTRICT) == len(may)


def quarters(world: AnalystsWorld, rows: list[Row]) -> None:
    done = [d for d in _things(world, "dossier") if d["status"] in DONE and d["finished_at"] and d["due_at"]]
    finished: Counter[date] = Counter()
    on_time: Counter[date] = Counter()
    for one in done:
        day = _local(one["finished_at"])
        quarter = day.replace(month=day.month - (day.month - 1) % 3, day=1)
        finished[quarter] += 1
        on_time[quarter] += _local(one["finished_at"]) <= _local(one["due_at"])
    assert {row["quarter"]: (row["on_time"], row["finished"]) for row in rows} == {
        quarter: (on_time[quarter], count) for quarter, count in finished.items()
    }
    assert all(row["share"] == round(100 * row["on_time"] / row["finished"], 2) for row in rows)


def sealed_months(world: AnalystsWorld, rows: list[Row]) -> None:
    open_from = rows[0]["open_from"]
    states = {row["state"] for row in rows}
    assert states <= {"tạm tính", "đã chốt"}
    assert "đã chốt" in states
    for row in rows:
        after = (row["month"] + timedelta(days=31)).replace(day=1)
        assert (row["state"] == "đã chốt") == (after <= open_from)
    counted = [d for d in _things(world, "dossier") if d["status"] not in ("registered", "refused")]
    received = sum(1 for one in counted if one["received_at"])
    assert sum(row["received"] for row in rows) == received


def changed_seals(world: AnalystsWorld, rows: list[Row]) -> None:
    changes = world.rows(f"SELECT * FROM {DATABASE}.seal_changes")
    assert Counter({(row["rollup_id"], row["reason"]): row["cells"] for row in rows}) == Counter(
        (one["rollup_id"], one["reason"]) for one in changes
    )
    assert {row["reason"] for row in rows} == {"late"}
    assert min(row["first_day"] for row in rows) == date(2025, 5, 5)


def wrong_reports(world: AnalystsWorld, rows: list[Row]) -> None:
    found = world.rows(f"SELECT reason, series FROM {DATABASE}.findings_now")
    assert {(row["reason"], row["series"]): row["reports"] for row in rows} == Counter(
        (one["reason"], one["series"]) for one in found
    )
    assert [row["reports"] for row in rows] == sorted((row["reports"] for row in rows), reverse=True)


def hardly(_world: AnalystsWorld, rows: list[Row]) -> None:
    assert [(row["code"], row["on_track"], row["expected"]) for row in rows] == [
        ("CC-010", "unlikely", 31.5),
        ("KT-024", "no", 5.0),
    ]


def working_days(world: AnalystsWorld, rows: list[Row]) -> None:
    off = {
        one["day"] for one in world.rows(f"SELECT day, working FROM {DATABASE}.calendar FINAL") if not one["working"]
    }
    by_field: dict[str, list[int]] = defaultdict(list)
    for one in _things(world, "dossier"):
        if one["received_at"] and one["finished_at"]:
            first, last = _local(one["received_at"]), _local(one["finished_at"])
            days = [first + timedelta(days=n + 1) for n in range((last - first).days)]
            by_field[one["field"]].append(sum(1 for day in days if day not in off))
    assert {row["field"]: row["finished"] for row in rows} == {field: len(days) for field, days in by_field.items()}
    for row in rows:
        counted = sorted(by_field[row["field"]])
        assert row["median_days"] == counted[int(0.5 * len(counted))]
        assert row["p90_days"] == counted[min(len(counted) - 1, int(0.9 * len(counted)))]


ANSWERS: dict[int, Callable[[AnalystsWorld, list[Row]], None]] = {
    1: off_target, 2: late_by_month, 3: overdue_list, 4: share_by_department, 5: incomplete, 6: not_reported, 7: silent,
    8: feedback_by_week, 9: feedback_by_channel, 10: parts_of_766, 11: ranks, 12: known_on, 13: life, 14: both_trees,
    15: quarters, 16: sealed_months, 17: changed_seals, 18: wrong_reports, 19: hardly, 20: working_days,
}  # fmt: skip
