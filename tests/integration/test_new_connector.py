"""From `ioc connector new` to figures in ClickHouse: a source of docs/connectors.md, and nothing of the project touched."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.kit.rig import PASSWORD, SampleRig
from ioc import clock
from ioc.clock import LOCAL
from tests.integration.sink_rig import Rig, until
from tests.worker_process import WorkerProcess

EXAMPLE = (Path(__file__).parents[2] / "docs" / "connectors.md").read_text("utf-8")
CASES = 120
UNIT = "000.00.05.H12"
HASH_KEY = "a key for tests, of 32 characters and more"


def reports() -> list[dict[str, Any]]:
    """What the hotline knows: reports of the last minutes, every third of them answered."""
    now = clock.now().astimezone(LOCAL)
    return [
        {
            "maPhanAnh": f"PA-{number:06}",
            "kenh": "1",
            "linhVuc": {"ma": "MT"},
            "trangThai": "1" if number % 3 else "2",
            "ngayTiepNhan": (now - timedelta(seconds=CASES - number)).isoformat(),
            "hanXuLy": (now + timedelta(days=5)).isoformat(),
            "ngayTraLoi": None if number % 3 else now.isoformat(),
            "mucHaiLong": None,
            "donVi": UNIT,
            "capNhat": (now - timedelta(seconds=CASES - number)).isoformat(),
            "hoTen": f"CANARY Trần Văn Thử {number}",
            "soDienThoai": "CANARY 0900 000 000",
        }
        for number in range(CASES)
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of an operator's, with the connector as the page has it after the second step."""
    made = subprocess.run(
        [sys.executable, "-m", "ioc.cli.main", "connector", "new", "hotline", "--kind", "feedback_case"],
        cwd=tmp_path, env=plain(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "[sources.more.hotline]" in made.stdout
    (edited,) = (code for code in re.findall(r"```python\n(.*?)```", EXAMPLE, re.DOTALL) if "/api/phan-anh" in code)
    (tmp_path / "connectors" / "hotline.py").write_text(re.sub("^   ", "", edited, flags=re.MULTILINE), "utf-8")
    return tmp_path


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Broker, front and migrated tables."""
    with Rig(tmp_path / "stack") as rig:
        yield rig


def plain() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("IOC_")}


def test_from_command_to_figures(folder: Path, rig: Rig) -> None:
    with ExitStack() as ends:
        source = ends.enter_context(SampleRig(folder / "connectors" / "hotline.py", rows={"cases": reports()}))
        settings = {
            **rig.environment,
            "IOC_PRIVACY__HASH_KEY": HASH_KEY,
            "IOC_SOURCES__DOSSIER__ENABLED": "false",
            "IOC_SOURCES__DIRECTORY": "connectors",
            "IOC_SOURCES__MORE__HOTLINE__ENABLED": "true",
            "IOC_SOURCES__MORE__HOTLINE__URL": source.server.url,
            "IOC_SOURCES__MORE__HOTLINE__PASSWORD": PASSWORD,
            "IOC_SOURCES__MORE__HOTLINE__PAGE_SIZE": "50",
        }
        log = ends.enter_context((folder / "ingest.log").open("wb"))
        worker = ends.enter_context(WorkerProcess(rig.kafka.bootstrap, folder))
        rig.start_sink()
        ingest = subprocess.Popen(
            [sys.executable, "-m", "ioc.cli.run", "ingest"], cwd=folder, env=settings, stdout=log, stderr=log
        )
        ends.callback(ingest.wait, 20)
        ends.callback(ingest.send_signal, signal.SIGTERM)
        client = ends.enter_context(rig.client())
        figures = (
            "SELECT code, unit, numerator FROM ioc.indicator_now "
            "WHERE code IN ('PA-001', 'PA-002') AND level = 'province'"
        )

        def counted() -> dict[str, int]:
            return {str(code): int(numerator) for code, _, numerator in client.query(figures)}

        until(lambda: counted() == {"PA-001": CASES, "PA-002": CASES // 3}, 60, "the figures of the reports")
        rows = client.query("SELECT entity, unit, channel, topic, state FROM ioc.feedback_case ORDER BY entity")
        assert len(rows) == CASES
        assert tuple(rows[0]) == ("hotline/PA-000000", UNIT, "hotline_1022", "MT", "answered")
        assert worker.process.poll() is None
        ((streams, unknown),) = client.query(
            "SELECT groupUniqArray(stream), max(unknown_fields) FROM ioc.feeds WHERE source = 'hotline'"
        )
        assert list(streams) == ["cases"]
        assert unknown == ""
    assert ingest.returncode == 0
    assert b"CANARY" not in (folder / "ingest.log").read_bytes()
