"""The report of a real database, by its commands: figures as the views have them, kill -9 between sending and receipt."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from ioc.catalogue.load import load_catalogue
from tests.clickhouse_front import ROOT, FrontProcess
from tests.kafka_broker import free_ports
from tests.report_receiver import Receiver
from tests.wall_world import ROOT_UNIT, World


@pytest.fixture(scope="module")
def world(clickhouse_front: FrontProcess) -> World:
    made = World(clickhouse_front, "reported").migrate().fill(200)
    made.heartbeat()
    return made


class Sender:
    """`ioc report` in a folder of its own, sending to a receiver."""

    def __init__(self, world: World, folder: Path, url: str) -> None:
        where = world.settings
        self.folder = folder
        self.outbox = folder / "outbox"
        own = {name: value for name, value in os.environ.items() if not name.startswith("IOC_")}
        self.environment = own | {
            "IOC_CLICKHOUSE__HTTP_PORT": str(where.http_port), "IOC_CLICKHOUSE__DATABASE": where.database,
            "IOC_CLICKHOUSE__ANALYST__PASSWORD": world.front.users["ioc_analyst"].password,
            "IOC_EMBEDDED__DATA_DIR": str(folder), "IOC_REPORT__URL": url, "IOC_REPORT__OUTBOX": str(self.outbox),
            "IOC_REPORT__KEY_FILE": str(folder / "key.pem"), "IOC_REPORT__LEVELS": "province, department",
        }  # fmt: skip

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "ioc.cli.main", "report", *words]
        return subprocess.Popen(
            command, env=self.environment, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def clerk(self, **settings: str) -> subprocess.Popen[str]:
        """`ioc run report`: the month before this one is due."""
        schedule = {"day": "1", "at": "00:00", "again_s": "0.2", "attempts": "1", **settings}
        own = {f"IOC_REPORT__{name.upper()}": value for name, value in schedule.items()}
        return subprocess.Popen(
            [sys.executable, "-m", "ioc.cli.run", "report"], env=self.environment | own, cwd=ROOT, text=True
        )

    def reports(self) -> dict[str, str]:
        """State of each report of the outbox."""
        return {file.parent.name: json.loads(file.read_bytes())["state"] for file in self.outbox.glob("*/state.json")}

    def run(self, *words: str, code: int = 0) -> str:
        process = self.start(*words)
        out, problem = process.communicate(timeout=120)
        assert process.returncode == code, out + problem
        return (out or problem).strip()

    def state(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.outbox / name / "state.json").read_bytes())
        return found

    def killed_at(self, receiver: Receiver, requests: int) -> None:
        """Pushes, and dies by kill -9 when so many requests have come."""
        process = self.start("push")
        receiver.waits(requests)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
        assert process.returncode == -signal.SIGKILL


MONTH = date.today().replace(day=1)  # noqa: DTZ011 (the month of the made-up dossiers; both clocks agree on it but for hours)


def test_a_report_from_the_tables_to_its_receipt(world: World, tmp_path: Path) -> None:
    with Receiver() as receiver:
        sender = Sender(world, tmp_path, receiver.url)
        assert sender.run("key", str(tmp_path / "key.pem")).startswith("-----BEGIN PUBLIC KEY-----")
        month = f"{MONTH:%Y-%m}"
        name = sender.run("make", month)
        assert "nothing new to report" in sender.run("make", month)
        whole = json.loads((sender.outbox / name / "report.json").read_bytes())
        figures = {(one["code"], one["unit"]): one for one in whole["figures"]}
        plain = [i for i in load_catalogue().indicators.values() if i.kind != "composite"]
        departments = world.query(
            "SELECT count() FROM units FINAL WHERE level = 'department' AND NOT gone AND valid_to IS NULL"
        )[0][0]
        assert len(figures) == sum(("province" in i.levels) + departments * ("department" in i.levels) for i in plain)
        for code in ("DVC-001", "DVC-002", "PA-001"):
            for unit, numerator, denominator, value, provisional in world.query(
                "SELECT unit, numerator, denominator, value, provisional "
                f"FROM flow_period(code = '{code}', grain = 'month', tree = 'then') "
                f"WHERE period_start = '{MONTH}' AND level IN ('province', 'department')"
            ):
                one = figures[code, unit]
                found = (one["numerator"], one["denominator"], one["value"], one["provisional"])
                assert found == (numerator, denominator, value, provisional)
        assert figures["DVC-001", ROOT_UNIT]["value"] is not None
        assert figures["DVC-012", ROOT_UNIT]["target"] == 85.0
        assert sender.run("verify", name).endswith(f"{len(figures)} figures, provisional")
        assert sender.run("push") == f"{name}: received BC-0001"
        assert sender.run("push") == ""
        shown = sender.run("list")
        assert "received" in shown
        assert "BC-0001" in shown
        sent = tmp_path / "sent"
        sent.mkdir()
        for file, content in receiver.kept[name].items():
            (sent / file).write_bytes(content)
        assert "signature and 2 files are right" in sender.run("verify", str(sent))
        (sent / "report.json").write_bytes(b"{}")
        assert "report.json was changed" in sender.run("verify", str(sent), code=1)


@pytest.mark.parametrize("kept", [True, False])
def test_a_sender_killed_before_the_receipt_sends_no_second_report(world: World, tmp_path: Path, kept: bool) -> None:
    """Whether the receiver had kept it or not when the sender died."""
    with Receiver() as receiver:
        sender = Sender(world, tmp_path, receiver.url)
        sender.run("key", str(tmp_path / "key.pem"))
        name = sender.run("make", f"{MONTH:%Y-%m}")

        def hold(_name: str) -> None:
            time.sleep(3)

        def lose(_method: str, _name: str) -> tuple[int, str]:
            time.sleep(3)
            return 500, "lost"

        if kept:
            receiver.after = hold
        else:
            receiver.before = lose
        sender.killed_at(receiver, 1)
        assert sender.state(name)["state"] == "sent"
        assert not (sender.outbox / name / "receipt.json").exists()
        receiver.after, receiver.before = lambda _name: None, lambda _method, _name: None
        assert sender.run("push") == f"{name}: received BC-0001"
        assert [method for method, _ in receiver.asked] == (["PUT", "GET"] if kept else ["PUT", "GET", "PUT"])
        assert list(receiver.kept) == [name]


def test_what_cannot_be_reported_is_said(world: World, tmp_path: Path) -> None:
    sender = Sender(world, tmp_path, "")
    assert "ioc report key" not in sender.run("key", str(tmp_path / "key.pem"))
    assert "has not begun" in sender.run("make", f"{MONTH.year + 1}", code=1)
    assert "is no period" in sender.run("make", "last", code=1)
    name = sender.run("make", f"{MONTH:%Y-%m}")
    assert "nobody to send to" in sender.run("push", code=1)
    assert sender.state(name)["state"] == "signed"
    assert "holds no report x" in sender.run("push", "x", code=1)


def waits_for(what: str, is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def open_since(port: int) -> float:
    """What the process shows of the oldest report without a receipt."""
    shown = httpx.get(f"http://127.0.0.1:{port}/healthz").text
    return float(re.findall(r"^ioc_report_open_timestamp_seconds (\S+)", shown, re.MULTILINE)[0])


def test_by_itself_each_period_once_wherever_its_process_is_killed(world: World, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with Receiver() as receiver:
        sender = Sender(world, tmp_path, receiver.url)
        sender.environment["IOC_METRICS__REPORT"] = str(port)
        sender.run("key", str(tmp_path / "key.pem"))
        receiver.before = lambda _method, _name: (503, "later")
        # Killed at moments from its start to well after its first push, again and again.
        for pause in (0.8, 1.2, 1.6, 2.0, 2.4, 3.2):
            process = sender.clerk()
            time.sleep(pause)
            process.kill()
            process.wait(30)
        process = sender.clerk()
        try:
            asked = len(receiver.asked)
            receiver.waits(asked + 2)
            waits_for("it says that a report is open", lambda: open_since(port) > 0)
            assert set(sender.reports().values()) == {"sent"}
            receiver.before = lambda _method, _name: None
            waits_for("the receipt is there", lambda: set(sender.reports().values()) == {"received"})
            waits_for("nothing is open", lambda: open_since(port) == 0)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        (name,) = sender.reports()
        assert list(receiver.kept) == [name]
        last = MONTH - timedelta(days=1)
        assert name.startswith(f"ca_mau-{last:%Y-%m}-")
        # Started again it makes and sends nothing more.
        asked = len(receiver.asked)
        process = sender.clerk()
        waits_for("it looks", lambda: _answers(port))
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert len(receiver.asked) == asked
        assert list(sender.reports()) == [name]


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz").is_success
    except httpx.TransportError:
        return False


def test_a_refused_report_stays_open_and_is_not_sent_again(world: World, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with Receiver() as receiver:
        sender = Sender(world, tmp_path, receiver.url)
        sender.environment["IOC_METRICS__REPORT"] = str(port)
        sender.run("key", str(tmp_path / "key.pem"))
        receiver.before = lambda _method, _name: (422, "not like this")
        process = sender.clerk()
        try:
            waits_for("it was refused", lambda: set(sender.reports().values()) == {"refused"})
            waits_for("it is counted", lambda: _fatal(port) == 1)
            time.sleep(1)
            assert len(receiver.asked) == 1
            assert open_since(port) > 0
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0


def _fatal(port: int) -> float:
    shown = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    found = re.findall(r'^ioc_errors_total\{error="fatal",stage="report"\} (\S+)', shown, re.MULTILINE)
    return float(found[0]) if found else 0.0


def test_a_process_without_a_usable_key_or_address_ends_with_a_sentence(world: World, tmp_path: Path) -> None:
    sender = Sender(world, tmp_path, "http://receiver.example/reports")
    assert sender.clerk().wait(60) == 1
    sender.run("key", str(tmp_path / "key.pem"))
    assert sender.clerk().wait(60) == 1
    assert not sender.outbox.exists() or not sender.reports()
