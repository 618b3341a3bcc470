"""The MQTT broker of the stack: Debian's mosquitto with a configuration of our own, on the loopback only.

It is run where the program is found and `sources.hub.mqtt` names it. Debian's package may run a service of its own on port 1883; nothing
here depends on that.
"""

import base64
import hashlib
import os
import pwd
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from ioc.errors import ConfigError
from ioc.settings import Settings

HOST = "127.0.0.1"
PROGRAM = "mosquitto"

_WHERE = ("/usr/sbin", "/usr/local/sbin")
"""Where packages put it, and where few users' PATH looks."""

_HASH_ROUNDS = 101
_SALT_BYTES = 12


def find_mosquitto() -> Path | None:
    """The program, if it is installed."""
    found = shutil.which(PROGRAM) or shutil.which(PROGRAM, path=os.pathsep.join(_WHERE))
    return Path(found) if found else None


@dataclass(frozen=True)
class MqttBroker:
    """A mosquitto.

    Attributes:
        directory: what it keeps for clients that are away; made when missing.
        run_dir: its configuration; made when missing.
        port: where clients connect.
        user: who may connect; empty: anybody on this machine.
        password: of that user.
    """

    directory: Path
    run_dir: Path
    port: int
    user: str = ""
    password: str = ""

    @classmethod
    def of(cls, settings: Settings) -> "MqttBroker | None":
        """The broker that the settings describe; None: the hub's connector reads none, another's, or the program is missing."""
        embedded, hub = settings.embedded, settings.sources.hub
        here = hub.mqtt.host in {HOST, "localhost"} and hub.mqtt.port == embedded.mqtt_port
        if not (embedded.mqtt and hub.enabled and here and find_mosquitto()):
            return None
        return cls(
            embedded.data_dir / PROGRAM,
            embedded.data_dir / "run",
            embedded.mqtt_port,
            hub.mqtt.user,
            hub.mqtt.password.get_secret_value(),
        )

    def prepare(self) -> list[str]:
        """Writes the configuration and returns the broker's command line.

        Raises:
            ConfigError: mosquitto is not installed.
        """
        program = find_mosquitto()
        if program is None:
            raise ConfigError(f"there is no {PROGRAM} here; install it, or set embedded.mqtt = false")
        for folder in (self.directory, self.run_dir):
            folder.mkdir(parents=True, exist_ok=True)
        config, passwords = self.run_dir / "mosquitto.conf", self.run_dir / "mosquitto.passwords"
        lines = [
            f"listener {self.port} {HOST}",
            # What is sent to a client that is away waits, and outlives a restart.
            "persistence true",
            f"persistence_location {self.directory.absolute()}/",
            "autosave_interval 10",
            "max_queued_messages 200000",
            "max_inflight_messages 0",
            "log_dest stdout",
            *(f"log_type {kind}" for kind in ("error", "warning", "notice")),
            "log_timestamp_format %Y-%m-%dT%H:%M:%S",
            "connection_messages false",
        ]
        if os.geteuid() == 0:
            # Root would become a user who cannot read these files.
            lines.append(f"user {pwd.getpwuid(0).pw_name}")
        if self.user:
            lines += ["allow_anonymous false", f"password_file {passwords.absolute()}"]
            _write_private(passwords, f"{self.user}:{hashed(self.password)}\n")
        else:
            lines.append("allow_anonymous true")
        _write_private(config, "".join(f"{line}\n" for line in lines))
        return [str(program), "-c", str(config.absolute())]


def hashed(password: str) -> str:
    """A password as mosquitto 2 keeps it: PBKDF2 with SHA-512 (mosquitto_passwd(1), type 7)."""
    salt = secrets.token_bytes(_SALT_BYTES)
    found = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _HASH_ROUNDS)
    return f"$7${_HASH_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(found).decode()}"


def become(broker: MqttBroker) -> NoReturn:
    """Turns this process into the broker.

    Raises:
        ConfigError: mosquitto is not installed.
    """
    command = broker.prepare()
    os.execv(command[0], command)  # noqa: S606 - a shell between would take the signals


def _write_private(path: Path, text: str) -> None:
    path.touch(0o600)
    path.write_text(text, "utf-8")
