"""A province of years on real servers, at rest or with everything flowing through the real broker, worker and sink.

The database is filled by the engine itself (see `tests.bench.event_world`). Then the worker and the sink run on top of it as they
do in the stack: events of all kinds come from Kafka at a given rate, the worker folds them into cells of the live generation, the
sink stores events and cells and keeps the snapshot, the sealed days, the history of states and the findings. The worker begins
with an empty log, so a cell that it touches replaces the one made up before: its number is another, what it costs to store, to
sum up and to read is not. What the log of events does not hold is not published again, which a first round would do for all that is
made up.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

from ioc.catalogue.load import load_province
from ioc.settings import SinkSettings
from sinks import findings
from sinks.forecast.run import forecasts, store
from tests.bench.event_world import fill
from tests.integration.sink_rig import Rig, until
from tests.wall_world import ROOT_UNIT, World
from tests.worker_process import WorkerProcess

ENTITIES = int(os.environ.get("IOC_BENCH_ENTITIES", "150000"))
"""Of each kind, with their facets, and a second version of a quarter of them: 4.8 million events, 3.8 million cells. 0: nothing but what flows."""

RATE = float(os.environ.get("IOC_BENCH_RATE", "1000"))
"""Events a second while data flow."""

SETTLE_S = 20.0
"""The first rounds of worker and sink are over so long after the first events were applied."""

_START_S = 300.0


def processor_s(*pids: int) -> float:
    """Processor time of processes since they began, seconds."""
    return float(sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids))


class BigWorld(Rig):
    """The servers and the filled database `ioc`; a context manager."""

    def __init__(self, directory: Path, entities: int = ENTITIES) -> None:
        super().__init__(directory, SinkSettings())
        self._entities = entities

    def __enter__(self) -> Self:
        super().__enter__()
        try:
            with self.client() as client:
                if self._entities:
                    fill(client, "ioc", self.generation, self.catalogue, load_province("ca_mau"), self._entities)
                # What the sink does at night and once a minute is there from the beginning; of the units' forecasts it is half an hour's work.
                store(client, self.settings.clickhouse, forecasts(client, "ioc", unit=ROOT_UNIT))
                findings.refresh(client, "ioc")
        except BaseException:
            self.__exit__()
            raise
        return self

    @property
    def environment(self) -> dict[str, str]:
        """Of a process that uses these settings; nothing is published again."""
        return super().environment | {"IOC_KEEPER__EVERY_H": "0", "IOC_LOG_LEVEL": "warning"}

    @property
    def world(self) -> World:
        """The same as the wall's tests know it."""
        world = World(self.front, "ioc")
        world.generation = self.generation
        return world

    @property
    def size(self) -> str:
        """In words."""
        with self.client() as client:
            ((events,),) = client.query(
                "SELECT sum(total_rows) FROM system.tables WHERE database = 'ioc' AND name LIKE '%_history'"
            )
            ((cells,),) = client.query(
                "SELECT (SELECT uniq(rollup_id, grain, unit, bucket, part) FROM ioc.partials) + (SELECT count() FROM ioc.sealed)"
            )
        return f"{events:,} events, {cells:,} cells"

    @contextmanager
    def flowing(self, rate: float = RATE) -> Iterator["Flowing"]:
        """Events come in, cells go out and figures change while the block runs."""
        usual = {"IOC_WORKER__EMIT_S": "1.0", "IOC_WORKER__CHECKPOINT_S": "10.0", "IOC_LOG_LEVEL": "info"}
        with WorkerProcess(self.kafka.bootstrap, self.directory, **usual) as worker:
            worker.wait_ready()
            self.start_sink()
            source = subprocess.Popen([sys.executable, "-m", "tests.bench.flow", self.kafka.bootstrap, str(rate)])
            try:
                flow = Flowing(worker)
                with self.client() as client:
                    taken = "SELECT count() FROM ioc.partials WHERE revision > 1 AND stored_at > now() - 5"
                    until(lambda: flow.applied() > 0, _START_S, "the first events are applied")
                    until(lambda: client.query(taken)[0][0] > 0, _START_S, "their cells are stored")
                time.sleep(SETTLE_S)
                yield flow
            finally:
                source.terminate()
                source.wait(10)
                self.end_sink(within_s=60)
                worker.end()


class Flowing:
    """What comes in while data flow."""

    def __init__(self, worker: WorkerProcess) -> None:
        self._worker = worker

    def applied(self) -> int:
        """Events applied so far."""
        return self._worker.applied()

    @contextmanager
    def counted(self) -> Iterator["Rate"]:
        """Counts the events of a block."""
        rate, began, before = Rate(), time.monotonic(), self.applied()
        yield rate
        rate.seconds = time.monotonic() - began
        rate.value = (self.applied() - before) / rate.seconds


@dataclass
class Rate:
    """Events a second, and over how many seconds; known when the block has ended."""

    value: float = 0.0
    seconds: float = 0.0
