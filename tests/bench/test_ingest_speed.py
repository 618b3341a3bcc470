"""How fast the connector reads: the real formats over HTTP, from the simulator as a process, to acknowledged by a real broker.

Prints the figures; asserts only what is no question of speed. The simulator makes its answers while they are asked for, on the same
machine, so records per second of the connector's own processor time say what its code costs.
"""

import time
from pathlib import Path
from typing import Literal

import pytest

from ingest.runner import Runner
from ingest.sources.dossier_national import national_system
from ingest.sources.dossier_rest import rest_system
from ioc import logs
from ioc.kafka.admin import ensure_topics
from ioc.kafka.producer import Producer
from ioc.metrics import Metrics
from ioc.topics import FIXED_TOPICS
from tests.bench.connector_tools import connector_tools
from tests.conformance.connectors.simulator import SimulatorProcess
from tests.kafka_broker import KafkaProcess

VERSIONS = 100_000


@pytest.mark.bench
@pytest.mark.parametrize("shape", ["national", "rest"])
def test_connector(shape: Literal["national", "rest"], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    simulator = SimulatorProcess(tmp_path / "simulator", "--backfill", str(VERSIONS))
    make = national_system if shape == "national" else rest_system
    system = make(simulator.settings(shape, page_size=1000))
    logs.configure("warning")
    metrics = Metrics("ingest")
    with KafkaProcess(tmp_path / "kafka") as broker:
        ensure_topics(broker.bootstrap, FIXED_TOPICS)
        with Producer(broker.bootstrap) as producer:
            tools = connector_tools(broker, producer, metrics)
            wall_s, used_s = time.perf_counter(), time.process_time()
            assert Runner(system.streams[0], tools).run()
            wall_s, used_s = time.perf_counter() - wall_s, time.process_time() - used_s
    system.close()
    simulator.stop()
    labels = {"stage": "ingest", "stream": "dossier/cases"}
    assert metrics.registry.get_sample_value("ioc_records_total", labels) == VERSIONS
    steps = {
        step: metrics.registry.get_sample_value("ioc_step_seconds_sum", {"stage": "ingest", "step": step})
        for step in ("read", "convert", "publish")
    }
    with capsys.disabled():
        print(
            f"\nconnector, {shape}: {VERSIONS / used_s:,.0f} dossiers a second of one core, from HTTP to acknowledged"
        )
        print(f"  {VERSIONS / wall_s:,.0f} a second beside the simulator; seconds waited and worked: " + ", ".join(
            f"{step} {seconds:.1f}" for step, seconds in steps.items() if seconds is not None
        ))  # fmt: skip
