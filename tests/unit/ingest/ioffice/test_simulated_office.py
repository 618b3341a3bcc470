"""The simulated iOffice: believable volumes, the same after a restart, persons made up and marked."""

import asyncio
import io
import re
from collections import Counter
from pathlib import Path

import pytest

from ingest.simulator.ioffice.accounts import ACCOUNTS, Accounts
from ingest.simulator.ioffice.drops import Drops
from ingest.simulator.ioffice.ledger import Ledger
from ingest.simulator.ioffice.messages import Document, Message, Status
from ingest.simulator.ioffice.spoiling import WAYS
from ingest.simulator.ioffice.system import SimulatedOffice
from ingest.simulator.ioffice.timeline import Timeline
from ingest.simulator.ioffice.workfiles import WorkFiles
from ingest.simulator.ioffice.writer import Style, write
from ingest.simulator.moments import DAY_MS
from ingest.sources.ioffice.documents import changes
from ingest.sources.ioffice.edxml import read_message
from tests.conformance.connectors.ioffice import BASE_MS, Office

HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> list[Message]:
    """Two working days' messages of the whole province."""
    office = Office(tmp_path_factory.mktemp("day"), times=1.0, history_days=2.0)
    return list(Timeline(office.world, office.world.begin_ms).until(BASE_MS))


def test_volumes_are_those_of_a_province(day: list[Message]) -> None:
    documents = [message.holds for message in day if isinstance(message.holds, Document)]
    statuses = [message.holds for message in day if isinstance(message.holds, Status)]
    entries = sum(1 + len(document.receivers) for document in documents)
    assert 24_000 < entries < 34_000, "12,000 on a mean day, a quarter more on a working day"
    organs = {organ.code for document in documents for organ in (document.sender, *document.receivers)}
    assert 160 < len(organs) < 180
    assert 0.03 < sum(document.priority > 0 for document in documents) / len(documents) < 0.07
    codes = Counter(status.code for status in statuses)
    assert 0.005 < codes["02"] / codes["01"] < 0.015
    assert 0.002 < codes["13"] / len(documents) < 0.009
    assert codes["01"] > codes["03"] > codes["06"] > 1_000
    assert codes["15"] > codes["16"] > 0
    by_hour = Counter((message.at_ms + 7 * HOUR_MS) % DAY_MS // HOUR_MS for message in day)
    assert by_hour[9] > 10 * by_hour[22]


def test_messages_come_in_order_and_documents_before_their_statuses(day: list[Message]) -> None:
    moments = [message.at_ms for message in day]
    assert moments == sorted(moments)
    assert len({message.number for message in day}) == len(day)
    assert all(status.at_ms > status.document.sent_ms for m in day if isinstance(status := m.holds, Status))
    ids = Counter(message.holds.document_id for message in day if isinstance(message.holds, Document))
    assert max(ids.values()) == 1


def test_however_it_is_asked_it_is_the_same(tmp_path: Path) -> None:
    office = Office(tmp_path, times=0.05)
    world = office.world
    whole = list(Timeline(world, world.begin_ms).until(BASE_MS))
    steps = Timeline(world, world.begin_ms)
    by_steps = [m for at in range(BASE_MS - DAY_MS, BASE_MS + 1, 17 * 60_000) for m in steps.until(at)]
    by_steps += steps.until(BASE_MS)
    assert by_steps == whole
    later = BASE_MS - 5 * HOUR_MS
    assert list(Timeline(world, later).until(BASE_MS)) == [m for m in whole if m.at_ms >= later]


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_writing_says_the_same(day: list[Message], way: str) -> None:
    style = Style(**WAYS[way] | ({"attached": 9_000} if way == "huge_attachment" else {}))  # type: ignore[arg-type]
    kinds = set()
    for message in day[:: len(day) // 60]:
        plain, other = (read_message(io.BytesIO(write(message, one))) for one in (Style(), style))
        assert (plain.fault, other.fault) == (None, None)
        assert changes(other.fields) == changes(plain.fields)
        kinds.add(message.kind)
    assert kinds == {"edoc", "status"}


def test_personal_parts_are_marked(day: list[Message]) -> None:
    names = "Subject|Content|FullName|Staff|Mobile|Email|Telephone|Description|X509SubjectName"
    found = Counter[str]()
    for message in day[:400]:
        for name, text in re.findall(rf"<edXML:({names})>([^<]*)<", write(message).decode()):
            found[name] += 1
            assert "CANARY" in text.upper()
    assert set(names.split("|")) == set(found)


def test_accounts_change_and_a_few_vanish(tmp_path: Path) -> None:
    office = Office(tmp_path, times=1.0, history_days=1.0)
    accounts = Accounts(office.world)
    before = {row["userName"]: row for row in accounts.rows()}
    assert ACCOUNTS - 10 < len(before) <= ACCOUNTS
    office.now_ms += 4 * DAY_MS
    after = {row["userName"]: row for row in accounts.rows()}
    changed = sum(before[name] != row for name, row in after.items())
    assert 200 < changed < 1_500
    assert 0 < len(before) - len(after) < 40
    again = {row["userName"]: row for row in Accounts(office.world).rows()}
    assert again == after


def test_work_files_are_opened_and_finished(tmp_path: Path) -> None:
    office = Office(tmp_path, times=1.0, history_days=3.0)
    files = WorkFiles(office.world)
    files.advance()
    states = Counter(row["state"] for row in files.shelf.rows())
    assert 1_000 < len(files.shelf) < 3_500
    assert min(states["0"], states["1"], states["2"]) > 50
    updates = [row["updatedAt"] for row in files.shelf.rows()]
    assert updates == sorted(updates)


def test_a_restart_drops_on_from_its_mark(tmp_path: Path) -> None:
    office = Office(tmp_path, times=0.02)
    office.now_ms = BASE_MS - 4 * HOUR_MS
    office.simulated.drops.due(asyncio.Event())
    first = {path.name: path.stat().st_mtime_ns for path in office.drop_dir.iterdir()}
    office.now_ms = BASE_MS
    SimulatedOffice(office.world).drops.due(asyncio.Event())
    both = {path.name: path.stat().st_mtime_ns for path in office.drop_dir.iterdir()}
    again = [name for name, at in first.items() if both[name] != at]
    assert len(first) > 100
    assert len(both) > len(first) + 20
    assert len(again) < 5, "only those of the last moment, if any"
    reference = Office(tmp_path / "reference", times=0.02)
    reference.simulated.drops.due(asyncio.Event())
    assert {path.name for path in reference.drop_dir.iterdir()} == set(both)


def test_a_stop_ends_the_dropping_at_once_and_loses_nothing(tmp_path: Path) -> None:
    office = Office(tmp_path, times=0.02)
    whole = [message.number for message in Timeline(office.world, office.world.begin_ms).until(BASE_MS)]
    stop = asyncio.Event()
    stop.set()
    ledger = Ledger(office.world, None)
    drops = Drops(office.world, ledger, office.simulated.accounts)
    drops.due(stop)
    assert not office.drop_dir.exists()
    assert office.world.mark("dropped").read() is None
    assert len(ledger.waiting) + sum(map(len, ledger.kept.values())) <= 2
    ledger.advance()
    seen = {message.number for message in (*ledger.waiting, *ledger.kept["edoc"], *ledger.kept["status"])}
    assert seen == set(whole)
