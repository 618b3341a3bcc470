"""`ioc up`, `status` and `down` as an operator types them: what dies comes back, what stops leaves nothing behind."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.e2e.live_stack import IOC, LiveStack

WAIT_S = 60.0
HANG_S = 240.0
"""A bound on hanging where much has to be asked on a busy machine."""


def wait_for(what: str, is_so: Callable[[], bool], wait_s: float = WAIT_S) -> None:
    deadline = time.monotonic() + wait_s
    while not is_so():
        assert time.monotonic() < deadline, f"{what}: not within {wait_s} s"
        time.sleep(0.1)


def processes_of(stack: LiveStack) -> list[psutil.Process]:
    """Everything that runs for this stack: only its processes have its folder in their arguments or settings."""
    found = []
    for process in psutil.process_iter():
        try:
            said = [*process.cmdline(), process.environ().get("IOC_SETTINGS", "")]
        except psutil.Error:
            continue
        if process.pid != os.getpid() and any(str(stack.data_dir) in word for word in said):
            found.append(process)
    return found


@pytest.fixture(autouse=True)
def _signals_as_at_a_terminal() -> Iterator[None]:
    """Tests that run in the background of a shell have SIGINT ignored, and so would what they start."""
    ignored = [one for one in (signal.SIGINT, signal.SIGHUP) if signal.getsignal(one) == signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[LiveStack]:
    """A stack that is not started yet, and is stopped in the end."""
    made = LiveStack(tmp_path / "data", {})
    made.data_dir.mkdir()
    yield made
    made.down()
    assert processes_of(made) == []


def up(stack: LiveStack, *only: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return stack.ioc("up", "--detach", "--data", str(stack.data_dir), "--only", ",".join(only), check=check)


def flows(stage: dict[str, Any]) -> bool:
    return (stage["rate_per_s"] or 0) > 0 and stage["lag"] is not None and stage["newest_age_s"] is not None


def state(stack: LiveStack, name: str) -> str:
    return str(stack.component(name)["state"])


def test_a_killed_component_comes_back_and_is_shown(stack: LiveStack) -> None:
    up(stack, "simulator")
    before = stack.component("simulator")
    assert (before["state"], before["restarts"], before["last_end"]) == ("ready", 0, "")
    assert before["memory_bytes"] > 1 << 20
    assert before["port"] == int(stack.environment["IOC_EMBEDDED__SIMULATOR__PORT"])
    stack.kill("simulator")
    wait_for("the simulator is back", lambda: stack.component("simulator")["restarts"] == 1)
    wait_for("and answers", lambda: state(stack, "simulator") == "ready")
    after = stack.component("simulator")
    assert after["pid"] != before["pid"]
    assert after["last_end"] == "killed by SIGKILL"


def test_a_component_that_cannot_start_is_tried_with_back_off_until_it_can(stack: LiveStack) -> None:
    up(stack, "simulator")
    kept = stack.data_dir / "simulator" / "shift.json"
    good = kept.read_text("utf-8")
    kept.write_text("{", "utf-8")
    stack.kill("simulator")
    wait_for("it is waited with", lambda: state(stack, "simulator") == "backoff")
    wait_for("it is tried again", lambda: stack.component("simulator")["restarts"] >= 2)
    assert stack.component("simulator")["last_end"] == "exit code 2"
    kept.write_text(good, "utf-8")
    wait_for("it is back", lambda: state(stack, "simulator") == "ready")


def test_a_second_up_is_refused_and_the_first_goes_on(stack: LiveStack) -> None:
    up(stack, "simulator")
    supervisor = stack.component("supervisor")["pid"]
    second = up(stack, "simulator", check=False)
    assert second.returncode == 1
    assert second.stderr.splitlines() == [
        f"a stack is already running in {stack.data_dir} (pid {supervisor}); `ioc status` shows it, `ioc down` stops it"
    ]
    assert state(stack, "simulator") == "ready"


def test_a_busy_port_stops_everything_before_it_starts(stack: LiveStack) -> None:
    port = int(stack.environment["IOC_EMBEDDED__SIMULATOR__PORT"])
    with socket.create_server(("127.0.0.1", port)):
        refused = up(stack, check=False)
        assert refused.returncode == 1
        (line,) = refused.stderr.splitlines()
        assert f"port 127.0.0.1:{port} (embedded.simulator.port) is in use" in line
        assert processes_of(stack) == []
    assert stack.ioc("status", "--data", str(stack.data_dir), check=False).returncode == 3
    up(stack, "simulator")


def test_missing_java_missing_jars_and_a_wrong_setting_are_one_sentence_each(stack: LiveStack, tmp_path: Path) -> None:
    stack.environment |= {"JAVA_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    stack.environment.pop("KAFKA_HOME", None)
    refused = up(stack, check=False)
    assert refused.returncode == 1
    java, jars = refused.stderr.splitlines()
    assert "Kafka needs Java and JAVA_HOME=" in java
    assert "run `make setup`" in jars
    stack.environment["IOC_WALL__PORT"] = "70000"
    refused = up(stack, check=False)
    assert refused.returncode == 1
    assert "wall.port" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert processes_of(stack) == []


def test_what_fails_at_its_start_takes_the_rest_down_and_shows_its_log(stack: LiveStack) -> None:
    (stack.data_dir / "simulator").mkdir()
    (stack.data_dir / "simulator" / "shift.json").write_text("{", "utf-8")
    failed = up(stack, "kafka", "simulator", check=False)
    assert failed.returncode == 1
    assert "simulator ended at its start (exit code 2)" in failed.stderr
    assert "shift.json" in failed.stderr
    assert processes_of(stack) == []
    assert stack.ioc("status", "--data", str(stack.data_dir), check=False).returncode == 3


def test_a_killed_supervisor_leaves_no_orphans_and_no_stale_lock(stack: LiveStack) -> None:
    up(stack, "kafka", "simulator")
    stack.kill("supervisor")
    wait_for("everything has gone with it", lambda: processes_of(stack) == [])
    up(stack, "kafka", "simulator")
    assert state(stack, "kafka") == "ready"


def test_an_unknown_component_is_refused(stack: LiveStack) -> None:
    refused = up(stack, "kafak", check=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith("these settings run no kafak here; they run kafka, clickhouse, ")


def test_down_and_status_without_a_stack(stack: LiveStack) -> None:
    assert "no stack runs in" in stack.ioc("down", "--data", str(stack.data_dir)).stdout
    shown = stack.ioc("status", "--json", "--data", str(stack.data_dir), check=False)
    assert shown.returncode == 3
    assert '"running": false' in shown.stdout


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_in_the_foreground_a_signal_stops_it_in_order(stack: LiveStack, sent: signal.Signals) -> None:
    command = [str(IOC), "up", "--data", str(stack.data_dir), "--only", "kafka,simulator"]
    with subprocess.Popen(
        command, env=stack.environment, cwd=stack.data_dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        for line in process.stdout:
            if "Ctrl-C stops it" in line:
                break
        process.send_signal(sent)
        rest, errors = process.stdout.read(), process.stderr.read()
        assert process.wait() == 0, errors
    assert "stopped in" in rest
    log = (stack.data_dir / "log" / "supervisor.log").read_text("utf-8")
    assert log.index("stopped: simulator") < log.index("stopped: kafka")
    assert "killing" not in log, "everybody stops in time by itself"
    assert processes_of(stack) == []


def test_a_signal_while_it_comes_up_stops_what_was_started(stack: LiveStack) -> None:
    command = [str(IOC), "up", "--detach", "--data", str(stack.data_dir), "--only", "kafka,simulator"]
    with subprocess.Popen(
        command, env=stack.environment, cwd=stack.data_dir, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        wait_for("the supervisor runs", lambda: (stack.data_dir / "run" / "supervisor.pid").exists())
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "stopped before it was up\n"
        assert process.wait() == 130
    # The broker's first start has a child that formats its storage; it gets the signal too, and nobody waits for it.
    wait_for("nothing is left", lambda: processes_of(stack) == [])


def test_what_is_stopped_from_elsewhere_ends_the_foreground_too(stack: LiveStack) -> None:
    command = [str(IOC), "up", "--data", str(stack.data_dir), "--only", "simulator"]
    with subprocess.Popen(
        command, env=stack.environment, cwd=stack.data_dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        for line in process.stdout:
            if "Ctrl-C stops it" in line:
                break
        stack.down()
        assert process.stderr.read().startswith("the stack was stopped from elsewhere")
        assert process.wait() == 0


def of_prometheus(stack: LiveStack, path: str) -> Any:
    """What the stack's Prometheus says; the wall is set to read it."""
    settings = stack.settings
    assert settings.wall.prometheus_url == f"http://127.0.0.1:{settings.embedded.prometheus_port}"
    return httpx.get(f"{settings.wall.prometheus_url}/api/v1/{path}", timeout=HANG_S).json()["data"]


