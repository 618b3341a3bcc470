"""What the stack is doing: each component's process, each stage's lag, rate and age."""

import logging
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
from prometheus_client.parser import text_string_to_metric_families

from deploy.embedded import probe, supervise
from deploy.embedded.component import Component, components, not_installed
from deploy.embedded.lock import holder
from deploy.embedded.supervise import ProcessState
from ioc import clock
from ioc.errors import IocError, RetriableError
from ioc.settings import Settings
from sinks.clickhouse.client import Client
from sinks.feeds import SourceFlow, feed_states, flows


@dataclass(frozen=True)
class ComponentStatus:
    """A component: its state (`ready` when it also answers, `not installed: …` where its program is missing), process, ports, resident memory with its children's."""

    name: str
    state: str
    pid: int | None
    port: int | None
    ports: tuple[int, ...]
    memory_bytes: int | None
    restarts: int
    last_end: str


@dataclass(frozen=True)
class StageStatus:
    """A stage: messages (or source records) not yet done, records a second over 10 s, age of the newest record in seconds.

    A value is None when the stage did not say.
    """

    name: str
    lag: int | None
    rate_per_s: float | None
    newest_age_s: float | None


@dataclass(frozen=True)
class Status:
    """The whole stack."""

    data_dir: str
    running: bool
    components: tuple[ComponentStatus, ...]
    stages: tuple[StageStatus, ...]
    sources: tuple[SourceFlow, ...] = ()

    @property
    def memory_bytes(self) -> int:
        """Resident memory of everything."""
        return sum(component.memory_bytes or 0 for component in self.components)

    def as_json(self) -> dict[str, Any]:
        """For `ioc status --json`."""
        return {**asdict(self), "memory_bytes": self.memory_bytes}


def read(settings: Settings, data_dir: Path) -> Status:
    """The state of the stack in a folder; a stack that does not run has no components."""
    pid = holder(data_dir)
    if pid is None:
        return Status(str(data_dir), running=False, components=(), stages=())
    try:
        states = {state.name: state for state in supervise.states(data_dir)}
    except RetriableError:  # it is just coming up or going down
        states = {}
    planned = components(settings)
    own = ComponentStatus("supervisor", "ready" if states else "starting", pid, None, (), _own_memory(pid), 0, "")
    found = [_component(one, states[one.name]) for one in planned if one.name in states]
    stages = [_stage(one) for one in planned if one.metrics and one.name in states]
    absent = [
        ComponentStatus(name, words, None, None, (), None, 0, "") for name, words in not_installed(settings).items()
    ]
    return Status(str(data_dir), True, (own, *found, *absent), tuple(stages), _sources(settings))


def _sources(settings: Settings) -> tuple[SourceFlow, ...]:
    """How each source flows; nothing while ClickHouse does not answer, which its own line says."""
    # What the driver would log it raises too.
    logging.getLogger("clickhouse_driver").setLevel(logging.CRITICAL)
    try:
        with Client(settings.clickhouse, settings.clickhouse.analyst, timeout_s=5) as client:
            return tuple(flows(feed_states(client, settings.clickhouse.database), clock.now()))
    except IocError:
        return ()


def _component(component: Component, state: ProcessState) -> ComponentStatus:
    ports = tuple(bound.port for bound in component.bounds)
    ready = state.state in {"running", "starting"} and component.is_ready()
    return ComponentStatus(
        component.name,
        "ready" if ready else state.state,
        state.pid,
        ports[0] if ports else None,
        ports,
        resident_bytes(state.pid) if state.pid else None,
        state.restarts,
        state.last_end,
    )


def resident_bytes(pid: int) -> int | None:
    """Resident memory of a process and its children; None when it is gone."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return None
    return sum(_rss(one) for one in family)


def _own_memory(pid: int) -> int | None:
    try:
        return _rss(psutil.Process(pid))
    except psutil.Error:
        return None


def _rss(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def _stage(component: Component) -> StageStatus:
    text = probe.fetch(f"http://{component.metrics}/metrics")
    return stage_status(component.name, text or "", time.time())


def stage_status(name: str, text: str, now_unix_s: float) -> StageStatus:
    """A stage's figures from what it shows to Prometheus.

    Args:
        name: the stage.
        text: the exposition, empty when the stage did not answer.
        now_unix_s: the time that the newest record's age is counted to.
    """
    values: dict[str, list[float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name in _FIGURES:
                values.setdefault(sample.name, []).append(sample.value)
    lag, rate, newest = (values.get(figure) for figure in _FIGURES)
    return StageStatus(
        name,
        lag=int(sum(lag)) if lag else None,
        rate_per_s=round(sum(rate), 2) if rate else None,
        newest_age_s=round(max(0.0, now_unix_s - max(newest)), 3) if newest and max(newest) > 0 else None,
    )


_FIGURES = ("ioc_lag_messages", "ioc_rate_records_per_second", "ioc_newest_record_timestamp_seconds")
