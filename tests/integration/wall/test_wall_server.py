"""The wall's HTTP interface over the real engine: what it answers, what it survives, how it ends."""

import json
import re
import signal
import subprocess
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from dashboards.build import WALL
from dashboards.wall.app import STATIC
from tests.clickhouse_front import FrontProcess
from tests.wall_page import LAYOUT, panel_of
from tests.wall_world import WallProcess, World


def frames(wall: WallProcess) -> dict[str, Any]:
    answer = httpx.get(f"{wall.url}/api/frames", timeout=30)
    assert answer.status_code == 200
    found = answer.json()
    assert isinstance(found, dict)
    return found


def events(wall: WallProcess, count: int, timeout_s: float = 30.0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    with httpx.stream("GET", f"{wall.url}/api/stream", timeout=timeout_s) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                found.append(json.loads(line.removeprefix("data: ")))
                if len(found) == count:
                    break
    return found


def test_every_query_of_the_dashboard_is_answered(wall: WallProcess) -> None:
    panels = frames(wall)["panels"]
    asked = {
        (str(panel["id"]), target["refId"])
        for panel in json.loads(WALL.read_text(encoding="utf-8"))["panels"]
        for target in panel.get("targets", [])
    }
    assert {(panel, ref) for panel, found in panels.items() for ref in found} == asked
    errors = {
        panel: result["error"] for panel, found in panels.items() for result in found.values() if "error" in result
    }
    assert not errors


def test_frames_are_what_clickhouse_holds(wall: WallProcess, world: World) -> None:
    stored = dict(world.query("SELECT code, value FROM indicator_now WHERE level = 'province'"))
    panels = frames(wall)["panels"]
    compared = 0
    for row in LAYOUT.sector:
        frame = panels[str(panel_of(row.code))]["A"]
        for one in row.vital:
            assert frame["rows"][0][frame["columns"].index(one.code)] == stored[one.code], one.code
            compared += 1
    assert compared >= 26


def test_stream_tells_all_and_then_what_changed(wall: WallProcess) -> None:
    """A newcomer is told all panels, some in each event while they are read for the first time; after that only news."""
    drawn = {
        str(panel["id"]) for panel in json.loads(WALL.read_text(encoding="utf-8"))["panels"] if panel.get("targets")
    }
    found = events(wall, 2)
    while set().union(*(event["panels"] for event in found)) < drawn:
        found = events(wall, len(found) + 1)
        assert len(found) < 40
    *_, before, last = found = events(wall, 3)
    assert set(found[0]["panels"]) == drawn, "what is known by now is told at once"
    assert last["panels"] == before["panels"] == {}
    assert last["now"] > before["now"]
    assert {event["digest"] for event in found} == {httpx.get(f"{wall.url}/api/dashboard").json()["digest"]}


def test_two_viewers_cost_as_much_as_one(wall: WallProcess, world: World) -> None:
    def rounds() -> float:
        found = re.search(
            r'ioc_step_seconds_count\{stage="wall",step="round"\} (\S+)', httpx.get(f"{wall.url}/metrics").text
        )
        assert found
        return float(found[1])

    with (
        httpx.stream("GET", f"{wall.url}/api/stream", timeout=30) as one,
        httpx.stream("GET", f"{wall.url}/api/stream") as two,
    ):
        lines = one.iter_lines(), two.iter_lines()
        seen = [0, 0]
        before = rounds()
        while min(seen) < 4:
            for viewer in (0, 1):
                while not next(lines[viewer]).startswith("data: "):
                    pass
                seen[viewer] += 1
        assert rounds() - before <= 5


def test_security_headers_and_no_foreign_address(wall: WallProcess) -> None:
    for path in ("/", "/static/js/main.js", "/api/dashboard", "/healthz"):
        headers = httpx.get(wall.url + path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'"), path
        assert "script-src 'self';" in policy
        assert headers["x-content-type-options"] == "nosniff"
    own = [file for file in STATIC.rglob("*") if file.is_file() and "vendor" not in file.parts]
    assert len(own) > 10
    for file in own:
        addresses = set(re.findall(r"https?://[^\s\"'`)]+", file.read_text(encoding="utf-8")))
        assert addresses <= {"http://www.w3.org/2000/svg"}, file


def test_static_files_do_not_lead_out(wall: WallProcess) -> None:
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/js/../../../main.py"):
        assert httpx.get(wall.url + path).status_code == 404


def test_outage_is_told_and_heals(tmp_path: Path) -> None:
    with FrontProcess(tmp_path / "front") as front:
        world = World(front, "wall_outage").migrate().fill(50)
        world.heartbeat()
        with WallProcess(world, tmp_path) as wall:
            before = frames(wall)
            assert before["missed_since"] is None
            front.kill()
            deadline = time.monotonic() + 20
            while (state := events(wall, 1)[0])["missed_since"] is None:
                assert time.monotonic() < deadline
            assert state["panels"] == before["panels"], "the last figures stay"
            health = httpx.get(f"{wall.url}/healthz").json()
            assert health["status"] == "ok"
            assert health["clickhouse"] == "away"
            front.start()
            back = time.monotonic()
            while events(wall, 1)[0]["missed_since"] is not None:
                assert time.monotonic() < back + 10
            assert "error" not in json.dumps(frames(wall)["panels"])


def test_a_broken_panel_costs_itself_only(world: World, tmp_path: Path) -> None:
    dashboard = json.loads(WALL.read_text(encoding="utf-8"))
    broken = next(panel for panel in dashboard["panels"] if panel["type"] == "stat")
    broken["targets"][0]["rawSql"] = "SELECT value FROM no_such_table"
    file = tmp_path / "wall.json"
    file.write_text(json.dumps(dashboard), encoding="utf-8")
    with WallProcess(world, tmp_path, file) as wall:
        panels = frames(wall)["panels"]
    assert "no_such_table" in panels[str(broken["id"])]["A"]["error"]
    assert [panel for panel, found in panels.items() if any("error" in result for result in found.values())] == [
        str(broken["id"])
    ]


def test_the_wall_cannot_write(world: World) -> None:
    wall = world.settings.wall
    answer = httpx.post(
        f"{world.front.url}/",
        params={"database": world.database},
        headers={"X-ClickHouse-User": wall.user, "X-ClickHouse-Key": wall.password.get_secret_value()},
        content="TRUNCATE TABLE indicator_now",
    )
    assert answer.status_code != 200
    assert world.query("SELECT count() FROM indicator_now")[0][0] > 0


def test_sigterm_ends_open_streams_within_two_seconds(world: World, tmp_path: Path) -> None:
    with WallProcess(world, tmp_path) as wall, httpx.stream("GET", f"{wall.url}/api/stream", timeout=30) as stream:
        lines = stream.iter_lines()
        while not next(lines).startswith("data: "):
            pass
        began = time.monotonic()
        assert wall.end(signal.SIGTERM) == 0
        assert time.monotonic() - began < 2


def test_a_busy_port_is_one_sentence(wall: WallProcess) -> None:
    second = subprocess.run(
        wall.command, env=dict(wall.environment), capture_output=True, text=True, timeout=30, check=False
    )
    assert second.returncode != 0
    assert f"wall.port {wall.port}: Address already in use; set another port" in second.stderr


def test_no_data_at_all_is_answered(clickhouse_front: FrontProcess, tmp_path: Path) -> None:
    empty = World(clickhouse_front, "wall_empty").migrate()
    with WallProcess(empty, tmp_path) as wall:
        event = frames(wall)
        assert event["refreshed"] is None
        assert event["missed_since"] is None
        empty.heartbeat(timedelta(seconds=1))
        deadline = time.monotonic() + 10
        while (event := events(wall, 1)[0])["refreshed"] is None:
            assert time.monotonic() < deadline
