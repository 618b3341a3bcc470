"""The embedded broker: Apache Kafka itself, one node that is broker and controller, on the loopback only.

`python -m deploy.embedded.kafka` formats the storage at the first start and becomes the broker (exec), so that the
process that is started is the one to signal.
"""

import base64
import os
import socket
import struct
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from deploy.embedded.java import find_java
from deploy.embedded.kafka_jars import find_jars
from ioc.errors import ConfigError, FatalError
from ioc.settings import Settings, load_settings

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Broker:
    """A single-node KRaft broker.

    Attributes:
        directory: its configuration and its log; made when missing.
        port: where clients connect.
        controller_port: where it speaks with itself.
        heap_mb: the JVM's heap, in MiB.
    """

    directory: Path
    port: int
    controller_port: int
    heap_mb: int = 512

    @classmethod
    def of(cls, settings: Settings) -> "Broker":
        """The broker that the settings describe.

        Raises:
            ConfigError: `kafka.bootstrap` is not an address on this machine's loopback.
        """
        host, _, port = settings.kafka.bootstrap.rpartition(":")
        if host not in {HOST, "localhost"} or not port.isdigit():
            raise ConfigError(
                f"kafka.bootstrap = {settings.kafka.bootstrap!r}: the embedded broker listens on {HOST}:PORT only; "
                "change it, or set embedded.kafka = false to use that broker"
            )
        embedded = settings.embedded
        return cls(embedded.data_dir / "kafka", int(port), embedded.kafka_controller_port, embedded.kafka_heap_mb)

    @property
    def bootstrap(self) -> str:
        """Address for clients."""
        return f"{HOST}:{self.port}"

    def properties(self) -> dict[str, str]:
        """The broker's configuration."""
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            # Static voters: the address stands in this file only, so the port may change between starts.
            "controller.quorum.voters": f"1@{HOST}:{self.controller_port}",
            "listeners": f"CLIENT://{HOST}:{self.port},CONTROLLER://{HOST}:{self.controller_port}",
            "advertised.listeners": f"CLIENT://{HOST}:{self.port}",
            "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "CLIENT",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": str((self.directory / "log").absolute()),
            # Topics are made with their partitions and retention before they are used, never by chance.
            "auto.create.topics.enable": "false",
            "default.replication.factor": "1",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "2",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "share.coordinator.state.topic.num.partitions": "2",
            "group.initial.rebalance.delay.ms": "0",
            # The controller lets a killed broker come back only when its last session has run out (default 9 s).
            "broker.session.timeout.ms": "3000",
            "broker.heartbeat.interval.ms": "500",
            "message.max.bytes": str(4 << 20),
            # What a server of hundreds of partitions sets aside is cut to what these dozens need.
            "num.network.threads": "2",
            "num.io.threads": "4",
            "background.threads": "4",
            "num.recovery.threads.per.data.dir": "2",
            "log.cleaner.dedupe.buffer.size": str(16 << 20),
            "log.index.size.max.bytes": str(1 << 20),
            "log.segment.bytes": str(128 << 20),
        }

    def prepare(self) -> list[str]:
        """Writes the configuration, formats the storage at the first start, and returns the broker's command line.

        Raises:
            ConfigError: no Java, or no jars.
            FatalError: the storage could not be formatted.
        """
        java, jars = find_java(), find_jars()
        self.directory.mkdir(parents=True, exist_ok=True)
        config = self.directory / "server.properties"
        config.write_text("".join(f"{key}={value}\n" for key, value in self.properties().items()), "utf-8")
        logging = self.directory / "log4j2.properties"
        logging.write_text(_LOG4J, "utf-8")
        classes = [
            str(java),
            "-cp",
            f"{jars}/*",
            f"-Dlog4j2.configurationFile={logging}",
            # The JVM's counters in /tmp are nobody's to read here.
            "-XX:-UsePerfData",
        ]
        if not (self.directory / "log" / "meta.properties").is_file():
            self._format(classes, config)
        return [
            *classes,
            f"-Xms{min(128, self.heap_mb)}m",
            f"-Xmx{self.heap_mb}m",
            # Starts in half the time and keeps less memory; what the second compiler would add, this broker never needs.
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "-Djava.awt.headless=true",
            "kafka.Kafka",
            str(config),
        ]

    def _format(self, classes: list[str], config: Path) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        command = [*classes, "-XX:TieredStopAtLevel=1", "kafka.tools.StorageTool", "format"]
        answer = subprocess.run(
            [*command, f"--cluster-id={cluster}", "--config", str(config)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode:
            said = (answer.stdout + answer.stderr).strip()[-2000:]
            raise FatalError(f"Kafka's storage in {self.directory} could not be formatted: {said}")

    def is_ready(self, timeout_s: float = 1.0) -> bool:
        """Whether the broker serves requests and counts itself as alive."""
        return brokers_at(HOST, self.port, timeout_s) > 0


def brokers_at(host: str, port: int, timeout_s: float = 1.0) -> int:
    """The number of live brokers that the one at this address knows; 0 when it does not answer.

    The listening port opens before the broker takes requests, and it takes requests before it may hold partitions, so
    only a Metadata answer that lists a broker means ready. Version 0 of that request is 20 bytes (Kafka protocol guide).
    """
    name = b"ready?"
    body = struct.pack(">hhih", 3, 0, 1, len(name)) + name + struct.pack(">i", 1)
    body += struct.pack(">h", 1) + b"_"  # one topic that need not exist: an empty list would ask for all of them
    try:
        with socket.create_connection((host, port), timeout_s) as connection:
            connection.settimeout(timeout_s)
            connection.sendall(struct.pack(">i", len(body)) + body)
            with connection.makefile("rb") as answer:
                head = answer.read(12)
    except OSError:
        return 0
    return struct.unpack(">iii", head)[2] if len(head) == 12 else 0


_LOG4J = """\
# Warnings and worse, one line each, on standard output: who started the broker keeps it.
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %-5p %c{1}: %m%n
logger.start.name = kafka.server.KafkaRaftServer
logger.start.level = info
"""


def become(broker: Broker) -> NoReturn:
    """Turns this process into the broker, formatting its storage first if need be.

    Raises:
        ConfigError: no Java, or no jars.
        FatalError: the storage could not be formatted.
    """
    command = broker.prepare()
    os.execv(command[0], command)  # noqa: S606 - a shell between would take the signals


def main() -> NoReturn:
    """Becomes the broker of the settings."""
    try:
        become(Broker.of(load_settings()))
    except FatalError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
