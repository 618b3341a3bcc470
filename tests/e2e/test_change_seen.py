"""A record changed at a source is seen changing on the wall, in a page that is never loaded again, also across kill -9 of what lies between."""

import math
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingest.simulator.server import Access
from ioc.clock import LOCAL
from tests.browser import chromium, screenshot
from tests.e2e.held_sources import DossierSystem, Folder, Letter, Paper, Report, Stay, feedback_record, push
from tests.e2e.live_stack import LiveStack
from tests.e2e.read_before import read_before
from tests.e2e.watcher import PROVINCE, Watcher, place_of, rows_of
from tests.kafka_broker import free_ports
from tests.wall_page import decimals, number

OFFICE, DEPARTMENT, HOSPITAL = "000.00.01.H12", "000.00.09.H12", "96001"
SECRET = "a secret of the test, of 32 characters and more"
VICTIMS = ("worker", "sink", "wall")
SHOWN = ("DVC-003", "VB-003", "VB-006", "YT-004", "PA-003")
"""Figures of each system: what stands open late of dossiers and of citizens' reports, letters signed, the time to handle one, visits insured."""
PATIENCE_S = 240.0
"""A bound on hanging, not a measure of speed."""

pytestmark = pytest.mark.timeout(1200)


@dataclass
class Records:
    """What the sources hold, by what names a record there."""

    papers: dict[str, Paper] = field(default_factory=dict)
    letters: dict[str, Letter] = field(default_factory=dict)
    stays: dict[str, Stay] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)

    def truth(self, now: datetime) -> Mapping[str, float | None]:
        """The province's figures, counted from the records alone."""
        today = now.astimezone(LOCAL).date()

        def overdue(due: datetime) -> bool:
            return due.astimezone(LOCAL).date() < today

        def this_year(moment: datetime) -> bool:
            return moment.astimezone(LOCAL).year == today.year

        done = [p for p in self.papers.values() if p.finished is not None and this_year(p.finished)]
        closed = [letter for letter in self.letters.values() if letter.closed and this_year(letter.closed)]
        hours = [(letter.closed - letter.sent).total_seconds() / 3600 for letter in closed if letter.closed]
        return {
            "DVC-003": sum(p.finished is None and overdue(p.due) for p in self.papers.values()),
            "DVC-018": sum(
                p.finished is not None and p.finished.astimezone(LOCAL).date() > p.due.astimezone(LOCAL).date()
                for p in done
            ),
            "VB-003": _share(letter.signed for letter in self.letters.values() if this_year(letter.sent)),
            "VB-010": sum(letter.closed is None for letter in self.letters.values()),
            "VB-006": sum(hours) / len(hours) if hours else None,
            "YT-004": _share(stay.insured for stay in self.stays.values() if this_year(stay.admitted)),
            "PA-002": sum(r.answered is not None and this_year(r.answered) for r in self.reports.values()),
            "PA-003": sum(r.answered is None and overdue(r.due) for r in self.reports.values()),
        }


def _share(held: Iterable[bool]) -> float | None:
    """Percent."""
    each = list(held)
    return 100 * sum(each) / len(each) if each else None


