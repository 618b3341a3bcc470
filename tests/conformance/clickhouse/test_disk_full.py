"""A full disk: the front says so, loses nothing that it acknowledged, and goes on when there is room again."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_driver.errors import ServerException

from tests.clickhouse_front import FrontProcess
from tests.conformance.clickhouse.conftest import VARIABLE
from tests.conformance.clickhouse.test_process import client_of, refused

pytestmark = pytest.mark.skipif(VARIABLE in os.environ, reason="about the embedded front as a process")

DISK_MIB = 200


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, as small as `DISK_MIB`."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root can mount a small disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_disk_that_fills_up_while_it_serves(small_disk: Path, tmp_path: Path) -> None:
    with FrontProcess(tmp_path / "front", settings={"data": str(small_disk / "data")}) as front:
        client = client_of(front)
        client.execute("CREATE TABLE default.t (n UInt64, s String) ENGINE = MergeTree ORDER BY n")
        insert = "INSERT INTO default.t SELECT number, randomPrintableASCII(1000) FROM numbers(20000)"
        acknowledged, code = 0, 0
        while not code:
            try:
                client.execute(insert)
                acknowledged += 20_000
            except ServerException as error:
                code = int(error.code)
        assert acknowledged
        assert code in {75, 243, 1001}
        assert client.execute("SELECT count() FROM default.t") == [(acknowledged,)]
        client.execute("CREATE TABLE default.u (n UInt64) ENGINE = Memory")
        client.execute("TRUNCATE TABLE default.t SYNC")
        while client.execute("SELECT free_space > 100 * 1024 * 1024 FROM system.disks") != [(1,)]:
            client.execute("SELECT sleep(0.1)")
        client.execute(insert)
        assert client.execute("SELECT count() FROM default.t") == [(20_000,)]
        client.disconnect()


def test_a_disk_that_is_full_at_the_start(small_disk: Path, tmp_path: Path) -> None:
    with (small_disk / "ballast").open("wb") as ballast:
        os.posix_fallocate(ballast.fileno(), 0, (DISK_MIB - 10) << 20)
    assert "MiB are free on its disk" in refused(
        FrontProcess(tmp_path / "a", settings={"data": str(small_disk / "data")})
    )
    fill(small_disk / "rest")
    assert "disk is full" in refused(FrontProcess(tmp_path / "b", settings={"data": str(small_disk / "other")}))


def fill(file: Path) -> None:
    """Writes to a file until its disk is full."""
    with file.open("wb", buffering=0) as rest, contextlib.suppress(OSError):
        while True:
            rest.write(b"x" * 4096)
