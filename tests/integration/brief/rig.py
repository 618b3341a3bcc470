"""A province's tables, a folder of briefs and a mail server, for the tests of this folder."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboards.brief.main import Office
from deploy.embedded.credentials import to_toml
from ioc.metrics import Metrics
from ioc.settings import Settings
from tests.clickhouse_front import ANALYST, ROOT
from tests.mail_server import MailTestServer
from tests.wall_world import World


@dataclass(frozen=True)
class Rig:
    """What a test works with; its settings name all of it."""

    world: World
    folder: Path
    mail: MailTestServer
    contacts: Path

    @property
    def tree(self) -> dict[str, Any]:
        """The settings as a file holds them; briefs and reminders are due the whole day."""
        clickhouse = self.world.settings
        logins = {
            name: {"user": login.user, "password": login.password.get_secret_value()}
            for name in ("admin", "writer", "wall")
            for login in [getattr(clickhouse, name)]
        }
        mail = self.mail.settings().model_dump(mode="json") | {
            "password": "mail-secret",
            "contacts": str(self.contacts),
        }
        return {
            "clickhouse": {
                "host": clickhouse.host, "native_port": clickhouse.native_port, "http_port": clickhouse.http_port,
                "database": clickhouse.database, **logins, "analyst": {"user": ANALYST.name, "password": ANALYST.password},
            },
            "embedded": {"data_dir": str(self.folder.parent / "var")},
            "brief": {"at": "00:00", "directory": str(self.folder)},
            "reminders": {"at": "00:00"},
            "mail": mail,
            "metrics": {"brief": 0},
        }  # fmt: skip

    @property
    def settings(self) -> Settings:
        """The same, read."""
        return Settings.model_validate(self.tree)

    def office(self, stop: Any = None) -> Office:
        """Both duties, in this process."""
        import threading

        return Office(self.settings, Metrics("brief"), stop or threading.Event())

    def run(self, *command: str) -> tuple[int, str]:
        """`ioc …` with these settings: its exit code, and what it has printed."""
        said = self.folder.parent / "process.log"
        said.unlink(missing_ok=True)
        with self.process("ioc.cli.main", *command) as running:
            code = running.wait(200)
        return code, said.read_text(encoding="utf-8")

    def write_contacts(self, text: str) -> None:
        """What the operator keeps."""
        self.contacts.write_text(text, encoding="utf-8")

    def states(self, about: str) -> list[tuple[Any, ...]]:
        """The log: unit, series, step, recipient, state, in the order of time."""
        return self.world.query(
            f"SELECT unit, series, step, recipient, state FROM mails WHERE about = '{about}' ORDER BY at, unit, series"
        )

    @contextlib.contextmanager
    def process(self, *command: str, **settings: Any) -> Iterator[subprocess.Popen[bytes]]:
        """`python -m …` with these settings, in a process of its own; killed in the end."""
        file = self.folder.parent / "settings.toml"
        file.write_text(to_toml(self.tree | settings), encoding="utf-8")
        own = {name: value for name, value in os.environ.items() if not name.startswith("IOC_")}
        with (self.folder.parent / "process.log").open("ab") as log:
            running = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=own | {"IOC_SETTINGS": str(file)},
                stdout=log,
                stderr=log,
            )
        try:
            yield running
        finally:
            running.kill()
            running.wait()
