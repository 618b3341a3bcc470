"""The simulator as a process: ready, stop, restart, and what it refuses."""

import asyncio
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ingest.simulator.__main__ import build, main
from ingest.simulator.flags import parser


@asynccontextmanager
async def running(*flags: object) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """A simulator on a free port: its address and its process."""
    process = await start(*flags)
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    try:
        assert line.startswith("ready http://127.0.0.1:"), (line, await told(process) if not line else "")
        yield line.split()[1], process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def start(*flags: object) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    arguments = ["-m", "ingest.simulator", "--port", "0", "--systems", "", *map(str, flags)]
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=pipe, stderr=pipe)


async def told(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    """Exit code and what stood on standard error."""
    _, error = await process.communicate()
    return process.returncode, error.decode()


async def state(url: str) -> dict[str, Any]:
    async with aiohttp.ClientSession() as http, http.get(f"{url}/control/state") as response:
        answer: dict[str, Any] = await response.json()
        return answer


async def test_a_restart_shows_the_same_data(made_log: Path, tmp_path: Path) -> None:
    flags = ("--data-dir", tmp_path, "--log", made_log, "--backfill", 500)
    async with running(*flags, "--end-date", "2022-05-05") as (url, process):
        first = await state(url)
        kept = (tmp_path / "shift.json").read_bytes()
        process.send_signal(signal.SIGTERM)
        assert await told(process) == (0, "")
    assert first["shift_days"] == json.loads(kept)["shift_days"] == 766
    assert first["exhausted"]
    async with running(*flags, "--end-date", "2023-06-06") as (url, _):
        assert {**await state(url), "now": ""} == {**first, "now": ""}
    assert (tmp_path / "shift.json").read_bytes() == kept


async def test_without_an_end_date_the_log_ends_today(made_log: Path, tmp_path: Path) -> None:
    async with running("--data-dir", tmp_path, "--log", made_log) as (url, _):
        seen = await state(url)
    chosen = json.loads((tmp_path / "shift.json").read_bytes())
    last_local_day_ms = chosen["shift_days"] * 86_400_000 + 1_585_501_200_000
    assert 0 <= chosen["base_ms"] - last_local_day_ms < 86_400_000
    assert seen["log"]["versions"] - 1 <= seen["log"]["visible"] <= seen["log"]["versions"]


async def test_sigterm_does_not_wait_for_a_slow_answer(made_log: Path, tmp_path: Path) -> None:
    flags = ("--data-dir", tmp_path, "--log", made_log, "--end-date", "2022-05-05", "--fault", "slow=1")
    async with running(*flags) as (url, process), aiohttp.ClientSession(base_url=url) as http:
        form = {"grant_type": "client_credentials", "client_id": "connector", "client_secret": "simulator"}
        async with http.post("/oauth/token", data=form) as response:
            token = (await response.json())["access_token"]
        await http.post("/control/faults", json={"slow": {"probability": 1, "seconds": 600}})
        slow = asyncio.create_task(
            http.get("/pa/dossier/search", headers={"Authorization": f"bearer {token}"}).__aenter__()
        )
        async with asyncio.timeout(10):
            while (await state(url))["faults"] != {"slow": 1}:  # noqa: ASYNC110, the other process has no event to wait for
                await asyncio.sleep(0)
        process.send_signal(signal.SIGTERM)
        assert (await asyncio.wait_for(told(process), 5))[0] == 0
        with pytest.raises(aiohttp.ClientError):
            await slow


async def test_at_a_speed_the_log_comes_little_by_little(made_log: Path, tmp_path: Path) -> None:
    async with running("--data-dir", tmp_path, "--log", made_log, "--speed", "0.001") as (url, _):
        seen = await state(url)
    assert (seen["log"]["visible"], seen["caught_up"], seen["exhausted"]) == (1, False, False)


@pytest.fixture
def other_log(made_log: Path, tmp_path: Path) -> Path:
    """The made log with another channel."""
    other = tmp_path / "other.csv"
    other.write_text(made_log.read_text().replace("Desk", "Post"))
    return other


def test_other_data_in_the_same_directory_are_refused(
    made_log: Path, other_log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data_dir = tmp_path / "data"
    build(parser().parse_args(["--data-dir", str(data_dir), "--log", str(made_log), "--systems", ""]))
    for flags in (
        ("--log", other_log),
        ("--log", made_log, "--rate", 1),
        ("--backfill", 3),
        ("--log", made_log, "--times", 2),
        ("--log", made_log, "--history-days", 9),
    ):
        assert main(["--data-dir", str(data_dir), "--systems", "", *map(str, flags)]) == 2
        assert "shift.json: made with another --" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--log", "none.csv"], "none.csv"),
        (["--speed", "0"], "above 0"),
        (["--fault", "fire=1"], "there are http_429"),
        (["--fault", "slow=2"], "NAME=PROBABILITY"),
        (["--rate", "-1"], "from 0"),
        (["--end-date", "tomorrow"], "--end-date"),
        (["--systems", "school"], "school: there are "),
        (["--times", "0"], "above 0"),
        (["--mqtt", "broker"], "give HOST:PORT"),
        (["--login", "connector:x"], "SYSTEM=USER:PASSWORD"),
        (["--webhook", "http://127.0.0.1:9/"], "no key to sign with; give --webhook-secret-file or SIMULATOR_"),
        (["--webhook", "http://127.0.0.1:9/", "--webhook-secret-file", "none"], "none: No such file"),
    ],
)
def test_wrong_flags_are_one_clear_sentence(
    tmp_path: Path, flags: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code: object = main(["--data-dir", str(tmp_path), "--systems", "", *flags])
    except SystemExit as ended:
        code = ended.code
    assert (code, said in capsys.readouterr().err) == (2, True)


async def test_a_broken_shift_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "shift.json").write_text("{")
    code, error = await told(await start("--data-dir", tmp_path))
    assert (code, "shift.json" in error, len(error.splitlines())) == (2, True, 1)


async def test_a_busy_port_is_refused(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, error = await told(await start("--data-dir", tmp_path, "--port", taken.getsockname()[1]))
    assert (code, "--port" in error, "Traceback" in error) == (2, True, False)


async def test_a_directory_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, error = await told(await start("--data-dir", tmp_path / "file" / "below"))
    assert (code, "--data-dir" in error, "Traceback" in error) == (2, True, False)
