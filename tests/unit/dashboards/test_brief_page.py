"""One side whatever there is to say, with every letter; names are text and fetch nothing."""

import io
from datetime import UTC, date, datetime, timedelta

import pytest
from pypdf import PdfReader

from dashboards.brief.compose import changes, shortfall
from dashboards.brief.main import Duty
from dashboards.brief.model import Brief, Change, Feed, Figure, Finding, Overdue, Silent, dump, parse
from dashboards.brief.page import Limits, render, subject, summary
from dashboards.brief.pdf import one_side
from ioc.catalogue.load import load_catalogue

INDICATORS = load_catalogue().indicators
NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxy áàảãạ ắằẳẵặ ấầẩẫậ éèẻẽẹ ếềểễệ íìỉĩị óòỏõọ ốồổỗộ ớờởỡợ úùủũụ ứừửữự ýỳỷỹỵ"


def figure(code: str, value: float | None, **more: object) -> Figure:
    known = INDICATORS[code]
    own: dict[str, object] = {
        "code": code, "name": known.name.vi, "kind": known.kind, "direction": known.direction, "unit_of_measure": known.unit,
        "value": value, "target": 90.0, "status": "bad", "document": "Kế hoạch 267/KH-UBND", "reference": "Phụ lục I, mục I.1: 90%",
        "responsible": known.responsible, "grain": "month", "start": date(2026, 11, 1), "provisional": True, "reported": None,
        "expected": None, "as_of": NOW - timedelta(hours=2), "age_s": 7200, "freshness": "late",
    }  # fmt: skip
    return Figure(**(own | more))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def full() -> Brief:
    """More of everything than there is room for."""
    figures = {code: figure(code, 10.0 + n / 10) for n, code in enumerate(INDICATORS)}
    codes = list(figures)
    return Brief(
        day=date(2026, 11, 23), made_at=NOW, refreshed_at=NOW, province="Tỉnh Cà Mau", figures=figures, off_target=codes, warned=[],
        overdue=[Overdue(f"U{n}", f"UBND xã {LETTERS if n == 0 else n}", 400 - n, 60) for n in range(150)],
        reports_read=True,
        silent=[Silent(f"{LETTERS.upper()} {n}", 9, "Tỷ lệ, tháng 10/2026", date(2026, 11, 10), 9) for n in range(100)],
        changes=[Change(figures[code], 30.0, 0.3, "good") for code in codes], compared_with=NOW - timedelta(days=1),
        findings=[Finding("jump", "<script src=//x>", "url(http://x.example)", "month", date(2026, 10, 1), 1, 2, NOW)] * 90,
        finding_counts={"jump": 90}, feeds=[Feed("dossier", 2, None, "no_data"), Feed("hub", 9, 90_000, "stale")],
    )  # fmt: skip


def test_it_is_one_side_and_says_what_it_left_out(full: Brief) -> None:
    content, limits = one_side(full)
    (page,) = PdfReader(io.BytesIO(content)).pages
    text = " ".join(page.extract_text().split())
    assert f"… và {338 - limits.off_target} chỉ tiêu chưa đạt khác" in text
    assert f"… và {150 - limits.overdue} đơn vị khác" in text
    assert limits.off_target >= 6
    assert min(limits.overdue, limits.silent, limits.changes) >= 3
    for word in f"{LETTERS} {LETTERS.upper()}".split():
        assert word in text, word
    assert one_side(parse(dump(full)))[0] == content


def test_names_are_text(full: Brief) -> None:
    page = render(full, Limits())
    assert "<script" not in page
    assert "&lt;script src=//x&gt;" in page


def test_rows_give_way_from_the_longest_table_and_end() -> None:
    limits: Limits | None = Limits()
    rows = []
    while limits is not None:
        rows.append(limits)
        limits = limits.fewer()
    assert rows[-1] == Limits(1, 1, 1, 1, 1)
    assert len(rows) == len(set(rows)) == 14 + 8 + 8 + 8 + 4 - 4
    assert rows[10].off_target > rows[10].overdue


def test_a_mail_says_the_first_lines(full: Brief) -> None:
    assert subject(full) == "Bản tin điều hành 23/11/2026 – Tỉnh Cà Mau: 338 chỉ tiêu chưa đạt, 100 đơn vị chậm báo cáo"
    assert "mục tiêu" in summary(full)
    assert "và 333 chỉ tiêu khác." in summary(full)


@pytest.mark.parametrize(
    ("direction", "value", "target", "expected"),
    [
        ("up", 45.0, 90.0, 0.5),
        ("down", 6.0, 4.0, 0.5),
        ("up", 0.5, 0.0, -0.5),
        ("none", 1.0, 9.0, 0.0),
        ("up", None, 9.0, 0.0),
    ],
)
def test_how_far_from_the_target(direction: str, value: float | None, target: float, expected: float) -> None:
    assert shortfall(figure("DVC-002", value, direction=direction, target=target)) == expected


def test_changes_are_of_the_same_period_and_of_what_does_not_grow_by_itself() -> None:
    before = {
        "DVC-002": figure("DVC-002", 80.0),
        "DVC-011": figure("DVC-011", 50.0),
        "DVC-003": figure("DVC-003", 2.0, grain="now"),
    }
    now = {
        "DVC-002": figure("DVC-002", 60.0),
        "DVC-011": figure("DVC-011", 50.0),
        "DVC-003": figure("DVC-003", 3.0, grain="now"),
    }
    assert [(one.figure.code, one.before, one.size) for one in changes(now, before)] == [
        ("DVC-002", 80.0, 0.25),
        ("DVC-003", 2.0, 0.1),
    ]
    assert changes({"DVC-002": figure("DVC-002", 60.0, start=date(2026, 12, 1))}, before) == []
    assert changes({"DVC-002": figure("DVC-002", 60.0, kind="count")}, before) == []
    assert changes({"DVC-002": figure("DVC-002", None)}, before) == []


def test_a_duty_is_done_once_a_day_from_its_time_on_and_again_after_a_failure() -> None:
    done: list[bool] = [False, True]
    duty = Duty("brief", "06:30", working_days=False, again_s=900, do=lambda: done.pop(0))
    early = NOW - timedelta(minutes=1)
    assert not duty.is_due(early, 0)
    assert duty.is_due(NOW, 0)
    duty.do(NOW, 0)
    assert not duty.is_due(NOW, 899)
    assert duty.is_due(NOW, 900)
    duty.do(NOW, 900)
    assert not duty.is_due(NOW + timedelta(hours=10), 99_999)
    assert duty.is_due(NOW + timedelta(days=1), 99_999)


def test_a_duty_of_working_days_rests_on_others() -> None:
    duty = Duty("reminders", "08:00", working_days=True, again_s=1, do=lambda: True)
    assert duty.is_due(datetime(2026, 11, 23, 1, 0, tzinfo=UTC), 0)
    # A Sunday, and the Vietnamese Culture Day.
    assert not duty.is_due(datetime(2026, 11, 22, 5, 0, tzinfo=UTC), 0)
    assert not duty.is_due(datetime(2026, 11, 24, 5, 0, tzinfo=UTC), 0)