class World:
    """The sources with the stack that reads them."""

    def __init__(self, folder: Path, dossiers: DossierSystem) -> None:
        self.now = datetime.now(LOCAL).replace(microsecond=0)
        self.records = Records()
        self.dossiers = dossiers
        self.office, self.health = Folder(folder / "office"), Folder(folder / "health")
        self.webhook = ""

    def ago(self, days: float) -> datetime:
        """So many days before the start of the test."""
        return self.now - timedelta(days=days)

    def paper(self, paper: Paper, updated: datetime | None = None) -> None:
        """A dossier as it is from now on."""
        self.records.papers[paper.code] = paper
        self.dossiers.put(paper, updated)

    def letter(self, letter: Letter) -> None:
        """A letter, or that it is handled."""
        self.records.letters[letter.entity] = letter
        self.office.put_letter(letter)

    def stay(self, stay: Stay) -> None:
        """A visit, or its correction."""
        self.records.stays[stay.entity] = stay
        self.health.put_stay(stay)

    def report(self, report: Report) -> None:
        """A citizen's report as it is from now on."""
        self.records.reports[report.entity] = report
        push(self.webhook, SECRET, feedback_record(report, datetime.now(LOCAL)))

    def begin(self) -> list[dict[str, Any]]:
        """What has been there for days; gives what citizens' systems have pushed of it."""
        ago = self.ago
        for paper in (
            Paper("H12-D1", DEPARTMENT, ago(20), ago(5)),
            Paper("H12-D2", DEPARTMENT, ago(30), ago(12)),
            Paper("H12-D3", OFFICE, ago(10), ago(-5)),
            Paper("H12-D4", OFFICE, ago(15), ago(8), ago(9)),
            Paper("H12-D5", DEPARTMENT, ago(25), ago(9), ago(4)),
        ):
            self.paper(paper, ago(3))
        for number_of_letter in (1, 2, 3):
            self.letter(Letter(number_of_letter, OFFICE, ago(number_of_letter + 2)))
        self.letter(replace(self.records.letters[Letter(3, OFFICE, ago(5)).entity], closed=ago(3)))
        for link in ("LK1", "LK2"):
            self.stay(Stay(link, HOSPITAL, ago(4), compiled=ago(3)))
        reports = [
            Report("PA1", DEPARTMENT, ago(9), ago(4)),
            Report("PA2", DEPARTMENT, ago(8), ago(3)),
            Report("PA3", OFFICE, ago(7), ago(3), ago(4)),
        ]
        self.records.reports = {report.entity: report for report in reports}
        return [feedback_record(report, ago(3)) for report in reports]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveStack, World]]:
    """The whole stack over four sources whose records it has known since yesterday."""
    # What changes before midnight would else be asked for after it.
    _until(lambda: datetime.now(LOCAL).strftime("%H:%M") < "23:56", "the end of a day", 300)
    folder, (port,) = tmp_path_factory.mktemp("sources"), free_ports(1)
    access = Access("connector", "a password of the test", "VN:GOV:test")
    settings = {
        "IOC_EMBEDDED__SIMULATOR__ENABLED": "false",
        # Beside the way from the sources to the wall.
        "IOC_BRIEF__ENABLED": "false",
        "IOC_EMBEDDED__MQTT": "false",
        "IOC_EMBEDDED__PROMETHEUS": "false",
        "IOC_SOURCES__DOSSIER__URL": f"http://127.0.0.1:{port}",
        "IOC_SOURCES__DOSSIER__USER": access.user,
        "IOC_SOURCES__DOSSIER__PASSWORD": access.password,
        "IOC_SOURCES__DOSSIER__DSTCODE": access.dstcode,
        "IOC_SOURCES__IOFFICE__URL": "",
        "IOC_SOURCES__IOFFICE__DROP_DIR": str(folder / "office"),
        "IOC_SOURCES__HEALTH__FHIR_URL": "",
        "IOC_SOURCES__HEALTH__RECORDS_URL": "",
        "IOC_SOURCES__HEALTH__DROP_DIR": str(folder / "health"),
        "IOC_SOURCES__HUB__CKAN_URL": "",
        "IOC_SOURCES__HUB__LGSP_URL": "",
        "IOC_SOURCES__HUB__WEBHOOK__SECRET": SECRET,
        "IOC_WALL__REFRESH_S": "1",
        **{f"IOC_SOURCES__{name}__ENABLED": "true" for name in ("IOFFICE", "HEALTH", "HUB")},
        **{f"IOC_SOURCES__{name}__SETTLE_S": "0.2" for name in ("IOFFICE", "HEALTH")},
    }
    with DossierSystem(port, access) as dossiers:
        world = World(folder, dossiers)
        pushed = world.begin()
        with LiveStack(tmp_path_factory.mktemp("stack"), settings) as live:
            hook = live.settings.sources.hub.webhook
            world.webhook = f"http://{hook.host}:{hook.port}"
            # Dossiers; letters in two registers each, and what is said of one in two facts each; visits; reports.
            assert read_before(live.settings, world.ago(1), pushed) == 5 + (6 + 4) + 2 + 3
            yield live, world


def _until(holds: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"not reached within {patience_s:.0f} s: {what}")
        time.sleep(0.2)


def _equal(shown: str | None, true: float | None) -> bool:
    if shown is None or true is None or not re.search(r"\d", shown):
        return (shown is None or not re.search(r"\d", shown)) and true is None
    half_a_digit: float = 0.5 * 10 ** -decimals(shown)
    return abs(number(shown) - true) <= half_a_digit + 1e-9


def _stored(live: LiveStack) -> dict[str, float | None]:
    """What ClickHouse says; nothing while it or the sink is away."""
    try:
        rows = live.query(f"SELECT code, value FROM indicator_now WHERE unit = '{PROVINCE}'")
    except httpx.HTTPError:
        return {}
    return {row["code"]: row["value"] for row in rows}


def _seen(live: LiveStack, world: World, watcher: Watcher, codes: tuple[str, ...] = SHOWN) -> None:
    """Waits until the sources' records, ClickHouse and the page say the same of every figure, with its age."""
    said: list[object] = []

    def agree() -> bool:
        true, stored = world.records.truth(datetime.now(LOCAL)), _stored(live)
        wrong = {code: stored.get(code) for code in true if not _close(stored.get(code), true[code])}
        tiles: dict[str, dict[str, Any]] = {code: watcher.shown(code) for code in codes}
        said[:] = [true, f"in ClickHouse {wrong}", {code: (one["figure"], one["age"]) for code, one in tiles.items()}]
        return not wrong and all(
            _equal(one["figure"], true[code]) and re.search(r"\d+ (giây|phút)", one["age"])
            for code, one in tiles.items()
        )

    try:
        _until(agree, "the figures")
    except pytest.fail.Exception:
        pytest.fail(f"by the records, ClickHouse and the page: {said}")


