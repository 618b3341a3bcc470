"""The processes of the one-machine stack: which the settings ask for, their ports, their order."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from deploy.embedded import probe, prometheus
from deploy.embedded.kafka import Broker
from deploy.embedded.mosquitto import HOST, MqttBroker, find_mosquitto
from deploy.embedded.prometheus import Prometheus, find_prometheus
from ioc.settings import Settings


@dataclass(frozen=True)
class Bound:
    """An address that a component listens on, and the setting that says so."""

    setting: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Component:
    """One process of the stack.

    Attributes:
        name: what `ioc run` calls it.
        bounds: where it listens, the address that tells the most about it first; empty: nowhere.
        needs: components that must be ready before it is started.
        is_ready: whether it does its work; True for one that shows nothing to ask.
        stop_s: how long it may take to stop before it is killed. All together have `stack.DOWN_S`, whatever these add up to.
        metrics: where it shows its Prometheus metrics; None: nowhere.
    """

    name: str
    bounds: tuple[Bound, ...]
    is_ready: Callable[[], bool]
    stop_s: int
    needs: tuple[str, ...] = ()
    metrics: Bound | None = None


SERVERS = ("kafka", "clickhouse")
"""What the stages stand on; topics and tables are made when these are ready."""


def components(settings: Settings) -> list[Component]:
    """The components that the settings ask for, in the order of their start; they stop in the reverse order.

    Raises:
        ConfigError: the broker's address is not one that the embedded broker can listen on.
    """
    embedded, clickhouse, wall = settings.embedded, settings.clickhouse, settings.wall
    found: list[Component] = []
    if embedded.kafka:
        broker = Broker.of(settings)
        bounds = (
            Bound("kafka.bootstrap", "127.0.0.1", broker.port),
            Bound("embedded.kafka_controller_port", "127.0.0.1", broker.controller_port),
        )
        found.append(Component("kafka", bounds, broker.is_ready, stop_s=6))
    if embedded.clickhouse:
        native = Bound("clickhouse.native_port", clickhouse.host, clickhouse.native_port)
        http = Bound("clickhouse.http_port", clickhouse.host, clickhouse.http_port)
        ping = f"http://{http}/ping"
        found.append(Component("clickhouse", (native, http), lambda: probe.answers(ping), stop_s=6))
    if MqttBroker.of(settings):
        mqtt = Bound("embedded.mqtt_port", HOST, embedded.mqtt_port)
        found.append(Component("mosquitto", (mqtt,), lambda: probe.listens(mqtt.host, mqtt.port), stop_s=3))
    for name, port, stop_s in (
        ("sink", settings.metrics.sink, 6),
        ("worker", settings.metrics.worker, 6),
        ("ingest", settings.metrics.ingest, 4),
    ):
        if name == "ingest" and not _is_read(settings):
            continue
        metrics = Bound(f"metrics.{name}", settings.metrics.host, port) if port else None
        pushed_to = _webhook(settings) if name == "ingest" else ()
        found.append(
            Component(
                name,
                ((metrics,) if metrics else ()) + pushed_to,
                _metrics_answer(metrics),
                stop_s=stop_s,
                needs=SERVERS,
                metrics=metrics,
            )
        )
    if embedded.simulator.enabled:
        simulator = Bound("embedded.simulator.port", embedded.simulator.host, embedded.simulator.port)
        found.append(
            Component("simulator", (simulator,), lambda: probe.listens(simulator.host, simulator.port), stop_s=3)
        )
    for name, is_asked_for, port in (
        ("brief", settings.brief.enabled, settings.metrics.brief),
        ("report", settings.report.is_scheduled, settings.metrics.report),
    ):
        if is_asked_for:
            own = Bound(f"metrics.{name}", settings.metrics.host, port) if port else None
            found.append(
                Component(name, (own,) if own else (), _metrics_answer(own), stop_s=6, needs=SERVERS, metrics=own)
            )
    page = Bound("wall.port", wall.host, wall.port)
    url = wall_url(settings)
    found.append(Component("wall", (page,), lambda: probe.answers(url), stop_s=3, needs=SERVERS))
    if metered := prometheus_of(settings):
        shown = Bound("embedded.prometheus_port", prometheus.HOST, metered.port)
        ready = f"http://{shown}/-/ready"
        found.insert(len(found) - 1, Component("prometheus", (shown,), lambda: probe.answers(ready), stop_s=4))
    return found


def prometheus_of(settings: Settings) -> Prometheus | None:
    """The Prometheus of the stack, which reads all that show metrics; None where none is run here."""
    wall = urlsplit(wall_url(settings))
    shown = {
        name: f"{settings.metrics.host}:{port}"
        for name, port in settings.metrics.model_dump(exclude={"host"}).items()
        if port and (name != "brief" or settings.brief.enabled) and (name != "report" or settings.report.is_scheduled)
    }
    return Prometheus.of(settings, shown | {"wall": wall.netloc}, wall_url(settings))


def not_installed(settings: Settings) -> dict[str, str]:
    """Components that the settings ask for and whose program is missing, each with what to do."""
    found = {}
    if settings.embedded.prometheus and not settings.wall.prometheus_url and not find_prometheus():
        found["prometheus"] = "not installed: apt-get install prometheus, or set wall.prometheus_url"
    if (
        settings.embedded.mqtt
        and settings.sources.hub.enabled
        and not settings.sources.hub.mqtt.host
        and not find_mosquitto()
    ):
        found["mosquitto"] = "not installed: apt-get install mosquitto, or set sources.hub.mqtt"
    return found


def _is_read(settings: Settings) -> bool:
    """Whether any source is read."""
    sources = settings.sources
    own = (sources.dossier, sources.ioffice, sources.health, sources.hub)
    return sources.directory is not None or any(source.enabled for source in own)


def _webhook(settings: Settings) -> tuple[Bound, ...]:
    """Where the connectors listen for pushes."""
    hub = settings.sources.hub
    if not (hub.enabled and hub.webhook.port):
        return ()
    return (Bound("sources.hub.webhook.port", hub.webhook.host, hub.webhook.port),)


def wall_url(settings: Settings) -> str:
    """Where a browser on this machine finds the wall."""
    host = "127.0.0.1" if settings.wall.host in {"0.0.0.0", "::"} else settings.wall.host  # noqa: S104
    return f"http://{host}:{settings.wall.port}/"


def log_file(data_dir: Path, name: str) -> Path:
    """Where what a component prints is kept."""
    return data_dir / "log" / f"{name}.log"


def _metrics_answer(metrics: Bound | None) -> Callable[[], bool]:
    if metrics is None:
        return lambda: True
    url = f"http://{metrics}/metrics"
    return lambda: probe.answers(url)