def test_prometheus_has_every_process_to_read_and_judges_the_rules_of_the_pipeline(stack: LiveStack) -> None:
    stack.environment |= {
        "IOC_REPORT__URL": "https://receiver.example/reports",
        "IOC_REPORT__KEY_FILE": "key.pem",
        "IOC_METRICS__WORKER": "0",
    }
    up(stack, "prometheus")
    assert state(stack, "prometheus") == "ready"

    def jobs() -> set[str]:
        return {one["labels"]["job"] for one in of_prometheus(stack, "targets")["activeTargets"]}

    # It answers before it has looked for what to read.
    wait_for("it knows what to read", lambda: "prometheus" in jobs(), HANG_S)
    assert jobs() == {"ingest", "sink", "brief", "report", "wall", "prometheus"}

    def rules() -> list[dict[str, Any]]:
        return [rule for group in of_prometheus(stack, "rules")["groups"] for rule in group["rules"]]

    assert {"ioc-down-sink", "ioc-down-brief", "ioc-lag", "ioc-report-open"} <= {rule["name"] for rule in rules()}
    wait_for("every rule is judged", lambda: {rule["health"] for rule in rules()} == {"ok"}, HANG_S)


def _shows_the_pipeline(stack: LiveStack) -> None:
    """Prometheus reads every process, and the wall's dashboard of the pipeline shows its figures."""
    wait_for(
        "every process is read",
        lambda: [one["health"] for one in of_prometheus(stack, "targets")["activeTargets"]] == ["up"] * 6,
        HANG_S,
    )
    wall = f"http://127.0.0.1:{stack.settings.wall.port}"
    panels = httpx.get(f"{wall}/api/dashboard?uid=ioc-pipeline", timeout=HANG_S).json()["panels"]
    running = next(str(one["id"]) for one in panels if one["title"] == "Chặng đang chạy")

    def stages() -> set[str]:
        shown = httpx.get(f"{wall}/api/frames?uid=ioc-pipeline", timeout=HANG_S).json()["panels"]
        assert not [said for panel in shown.values() for said in panel.values() if "error" in said]
        return set(shown[running]["A"]["columns"])

    # Six hours are drawn by points two minutes apart, at moments that stand still: the first comes by then.
    wait_for("the stages stand on the board", lambda: {"ingest", "worker", "sink"} <= stages(), HANG_S)


