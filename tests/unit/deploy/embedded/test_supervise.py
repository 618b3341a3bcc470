"""supervisor's configuration and its answers."""

import configparser
import signal
import subprocess
import sys
from pathlib import Path

from deploy.embedded.component import components
from deploy.embedded.supervise import kill_all, process_state, render
from deploy.embedded.supervise_events import how_it_ended
from ioc.settings import Settings


def rendered(data_dir: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    parser.read_string(render(components(Settings.model_validate({})), data_dir))
    return parser


def test_the_order_of_start_is_the_priority(tmp_path: Path) -> None:
    parser = rendered(tmp_path)
    programs = [section for section in parser.sections() if section.startswith("program:")]
    assert [parser.getint(program, "priority") for program in programs] == list(range(len(programs)))
    assert programs[0] == "program:kafka"
    assert programs[-1] == "program:wall"


def test_logs_are_rotated_and_bounded(tmp_path: Path) -> None:
    parser = rendered(tmp_path)
    assert parser["program:sink"]["stdout_logfile"] == str(tmp_path / "log" / "sink.log")
    total = sum(
        parser.getint(section, "stdout_logfile_maxbytes") * (1 + parser.getint(section, "stdout_logfile_backups"))
        for section in parser.sections()
        if section.startswith("program:")
    )
    assert 0 < total < 512 << 20


def test_a_percent_sign_in_the_path_is_not_expanded(tmp_path: Path) -> None:
    parser = rendered(tmp_path / "100%(x)s")
    assert parser["supervisord"]["logfile"].endswith("100%%(x)s/log/supervisor.log")


def test_restarts_are_starts_after_the_first() -> None:
    info = {"name": "sink", "statename": "RUNNING", "pid": 12}
    assert process_state(info, {"starts": 3, "last_end": "exit code 1"}).restarts == 2
    assert process_state(info, {}).restarts == 0
    assert process_state({**info, "statename": "BACKOFF", "pid": 0}, {"starts": 1}).pid is None


def test_ends_in_words() -> None:
    assert how_it_ended(0) == "exit code 0"
    assert how_it_ended(2 << 8) == "exit code 2"
    assert how_it_ended(signal.SIGKILL) == "killed by SIGKILL"


STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)


def test_what_does_not_listen_is_killed_with_its_children_and_the_supervisor_is_left() -> None:
    program = (
        f"import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); child.wait();"
        "print(child.returncode, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "up\n"
        kill_all(parent.pid)
        assert parent.stdout.readline() == f"{-signal.SIGKILL}\n"
        assert parent.poll() is None
        parent.kill()
    kill_all(parent.pid)  # one that is gone already is no fault
