"""The process is killed (kill -9) at the worst moments: files are whole or absent, and nobody gets a mail twice."""

import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable

import httpx
from pypdf import PdfReader

from dashboards.brief.model import parse
from dashboards.brief.words import moment
from ioc import clock
from ioc.calendar import is_working
from ioc.clock import LOCAL
from tests.integration.brief.rig import Rig
from tests.kafka_broker import free_ports

MAIN = "dashboards.brief.main"
WAIT_S = 120.0

CONTACTS = """
since = 2026-10-01
[brief]
to = ["a@tinh.example", "b@tinh.example", "c@tinh.example"]
[unit."000.00.06.H12"]
mail = ["van-thu@noi-vu.example"]
"""


def until(met: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not met():
        assert process.poll() is None, "the process ended"
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_killed_while_a_mail_is_handed_over(rig: Rig) -> None:
    """It is killed when the server has the second brief and has not answered; then it goes on with the third."""
    rig.write_contacts(CONTACTS)
    handed, released = threading.Event(), threading.Event()

    def hold() -> None:
        if len(rig.mail.taken) == 2 and not released.is_set():
            handed.set()
            released.wait(30)

    rig.mail.before_answer = hold
    with rig.process(MAIN) as first:
        until(handed.is_set, first)
        first.kill()
    released.set()
    kept = {path.name: path.read_bytes() for path in rig.folder.glob("brief-*")}
    # On a day off the brief is sent and nobody is reminded.
    reminded = int(is_working(clock.now().astimezone(LOCAL).date()))
    with rig.process(MAIN) as second:
        until(lambda: [state for *_, state in rig.states("brief")].count("sent") == 2, second)
        until(lambda: not reminded or any(state[4] == "sent" for state in rig.states("report")), second)
        second.send_signal(signal.SIGTERM)
        assert second.wait(20) == 0
    got = Counter(recipient for recipient, _ in rig.mail.taken)
    assert got == {"a@tinh.example": 1, "b@tinh.example": 1, "c@tinh.example": 1} | (
        {"van-thu@noi-vu.example": 1} if reminded else {}
    )
    briefs = rig.states("brief")
    assert [state for *_, recipient, state in briefs if recipient == "b@tinh.example"] == ["sending"]
    assert [state for *_, recipient, state in briefs if recipient == "c@tinh.example"] == ["sending", "sent"]
    assert {path.name: path.read_bytes() for path in rig.folder.glob("brief-*")} == kept


def test_killed_while_the_brief_is_made(rig: Rig) -> None:
    """It is killed when the JSON stands and page and PDF do not: the same brief is finished, not another one made."""
    with rig.process(MAIN) as first:
        until(lambda: list(rig.folder.glob("brief-*.json")), first)
        first.kill()
    (json,) = rig.folder.glob("brief-*.json")
    said = json.read_bytes()
    assert not list(rig.folder.glob("brief-*.pdf")), "it was killed in time"
    with rig.process(MAIN) as second:
        until(lambda: list(rig.folder.glob("brief-*.pdf")), second)
    assert json.read_bytes() == said
    (page,) = rig.folder.glob("brief-*.html")
    assert f"Lập lúc <b>{moment(parse(said).made_at)}</b>" in page.read_text(encoding="utf-8")
    (pdf,) = rig.folder.glob("brief-*.pdf")
    assert len(PdfReader(pdf).pages) == 1


def test_it_shows_that_it_lives_and_stops_when_asked(rig: Rig) -> None:
    (port,) = free_ports(1)
    with rig.process(MAIN, metrics={"brief": port}, brief={"at": "23:59", "directory": str(rig.folder)}) as running:

        def answers() -> bool:
            try:
                return httpx.get(f"http://127.0.0.1:{port}/healthz").is_success
            except httpx.TransportError:
                return False

        until(answers, running)
        assert "ioc_mails_total" in httpx.get(f"http://127.0.0.1:{port}/metrics").text
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 0


def test_only_one_process_sends_at_a_time(rig: Rig) -> None:
    rig.write_contacts(CONTACTS)
    held = threading.Event()

    def hold() -> None:
        held.wait(60)

    rig.mail.before_answer = hold
    office = rig.office()
    sending = threading.Thread(target=office.brief)
    sending.start()
    try:
        deadline = time.monotonic() + WAIT_S
        while not rig.mail.taken and time.monotonic() < deadline:
            time.sleep(0.02)
        other = rig.office()
        other.look()
        assert other._metrics.registry.get_sample_value(
            "ioc_errors_total", {"stage": "brief", "error": "RetriableError"}
        )
    finally:
        held.set()
        sending.join()
    assert set(Counter(recipient for recipient, _ in rig.mail.taken).values()) == {1}
