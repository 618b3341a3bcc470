"""One stack a folder."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.embedded.lock import Lock, holder
from ioc.errors import ConfigError

HOLD = """
import sys
from pathlib import Path
from deploy.embedded.lock import Lock
Lock(Path(sys.argv[1])).take()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_taker_is_told_who_holds_it(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    lock.take()
    assert holder(tmp_path) == os.getpid()
    with pytest.raises(ConfigError, match=rf"already running in .* \(pid {os.getpid()}\)"):
        Lock(tmp_path).take()
    lock.close()
    assert holder(tmp_path) is None


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        assert holder(tmp_path) == process.pid
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert (tmp_path / "lock").read_text("ascii").strip() == str(process.pid)
        assert holder(tmp_path) is None
    lock = Lock(tmp_path)
    lock.take()
    lock.close()


def test_no_folder_no_holder(tmp_path: Path) -> None:
    assert holder(tmp_path / "nothing") is None
