"""A small system over real HTTP: the door, the faults, the control; and what it drops into its folder."""

import asyncio
import base64
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from ingest.simulator.clock import SimulatedClock
from ingest.simulator.drops import Mark, drop
from ingest.simulator.faults import COMMON, Faults
from ingest.simulator.journal import Journal
from ingest.simulator.moments import DAY_MS
from ingest.simulator.records import HUGE_BYTES, spoil_by
from ingest.simulator.server import DossierServer
from ingest.simulator.system import SimulatedSystem, World
from ingest.simulator.tidy import remove_old
from tests.unit.ingest.simulator.clinic import DAY_CAP, FORM, Clinic

BASE_MS = 1_795_000_000_000
BASIC = {"Authorization": "Basic " + base64.b64encode(b"connector:simulator").decode()}


def world(tmp_path: Path, **changed: Any) -> World:
    clock = SimulatedClock(0, 0, wall=lambda: BASE_MS + 3_600_000)
    return World("clinic", 7, BASE_MS, clock, tmp_path / "kept", faults=Faults(names=COMMON), **changed)


@dataclass
class Served:
    """The small system behind a server."""

    http: "TestClient[Any, Any]"
    faults: Faults

    async def visits(self, **query: str) -> Any:
        response = await self.http.get("/clinic/visits", params=query, headers=BASIC)
        assert response.status == 200, await response.text()
        return await response.json()

    async def set_faults(self, **faults: object) -> int:
        return (await self.http.post("/control/faults", json=faults)).status

    async def state(self) -> Any:
        return await (await self.http.get("/control/state")).json()


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    own = world(tmp_path)
    system: SimulatedSystem = Clinic(own)
    server = DossierServer(Journal([], None), own.clock, Faults(), beside=[(own, system)])
    async with TestClient(TestServer(server.app())) as client:
        yield Served(client, own.faults)


async def test_a_restart_and_a_second_reading_show_the_same(served: Served, tmp_path: Path) -> None:
    page = await served.visits()
    assert len(page) == DAY_CAP
    assert await served.visits() == page
    again = world(tmp_path / "elsewhere")
    server = DossierServer(Journal([], None), again.clock, Faults(), beside=[(again, Clinic(again))])
    async with TestClient(TestServer(server.app())) as client:
        assert await Served(client, again.faults).visits() == page
    since = await served.visits(since=str(page[10]["at"]))
    assert since[: DAY_CAP - 10] == page[10:]


async def test_nothing_before_the_history_nothing_after_now(served: Served) -> None:
    assert (await served.visits())[0]["at"] >= BASE_MS - 2 * DAY_MS
    last = await served.visits(since=str(BASE_MS + 3_540_000))
    assert last
    assert all(BASE_MS + 3_540_000 <= visit["at"] < BASE_MS + 3_600_000 for visit in last)


async def test_the_door_needs_a_login(served: Served) -> None:
    for headers in ({}, {"Authorization": "Basic !"}, {"Authorization": "bearer 12"}, {"Authorization": "Basic eDp5"}):
        assert (await served.http.get("/clinic/visits", headers=headers)).status == 401
    assert (await served.http.get("/clinic/scan")).status == 200
    posted = await served.http.post("/clinic/echo", data=b"12345", headers=BASIC)
    assert (posted.status, await posted.json()) == (202, {"got": 5})


async def token(served: Served, **changed: str) -> "aiohttp.ClientResponse":
    form = {"grant_type": "client_credentials", "client_id": "connector", "client_secret": "simulator", **changed}
    return await served.http.post("/clinic/token", data=form)


async def test_a_token_is_given_and_can_expire(served: Served) -> None:
    assert (await token(served, client_secret="wrong")).status == 401
    assert (await token(served, grant_type="password")).status == 400
    bearer = {"Authorization": f"Bearer {(await (await token(served)).json())['access_token']}"}
    assert (await served.http.get("/clinic/visits", headers=bearer)).status == 200
    await served.set_faults(expired_session={"times": 1})
    seen = [(await served.http.get("/clinic/visits", headers=bearer)).status for _ in range(2)]
    assert seen == [401, 401]
    await served.set_faults(expired_session={"times": 1})
    seen = [(await served.http.get("/clinic/visits", headers=BASIC)).status for _ in range(2)]
    assert seen == [401, 200]


