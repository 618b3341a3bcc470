"""Metrics: one registry a process, the same four for each stage."""

import socket

import httpx
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from ioc.metrics import Metrics


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def text(metrics: Metrics) -> str:
    return generate_latest(metrics.registry).decode()


def test_done_counts_and_keeps_the_newest_time() -> None:
    metrics = Metrics("sink")
    metrics.done("events.dossier", 40, 1_700_000_000.5)
    metrics.done("events.dossier", 2)
    shown = text(metrics)
    assert 'ioc_records_total{stage="sink",stream="events.dossier"} 42.0' in shown
    assert 'ioc_newest_record_timestamp_seconds{stage="sink"} 1.7000000005e+09' in shown


def test_the_rate_is_that_of_the_last_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [100.0]
    monkeypatch.setattr("ioc.metrics.time.monotonic", lambda: moment[0])
    metrics = Metrics("worker")
    metrics.done("events.dossier", 50)
    moment[0] = 105.0
    metrics.done("events.dossier", 50)
    assert 'ioc_rate_records_per_second{stage="worker"} 10.0' in text(metrics)
    moment[0] = 111.0
    assert 'ioc_rate_records_per_second{stage="worker"} 5.0' in text(metrics)
    moment[0] = 200.0
    assert 'ioc_rate_records_per_second{stage="worker"} 0.0' in text(metrics)


def test_two_processes_do_not_share_collectors() -> None:
    first, second = Metrics("ingest"), Metrics("ingest")
    first.rejected.labels("ingest", "undecodable").inc()
    assert "undecodable" in text(first)
    assert "undecodable" not in text(second)


def test_a_registry_takes_the_collectors_once() -> None:
    registry = CollectorRegistry()
    Metrics("wall", registry)
    with pytest.raises(ValueError, match="Duplicated timeseries"):
        Metrics("wall", registry)


def test_metrics_are_served(free_port: int) -> None:
    metrics = Metrics("ingest")
    metrics.done("dossier/case", 1)
    metrics.serve("127.0.0.1", free_port)
    answer = httpx.get(f"http://127.0.0.1:{free_port}/metrics")
    assert 'ioc_records_total{stage="ingest",stream="dossier/case"} 1.0' in answer.text
    with pytest.raises(OSError, match="in use"):
        metrics.serve("127.0.0.1", free_port)


def test_port_0_serves_nothing() -> None:
    Metrics("ingest").serve("127.0.0.1", 0)
