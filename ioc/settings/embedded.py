"""Settings of the one-machine stack."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from ioc.settings.section import Port, Section


class SimulatorSettings(Section):
    """The simulated source systems of the embedded stack."""

    enabled: bool = True
    """Run the simulator beside the stack."""
    host: str = "127.0.0.1"
    """Where it listens."""
    port: Port = 18080
    """Its port."""
    log: Path | None = None
    """The real log (receipt.csv); None: generated dossiers only."""
    speed: str = "max"
    """How fast the log is lived through: a factor of real time, or `max`."""
    rate: Annotated[float, Field(ge=0)] = 1.0
    """Generated dossier versions a second; 0 for none."""
    seed: int = 1
    """Seed of the generator, and of the other systems."""
    times: Annotated[float, Field(gt=0)] = 1.0
    """Volume of the systems beside the dossiers'; 1 is a province of 1.2 million people."""
    history_days: Annotated[float, Field(ge=0)] = 2.0
    """Days before the first start in which those systems have data."""
    keep_days: Annotated[float, Field(gt=0)] = 3.0
    """Files that they dropped are removed after so many days."""


class EmbeddedSettings(Section):
    """The one-machine stack."""

    data_dir: Path = Path("var")
    """Folder of everything that the stack keeps."""
    kafka: bool = True
    """Run a broker here; false: `kafka.bootstrap` is somebody else's."""
    clickhouse: bool = True
    """Run the ClickHouse front here; false: `clickhouse` is somebody else's."""
    kafka_controller_port: Port = 19093
    """Port of the broker's controller."""
    kafka_heap_mb: Annotated[int, Field(ge=128)] = 512
    """Memory of the broker's Java heap, MiB."""
    mqtt: bool = True
    """Run an MQTT broker here where `sources.hub.mqtt` names this machine and `mqtt_port`, and mosquitto is installed."""
    mqtt_port: Port = 18883
    """Port of that broker; where the simulator runs, `sources.hub.mqtt` follows it."""
    prometheus: bool = True
    """Run a Prometheus here where `wall.prometheus_url` names no other, and the program is installed."""
    prometheus_port: Port = 19090
    """Port of that Prometheus; `wall.prometheus_url` follows it."""
    prometheus_days: Annotated[int, Field(ge=1)] = 7
    """Days that it keeps."""
    simulator: SimulatorSettings = SimulatorSettings()
