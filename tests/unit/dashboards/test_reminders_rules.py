"""Who is told, and when it goes up: no step twice, none before its time."""

from datetime import date
from pathlib import Path

import pytest

from dashboards.mail.log import Kept, Key, State
from dashboards.reminders.contacts import Book
from dashboards.reminders.plan import plan
from dashboards.reminders.rules import Due, Matter, due
from ioc.catalogue.load import load_province
from ioc.contacts import Contacts, Step, load_contacts
from ioc.errors import ConfigError

PROVINCE = load_province("ca_mau")
NAMES = {unit.code: unit.name.vi for unit in PROVINCE.unit}
ROOT, DEPARTMENT = "000.00.00.H12", "000.00.02.H12"
COMMUNE = next(unit.code for unit in PROVINCE.unit if unit.level == "commune" and unit.valid_to is None)
STEPS = (
    Step(after_working_days=0, to="unit"),
    Step(after_working_days=3, to="leader"),
    Step(after_working_days=7, to="superior"),
)
MONDAY = date(2026, 11, 23)
ADDRESSES = {"unit": ["b@x.example", "a@x.example"], "leader": ["boss@x.example"], "superior": ["chair@x.example"]}


def matter(late: int, unit: str = DEPARTMENT, series: str = "S") -> Matter:
    return Matter("report", unit, series, date(2026, 10, 1), f"{series} chậm {late}", NAMES[unit], late)


def told(one: Matter, *states: tuple[int, str, State, date]) -> dict[Key, Kept]:
    return {one.key(step, recipient): Kept(state, on) for step, recipient, state, on in states}


def step_of(
    late: int, *states: tuple[int, str, State, date], today: date = MONDAY
) -> tuple[int, tuple[str, ...]] | None:
    one = matter(late)
    found: Due | None = due(one, told(one, *states), STEPS, ADDRESSES.__getitem__, today)
    return None if found is None else (found.step, found.recipients)


Told = tuple[int, str, State, date]

ALL_OF_0: tuple[Told, ...] = (
    (0, "a@x.example", "sent", date(2026, 11, 18)),
    (0, "b@x.example", "sent", date(2026, 11, 18)),
)


def test_it_begins_with_the_unit_however_late_it_is() -> None:
    assert step_of(0) == (0, ("a@x.example", "b@x.example"))
    assert step_of(200) == (0, ("a@x.example", "b@x.example"))


@pytest.mark.parametrize("state", ["sent", "sending", "refused", "unknown"])
def test_what_was_settled_is_not_told_again(state: State) -> None:
    assert step_of(0, (0, "a@x.example", state, MONDAY), (0, "b@x.example", state, MONDAY)) is None


def test_only_who_could_not_be_reached_is_told_again() -> None:
    states: tuple[tuple[int, str, State, date], ...] = (
        (0, "a@x.example", "sent", MONDAY),
        (0, "b@x.example", "deferred", MONDAY),
    )
    assert step_of(0, *states) == (0, ("b@x.example",))


def test_who_was_added_to_the_contacts_later_is_not_told_of_an_old_step() -> None:
    assert step_of(0, (0, "a@x.example", "sent", MONDAY)) is None


def test_it_goes_up_when_it_is_late_enough_and_the_unit_had_its_days() -> None:
    # Told on Wednesday 18: Monday 23 is the third working day after it.
    assert step_of(3, *ALL_OF_0) == (1, ("boss@x.example",))
    assert step_of(2, *ALL_OF_0) is None
    assert step_of(9, *ALL_OF_0, today=date(2026, 11, 20)) is None


def test_a_day_has_one_step_of_a_matter() -> None:
    assert step_of(30, *ALL_OF_0, (1, "boss@x.example", "sent", MONDAY)) is None
    # 24 November is a day off: Monday 30 is the fourth working day after Monday 23.
    assert step_of(33, *ALL_OF_0, (1, "boss@x.example", "sent", MONDAY), today=date(2026, 11, 27)) is None
    later = date(2026, 11, 30)
    assert step_of(34, *ALL_OF_0, (1, "boss@x.example", "sent", MONDAY), today=later) == (2, ("chair@x.example",))


def test_nothing_comes_after_the_last_step() -> None:
    states: tuple[Told, ...] = (
        *ALL_OF_0,
        (1, "boss@x.example", "sent", MONDAY),
        (2, "chair@x.example", "sent", MONDAY),
    )
    assert step_of(300, *states, today=date(2026, 12, 31)) is None