@pytest.mark.timeout(900)
def test_the_whole_stack_comes_up_shows_its_stages_heals_and_goes(stack: LiveStack) -> None:
    stack.environment["IOC_EMBEDDED__SIMULATOR__RATE"] = "20"
    stack.environment["IOC_EMBEDDED__SIMULATOR__HISTORY_DAYS"] = "0.1"
    shown = up(stack).stdout
    assert f"http://127.0.0.1:{stack.environment['IOC_WALL__PORT']}/" in shown
    names = ("supervisor", "kafka", "clickhouse", "mosquitto", "sink", "worker", "ingest", "simulator", "brief")
    expected = dict.fromkeys((*names, "prometheus", "wall"), "ready")
    # On a busy machine one that was ready may not answer within a second again.
    wait_for(
        "everything is ready", lambda: {one["name"]: one["state"] for one in stack.status()["components"]} == expected
    )
    assert 256 << 20 < stack.status()["memory_bytes"] < 4 << 30
    killed = {"clickhouse", "mosquitto", "sink", "worker", "ingest", "brief", "prometheus", "wall"}
    for name in killed:
        stack.kill(name)

    def healed() -> bool:
        now = {one["name"]: one for one in stack.status()["components"]}
        return all(now[name]["restarts"] >= 1 and now[name]["state"] == "ready" for name in killed)

    wait_for("all that was killed is back", healed)

    deadline = time.monotonic() + WAIT_S
    stages = stack.status()["stages"]
    while not all(flows(stage) for stage in stages if stage["name"] != "brief"):
        assert time.monotonic() < deadline, f"records do not flow through every stage: {stages}"
        stages = stack.status()["stages"]
    assert [stage["name"] for stage in stages] == ["sink", "worker", "ingest", "brief"]
    assert stack.component("kafka")["restarts"] == 0
    _shows_the_pipeline(stack)
    stack.down()
    assert processes_of(stack) == []