def _close(stored: float | None, true: float | None) -> bool:
    if stored is None or true is None:
        return stored is true
    return math.isclose(stored, true, rel_tol=1e-9, abs_tol=1e-9)


def _listed(watcher: Watcher, code: str, entity: str, reason: str, *, counts: bool) -> None:
    """Waits until the indicator's dashboard names the record among what has changed today, and among what is counted or not."""
    page = watcher.behind(code)
    said: list[object] = []

    def named() -> bool:
        changes = [row for row in rows_of(page, "Thay đổi từ đầu ngày") if row.get("Mã") == entity]
        items = [row["Mã"] for row in rows_of(page, "Con số này gồm những gì") if "Mã" in row]
        said[:] = [changes, items]
        return [row["Lý do"] for row in changes] == [reason] and (entity in items) == counts

    try:
        _until(named, f"{entity} behind {code}")
    except pytest.fail.Exception:
        screenshot(page, f"e2e-behind-{code}")
        pytest.fail(f"{entity} behind {code}: changes and items are {said}")
    finally:
        page.close()


def _kill(live: LiveStack) -> dict[str, int]:
    return {name: live.kill(name) for name in VICTIMS}


def _back(live: LiveStack, killed: Mapping[str, int]) -> bool:
    found = {one["name"]: one for one in live.status()["components"]}
    return all(
        found[name]["pid"] not in (None, pid) and found[name]["state"] == "ready" for name, pid in killed.items()
    )


def test_a_record_changed_at_a_source_is_seen_changing_on_the_wall(running: tuple[LiveStack, World]) -> None:
    live, world = running
    records, ago = world.records, world.ago
    with chromium() as browser:
        watcher = Watcher(browser, f"http://127.0.0.1:{live.settings.wall.port}")
        _seen(live, world, watcher)
        before = {code: watcher.shown(code)["figure"] for code in SHOWN}

        now = datetime.now(LOCAL).replace(microsecond=0)
        world.paper(replace(records.papers["H12-D1"], finished=now))
        letter = next(one for one in records.letters.values() if one.number == 1)
        world.letter(replace(letter, closed=now))
        world.stay(replace(records.stays[f"{HOSPITAL}/LK1"], insured=False, compiled=now))
        world.report(replace(records.reports["1022/PA1"], answered=now))
        _seen(live, world, watcher)
        changed = {code: watcher.shown(code)["figure"] for code in SHOWN}
        assert {code for code in SHOWN if changed[code] != before[code]} == {"DVC-003", "VB-006", "YT-004", "PA-003"}
        screenshot(watcher.page(place_of("DVC-003")), "e2e-change-seen")
        for code, entity, reason, counts in (
            ("DVC-003", "H12-D1", "Không còn được tính", False),
            ("DVC-018", "H12-D1", "Bắt đầu được tính", True),
            ("VB-010", letter.entity, "Không còn được tính", False),
            ("VB-006", letter.entity, "Bắt đầu được tính", True),
            ("YT-004", f"{HOSPITAL}/LK1", "Sửa số liệu", True),
            ("PA-003", "1022/PA1", "Không còn được tính", False),
            ("PA-002", "1022/PA1", "Bắt đầu được tính", True),
        ):
            _listed(watcher, code, entity, reason, counts=counts)

        killed = _kill(live)
        world.paper(Paper("H12-D6", DEPARTMENT, ago(9), ago(2)))
        unsigned = Letter(4, OFFICE, ago(2), signed=False)
        world.letter(unsigned)
        world.stay(Stay("LK3", HOSPITAL, ago(2), compiled=now))
        world.report(Report("PA4", DEPARTMENT, ago(10), ago(3)))
        _until(lambda: _back(live, killed), f"{', '.join(VICTIMS)} started again")
        _seen(live, world, watcher)
        again = {code: watcher.shown(code)["figure"] for code in SHOWN}
        assert {code for code in SHOWN if again[code] != changed[code]} == {"DVC-003", "VB-003", "YT-004", "PA-003"}
        assert watcher.reloaded == []
        for code, entity in (
            ("DVC-003", "H12-D6"), ("VB-010", unsigned.entity), ("YT-004", f"{HOSPITAL}/LK3"), ("PA-003", "1022/PA4")
        ):  # fmt: skip
            _listed(watcher, code, entity, "Mới ghi nhận", counts=True)