async def test_a_wrong_request_is_told_so(served: Served) -> None:
    response = await served.http.get("/clinic/visits", params={"since": "x"}, headers=BASIC)
    assert response.status == 400
    assert (await response.json())["message"].startswith("since: ")


async def test_gate_faults_meet_every_route(served: Served) -> None:
    await served.set_faults(**{"clinic.http_429": {"times": 2, "retry_after": 3}})
    refused = await served.http.get("/clinic/visits", headers=BASIC)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "3")
    assert (await token(served)).status == 429
    await served.set_faults(**{"clinic.http_5xx": {"times": 3}})
    assert [(await served.http.get("/clinic/scan")).status for _ in range(4)] == [500, 502, 503, 200]


async def test_body_faults_spoil_json_and_xml(served: Served) -> None:
    true = await (await served.http.get("/clinic/visits.xml", headers=BASIC)).read()
    await served.set_faults(truncated={"times": 1})
    assert await (await served.http.get("/clinic/visits.xml", headers=BASIC)).read() == true[: len(true) // 2]
    await served.set_faults(**{"clinic.wrong_encoding": {"times": 1}})
    odd = await served.http.get("/clinic/visits.xml", headers=BASIC)
    assert odd.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert (await odd.read()).decode("cp1258").startswith('<?xml version="1.0" encoding="UTF-8"?><kha')
    await served.set_faults(**{"clinic.dropped": {"times": 1}})
    with pytest.raises(aiohttp.ClientPayloadError):
        await (await served.http.get("/clinic/visits.xml", headers=BASIC)).read()
    await served.set_faults(**{"clinic.slow": {"times": 1, "seconds": 0.2}})
    began = asyncio.get_running_loop().time()
    assert await (await served.http.get("/clinic/visits.xml", headers=BASIC)).read() == true
    assert asyncio.get_running_loop().time() - began >= 0.2


async def test_what_is_no_text_has_no_wrong_encoding(served: Served) -> None:
    await served.set_faults(**{"clinic.wrong_encoding": {"times": 1}})
    scan = await served.http.get("/clinic/scan")
    assert (scan.headers["Content-Type"], await scan.read()) == ("image/jpeg", b"\xff\xd8" * 100)


async def test_record_faults_lose_no_true_record(served: Served) -> None:
    true = await served.visits()
    for name in ("missing_required", "huge_record", "duplicate", "unknown_field", "out_of_order"):
        await served.set_faults(**{f"clinic.{name}": {"times": 1}})
        page = await served.visits()
        kept = [{key: visit.get(key) for key in ("id", "at", "ward")} for visit in page]
        assert page != true, name
        assert all(visit in kept for visit in true), name
        assert await served.visits() == true, name
    state = (await served.state())["systems"]["clinic"]
    assert sum(state["faults"].values()) == 5


def test_each_record_fault_does_what_it_is_called() -> None:
    faults = Faults(names=COMMON)
    page: list[dict[str, Any]] = [{"id": number, "note": ""} for number in range(9)]
    assert "id" not in spoil_by("missing_required", page, FORM, faults)[9]
    assert len(spoil_by("huge_record", page, FORM, faults)[9]["note"]) == HUGE_BYTES
    assert len(spoil_by("duplicate", page, FORM, faults)) == 12
    assert all("TruongMoi" in record for record in spoil_by("unknown_field", page, FORM, faults))
    assert spoil_by("out_of_order", page, FORM, faults) != page
    with pytest.raises(ValueError, match="fire"):
        spoil_by("fire", page, FORM, faults)


async def test_a_fault_of_its_own(served: Served) -> None:
    await served.set_faults(odd_code={"times": 2})
    page = await served.visits()
    assert [visit["ward"] for visit in page[:3]].count("?") == 2
    assert (await served.state())["systems"]["clinic"]["faults"] == {"odd_code": 2}


async def test_faults_are_set_for_one_system_or_for_all_that_know_them(served: Served) -> None:
    await served.set_faults(http_5xx={"times": 1}, key_case={"times": 1})
    told = await (await served.http.get("/control/faults")).json()
    assert set(told["settings"]) == {"http_5xx", "key_case"}
    assert set(told["systems"]["clinic"]["settings"]) == {"http_5xx"}
    await served.set_faults(**{"dossier.http_5xx": None})
    told = await (await served.http.get("/control/faults")).json()
    assert (set(told["settings"]), set(told["systems"]["clinic"]["settings"])) == ({"key_case"}, {"http_5xx"})
    assert "odd_code" in told["systems"]["clinic"]["names"]
    assert "odd_code" not in told["names"]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"fire": {"times": 1}}, "no fault 'fire'; there are http_429"),
        ({"clinic.key_case": {"times": 1}}, "no fault 'key_case'; there are http_429"),
        ({"school.slow": {"times": 1}}, "no system 'school'; there are dossier, clinic"),
        ({"odd_code": {"times": 1}, "slow": {"often": 1}}, "fault slow: no setting often"),
    ],
)
async def test_a_wrong_fault_changes_nothing(served: Served, wanted: dict[str, object], said: str) -> None:
    response = await served.http.post("/control/faults", json=wanted)
    assert (response.status, said in (await response.json())["message"]) == (400, True)
    assert served.faults.settings == {}