def test_a_step_without_an_address_is_passed_over() -> None:
    one = matter(3)
    found = due(one, {}, STEPS, lambda to: [] if to == "unit" else ["boss@x.example"], MONDAY)
    assert found == Due(one, 1, ("boss@x.example",))
    assert due(one, {}, STEPS, lambda _: [], MONDAY) is None


CONTACTS = """
since = 2026-11-01
[brief]
to = ["Chu-Tich@tinh.example"]
[unit."000.00.00.H12"]
leader = ["chu-tich@tinh.example"]
[unit."000.00.02.H12"]
mail = ["van-thu@so.example"]
leader = ["giam-doc@so.example"]
[source.dossier]
mail = ["quan-tri@tinh.example"]
"""


def contacts(tmp_path: Path, text: str = CONTACTS) -> Contacts:
    file = tmp_path / "contacts.toml"
    file.write_text(text, encoding="utf-8")
    return load_contacts(file, PROVINCE)


def test_addresses_come_from_the_operator_s_file(tmp_path: Path) -> None:
    book = Book(contacts(tmp_path), PROVINCE, MONDAY)
    assert book.contacts.brief.to == ["chu-tich@tinh.example"]
    assert [step.after_working_days for step in book.contacts.step] == [0, 3, 7]
    assert book.unit(DEPARTMENT, "unit") == ["van-thu@so.example"]
    assert book.unit(DEPARTMENT, "superior") == ["chu-tich@tinh.example"]
    assert book.unit(COMMUNE, "unit") == []
    assert book.unit(COMMUNE, "superior") == ["chu-tich@tinh.example"]
    assert book.unit(ROOT, "superior") == []
    assert (book.source("dossier", "unit"), book.source("dossier", "leader")) == (["quan-tri@tinh.example"], [])
    assert book.source("dossier", "superior") == ["chu-tich@tinh.example"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "since: Field required"),
        ("since = 2026-11-01\n[unit.X]\nmail = []", "the province has no unit X"),
        ("since = 2026-11-01\n[brief]\nto = ['not an address']", "is not an address"),
        ("since = 2026-11-01\n[brief]\nto = ['a@b.example\\nBcc: c@d.example']", "is not an address"),
        ("since = 2026-11-01\nsinec = 1", "sinec: Extra inputs"),
        (
            "since = 2026-11-01\n[[step]]\nafter_working_days = 3\nto = 'unit'\n[[step]]\nafter_working_days = 3\nto = 'leader'",
            "must rise from step to step",
        ),
        ("since = ", "mail.contacts"),
    ],
)
def test_a_file_that_is_wrong_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        contacts(tmp_path, text)


def test_a_recipient_gets_one_mail_a_step_with_all_of_his_units(tmp_path: Path) -> None:
    book = Book(contacts(tmp_path), PROVINCE, MONDAY)
    found = [matter(1, series="A"), matter(1, series="B"), matter(9, COMMUNE, "A"), matter(9, COMMUNE, "B")]
    mails, unaddressed = plan(found, {}, book, NAMES, MONDAY)
    assert [(mail.recipient, len(mail.keys), {one.step for one in dues}) for mail, dues in mails] == [
        ("chu-tich@tinh.example", 2, {2}),
        ("van-thu@so.example", 2, {0}),
    ]
    assert unaddressed == []
    leader, unit = (mail for mail, _ in mails)
    assert unit.subject == f"Nhắc: 2 báo cáo quá hạn – {NAMES[DEPARTMENT]}"
    assert "- A chậm 1" in unit.text
    assert leader.subject == f"Báo cáo lãnh đạo: 2 báo cáo quá hạn – {NAMES[COMMUNE]}"
    # What was told is not told again, line by line.
    kept = {unit.keys[0]: Kept("sent", MONDAY)}
    (_, (rest, _)), _ = plan(found, kept, book, NAMES, MONDAY)
    assert rest.keys == unit.keys[1:]


def test_whom_nobody_can_tell_is_said(tmp_path: Path) -> None:
    book = Book(contacts(tmp_path, "since = 2026-11-01"), PROVINCE, MONDAY)
    assert plan([matter(1)], {}, book, NAMES, MONDAY) == ([], [matter(1)])
