"""The report of a real database, by its commands: figures as the views have them, kill -9 between sending and receipt."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ioc.catalogue.load import load_catalogue
from tests.clickhouse_front import ROOT, FrontProcess
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