async def test_the_state_tells_of_each_system(served: Served) -> None:
    await served.visits()
    state = await served.state()
    assert state["systems"] == {"clinic": {"requests": 1, "dropped": 0, "faults": {}}}
    assert state["requests"] == 0


async def run_until(system: Clinic, condition: Any) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(system.run(stop))
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 (a folder tells nobody)
            await asyncio.sleep(0.005)
    stop.set()
    await running


async def test_files_are_dropped_once_over_restarts(tmp_path: Path) -> None:
    folder = tmp_path / "drop"
    first = world(tmp_path, drop_dir=folder, history_days=0.02)
    one = Clinic(first)
    await run_until(one, (tmp_path / "kept" / "visits.json").exists)
    names = {path.name for path in folder.iterdir()}
    assert one.dropped == len(names) > 100
    assert all(name.endswith(".txt") for name in names)
    later = replace(first, clock=SimulatedClock(0, 0, wall=lambda: BASE_MS + 7_200_000))
    two = Clinic(later)
    await run_until(two, lambda: (Mark(tmp_path / "kept" / "visits.json").read() or 0) > BASE_MS + 3_600_000)
    assert {path.name for path in folder.iterdir()} > names
    assert two.dropped == len(list(folder.iterdir())) - len(names)


async def test_without_a_folder_nothing_runs(tmp_path: Path) -> None:
    async with asyncio.timeout(5):
        await Clinic(world(tmp_path)).run(asyncio.Event())


async def test_spoiled_files_come_beside_the_whole_ones(tmp_path: Path) -> None:
    folder = tmp_path / "drop"
    own = world(tmp_path, drop_dir=folder, history_days=0.02)
    own.faults.configure({name: {"times": 1} for name in ("truncated", "wrong_encoding", "duplicate")})
    clinic = Clinic(own)
    await run_until(clinic, (tmp_path / "kept" / "visits.json").exists)
    spoiled = {path.stem.split("-")[1]: path for path in folder.glob("*-*.txt")}
    assert set(spoiled) == {"truncated", "wrong_encoding", "duplicate"}
    whole = (folder / f"{spoiled['duplicate'].stem.split('-')[0]}.txt").read_bytes()
    assert spoiled["duplicate"].read_bytes() == whole
    assert spoiled["truncated"].read_bytes() == whole[: len(whole) // 2]
    assert spoiled["wrong_encoding"].read_bytes() not in {whole, b""}
    assert len(list(folder.iterdir())) == clinic.dropped + 3


def test_a_dropped_file_replaces_and_leaves_nothing_unfinished(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.xml"
    drop(path, b"one")
    drop(path, b"two")
    assert [(one.name, one.read_bytes()) for one in path.parent.iterdir()] == [("a.xml", b"two")]


def test_a_damaged_mark_is_named(tmp_path: Path) -> None:
    (tmp_path / "visits.json").write_text("12x")
    with pytest.raises(ValueError, match=r"visits\.json.*delete it"):
        Mark(tmp_path / "visits.json").read()
    assert Mark(tmp_path / "none.json").read() is None


async def test_old_files_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / "drop" / "clinic"
    drop(folder / "old.txt", b"")
    drop(folder / "in" / "old.txt", b"")
    drop(folder / "new.txt", b"")
    for old in (folder / "old.txt", folder / "in" / "old.txt"):
        os.utime(old, (0, time.time() - 100))
    stop = asyncio.Event()
    running = asyncio.create_task(remove_old(folder, 60, stop))
    async with asyncio.timeout(10):
        while (folder / "in" / "old.txt").exists() or (folder / "old.txt").exists():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    stop.set()
    await running
    assert (folder / "new.txt").exists()
