"""Whom to call: one file of the operator's, and every board and reminder says the same of it."""

from datetime import date

import pytest

from dashboards.boards import owed
from dashboards.reminders.contacts import Book
from ioc.catalogue.load import load_province
from ioc.contacts import load_contacts, with_contacts
from ioc.errors import ConfigError
from tests.integration.brief.rig import Rig

PROVINCE = load_province("ca_mau")
FILE = """
since = 2026-11-01

[unit."000.00.09.H12"]
phone = ["0290  3 000 000", "+84 (290) 3 000 001"]
mail = ["Van-Thu@stp.example"]
leader = ["giam-doc@stp.example"]
"""
SAID = "0290 3 000 000 · +84 (290) 3 000 001 · van-thu@stp.example"
DEPARTMENT = "000.00.09.H12"


def loaded(rig: Rig) -> dict[str, str]:
    return dict(rig.world.query("SELECT code, contact FROM units FINAL WHERE contact != ''"))


def test_boards_and_reminders_say_the_same(rig: Rig) -> None:
    assert loaded(rig) == {}, "the profile names nobody"
    debtor = next(row[0] for row in rig.world.query(owed.units()) if row[0])
    rig.write_contacts(FILE.replace(DEPARTMENT, debtor))
    code, said = rig.run("units", "contacts")
    assert code == 0, said
    changed, counted = said.splitlines()
    assert changed == "units: 1 rows changed, 0 gone"
    assert counted.startswith("1 of ")
    assert loaded(rig) == {debtor: SAID}
    assert rig.run("units", "contacts")[1].startswith("nothing has changed")

    for sql in (owed.units(), owed.reports()):
        rows = rig.world.query(sql)
        assert {SAID in row for row in rows if debtor in row} == {True}
        assert {SAID in row for row in rows if debtor not in row} <= {False}
    book = Book(load_contacts(rig.contacts, PROVINCE), PROVINCE, date(2026, 11, 23))
    assert SAID.endswith(" · " + " · ".join(book.unit(debtor, "unit")))
    assert "giam-doc" not in SAID, "who leads it is for reminders alone"

    rig.write_contacts("since = 2026-11-01\n")
    assert rig.run("units", "contacts")[0] == 0
    assert loaded(rig) == {}


def test_each_wrong_row_is_named(rig: Rig) -> None:
    rig.write_contacts(
        FILE.replace("+84 (290) 3 000 001", "ask Mr. A")
        .replace("Van-Thu@stp.example", "van-thu")
        .replace("since", "sinse")
    )
    code, said = rig.run("units", "contacts")
    assert code == 1
    for fault in (
        "unit.000.00.09.H12.phone.1: ",
        "unit.000.00.09.H12.mail.0: ",
        "sinse: Extra inputs",
        "since: Field required",
    ):
        assert fault in said
    rig.write_contacts(FILE.replace("000.00.09.H12", "no-such-unit"))
    with pytest.raises(ConfigError, match="the province has no unit no-such-unit"):
        with_contacts(PROVINCE, rig.contacts)
    assert loaded(rig) == {}
