"""What would stop the stack is said in one sentence each, before anything is started."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from deploy.embedded import preflight
from deploy.embedded.component import Bound, Component, components
from ioc.settings import Settings
from tests.kafka_broker import free_ports


def listening(*bounds: Bound) -> Component:
    return Component("x", bounds, lambda: True, stop_s=1)


def test_a_good_folder_is_made_and_has_no_fault(tmp_path: Path) -> None:
    assert preflight.check_folder(tmp_path / "a" / "b", free_bytes=1) == []
    assert (tmp_path / "a" / "b").is_dir()


def test_a_full_disk(tmp_path: Path) -> None:
    more_than_there_is = shutil.disk_usage(tmp_path).total + 1
    (fault,) = preflight.check_folder(tmp_path, free_bytes=more_than_there_is)
    assert f"the disk of {tmp_path} is full" in fault
    assert "--data" in fault


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"mounting is not allowed here: {mounted.stderr.decode().strip()}")
    try:
        (fault,) = preflight.check_folder(tmp_path)
        assert "8 MiB free, the stack needs 1024" in fault
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    (fault,) = preflight.check_folder(tmp_path / "file" / "data")
    assert "cannot be made: Not a directory" in fault


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    (fault,) = preflight.check_folder(tmp_path)
    assert "cannot be written to by this user" in fault


def test_a_path_that_is_too_long_for_a_socket(tmp_path: Path) -> None:
    (fault,) = preflight.check_folder(tmp_path / ("d" * 100), free_bytes=1)
    assert "longer than the 107 bytes" in fault


def test_free_ports_have_no_fault() -> None:
    one, two = free_ports(2)
    assert (
        preflight.check_ports([listening(Bound("a", "127.0.0.1", one)), listening(Bound("b", "127.0.0.1", two))]) == []
    )


def test_a_busy_port_is_named_with_its_setting_and_its_owner() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (fault,) = preflight.check_ports([listening(Bound("wall.port", "127.0.0.1", port))])
    assert f"port 127.0.0.1:{port} (wall.port) is in use by" in fault
    assert f"(pid {os.getpid()})" in fault


def test_a_port_whose_last_connections_linger_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = server.accept()
        accepted.close()  # this side closes first, so the server's port is what lingers
        client.close()
    assert preflight.check_ports([listening(Bound("wall.port", "127.0.0.1", port))]) == []


def test_one_port_for_two_settings() -> None:
    (port,) = free_ports(1)
    (fault,) = preflight.check_ports([listening(Bound("a", "127.0.0.1", port), Bound("b", "127.0.0.1", port))])
    assert fault == f"port {port} is set twice, in a and in b; change one"


def test_an_address_of_another_machine() -> None:
    (port,) = free_ports(1)
    (fault,) = preflight.check_ports([listening(Bound("wall.port", "192.0.2.1", port))])
    assert f"nothing can listen at 192.0.2.1:{port} (wall.port)" in fault


def settings(**embedded: object) -> Settings:
    return Settings.model_validate({"embedded": {"kafka": False, "clickhouse": False, **embedded}})


def test_missing_java_and_missing_jars_are_both_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("KAFKA_HOME", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        tree = {"embedded": {"clickhouse": False}, "clickhouse": {"native_port": port, "http_port": port}}
        java, jars = preflight.check_machine(Settings.model_validate(tree))
    assert "Kafka needs Java" in java
    assert "run `make setup`" in jars


def test_a_kafka_home_without_kafka(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_HOME", str(tmp_path))
    faults = preflight.check_machine(settings(kafka=True))
    assert any("has no libs/kafka_*.jar" in fault for fault in faults)


def test_servers_of_ones_own_must_answer() -> None:
    kafka, native, http = free_ports(3)
    tree = {
        "kafka": {"bootstrap": f"127.0.0.1:{kafka}"},
        "clickhouse": {"native_port": native, "http_port": http},
        "embedded": {"kafka": False, "clickhouse": False},
    }
    faults = preflight.check_machine(Settings.model_validate(tree))
    assert [fault.split(";")[0] for fault in faults] == [
        f"kafka.bootstrap: no broker answers at 127.0.0.1:{kafka}",
        f"clickhouse.native_port: no server answers at 127.0.0.1:{native}",
        f"clickhouse.http_port: no server answers at 127.0.0.1:{http}",
    ]


def test_a_log_that_is_not_there(tmp_path: Path) -> None:
    faults = preflight.check_machine(settings(simulator={"log": str(tmp_path / "receipt.csv")}))
    assert any(fault.startswith(f"embedded.simulator.log: there is no file {tmp_path}") for fault in faults)


def test_every_port_of_the_stack_stands_under_the_setting_that_sets_it() -> None:
    planned = components(Settings.model_validate({}))
    for bound in (bound for component in planned for bound in component.bounds):
        value: object = Settings.model_validate({})
        for part in bound.setting.split("."):
            value = getattr(value, part)
        assert str(value).endswith(str(bound.port))
