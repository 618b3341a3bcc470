"""`ioc run COMPONENT`: becomes one process of the pipeline.

`python -m ioc.cli.run COMPONENT` is the same without the command line's own imports: the stack starts its processes
this way, several at once.
"""

import asyncio
import importlib
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from ioc import logs
from ioc.errors import ConfigError, IocError
from ioc.settings import Settings, load_settings

if TYPE_CHECKING:
    import typer

SUPERVISED = "SUPERVISOR_ENABLED"
"""Variable that supervisor sets in its children."""


def _stage(module: str) -> Callable[[Settings], int]:
    def run(settings: Settings) -> int:
        return int(importlib.import_module(module).main(settings))

    return run


def _kafka(settings: Settings) -> int:
    from deploy.embedded.kafka import Broker, become

    become(Broker.of(settings))


def _clickhouse(settings: Settings) -> int:
    from deploy.embedded.clickhouse.config import FrontSettings
    from deploy.embedded.clickhouse.server import Front
    from deploy.embedded.clickhouse.users import Users
    from deploy.embedded.credentials import users_file

    clickhouse, data_dir = settings.clickhouse, settings.embedded.data_dir
    front = FrontSettings(
        data=data_dir / "clickhouse",
        users=users_file(data_dir),
        host=clickhouse.host,
        native_port=clickhouse.native_port,
        http_port=clickhouse.http_port,
        drain_s=2.0,  # the whole stack stops within 15 s
    )
    asyncio.run(Front(front, Users.from_file(front.users)).serve())
    return 0


def _simulator(settings: Settings) -> int:
    from deploy.embedded import simulated
    from ingest.simulator.__main__ import main
    from ingest.simulator.systems import SYSTEMS

    # In this process, not as flags of a new one: a command line is for every user to read.
    os.environ.update(simulated.environment(settings))
    return main(simulated.flags(settings, SYSTEMS))


def _mosquitto(settings: Settings) -> int:
    from deploy.embedded.mosquitto import MqttBroker, become

    broker = MqttBroker.of(settings)
    if broker is None:
        raise ConfigError("sources.hub.mqtt names no broker here, or mosquitto is not installed; see embedded.mqtt")
    become(broker)


def _prometheus(settings: Settings) -> int:
    from deploy.embedded.component import prometheus_of
    from deploy.embedded.prometheus import become

    found = prometheus_of(settings)
    if found is None:
        raise ConfigError(
            "wall.prometheus_url names no Prometheus here, or it is not installed; see embedded.prometheus"
        )
    become(found)


COMPONENTS: dict[str, Callable[[Settings], int]] = {
    "kafka": _kafka,
    "clickhouse": _clickhouse,
    "mosquitto": _mosquitto,
    "prometheus": _prometheus,
    "simulator": _simulator,
    "ingest": _stage("ingest.main"),
    "worker": _stage("streams.main"),
    "sink": _stage("sinks.main"),
    "wall": _stage("dashboards.wall.main"),
    "brief": _stage("dashboards.brief.main"),
    "report": _stage("dashboards.report.main"),
}
"""Every component, and what it becomes."""


def run(name: str) -> int:
    """Runs a component until it is stopped; its exit code.

    Raises:
        ConfigError: there is no such component.
        IocError: it cannot go on.
    """
    if name not in COMPONENTS:
        raise ConfigError(f"there is no component {name!r}; there are {', '.join(COMPONENTS)}")
    if SUPERVISED in os.environ:
        from deploy.embedded.supervise import die_with_parent

        die_with_parent()
    settings = load_settings()
    logs.configure(settings.log_level, settings.log_json)
    return COMPONENTS[name](settings)


def register(app: "typer.Typer") -> None:
    """Adds `run` to the command line."""
    import typer

    @app.command(name="run", help=f"Run one component until it is stopped: {', '.join(COMPONENTS)}.")
    def run_command(component: str) -> None:
        raise typer.Exit(run(component))


def main() -> int:
    """`python -m ioc.cli.run COMPONENT`."""
    try:
        return run(sys.argv[1] if len(sys.argv) == 2 else "")
    except IocError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
