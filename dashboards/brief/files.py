"""The folder of the briefs: `brief-2026-11-23.json` is what a brief says, `.html` and `.pdf` are made of it.

The JSON of a day is written once and never replaced; page and PDF can be made of it again, the same. Every file appears as a
whole or not at all, also when the process is killed.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import msgspec

from dashboards.brief.model import Brief, dump, parse
from ioc.errors import FatalError, RetriableError

_BEFORE_DAYS = 7
"""An earlier brief is compared with when it is not older than that."""


class Folder:
    """One folder of briefs."""

    def __init__(self, directory: Path) -> None:
        """Makes the folder where it is missing."""
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def path(self, day: date, suffix: str) -> Path:
        """Where a file of a day stands."""
        return self.directory / f"brief-{day.isoformat()}.{suffix}"

    def read(self, day: date) -> Brief | None:
        """The brief of a day; None where none was made.

        Raises:
            FatalError: the file is damaged.
        """
        path = self.path(day, "json")
        try:
            return parse(path.read_bytes())
        except FileNotFoundError:
            return None
        except msgspec.DecodeError as error:
            raise FatalError(f"{path} is no brief ({error}); move it away, the brief is made anew") from error

    def before(self, day: date) -> Brief | None:
        """The last brief before a day, not older than a week. Raises as `read` does."""
        found = (self.read(day - timedelta(days=n)) for n in range(1, _BEFORE_DAYS + 1))
        return next((brief for brief in found if brief is not None), None)

    def keep(self, brief: Brief) -> Brief:
        """Keeps what a brief says; where one of that day stands already, that one is returned and holds."""
        path = self.path(brief.day, "json")
        scratch = self._scratch(path, dump(brief))
        try:
            path.hardlink_to(scratch)  # unlike a rename this never replaces what stands
        except FileExistsError:
            pass
        finally:
            scratch.unlink()
        self._sync()
        kept = self.read(brief.day)
        assert kept is not None
        return kept

    def write(self, day: date, suffix: str, content: bytes) -> Path:
        """Writes page or PDF, replacing what stood."""
        path = self.path(day, suffix)
        self._scratch(path, content).replace(path)
        self._sync()
        return path

    def _scratch(self, path: Path, content: bytes) -> Path:
        scratch = path.with_name(f".{path.name}.{os.getpid()}")
        with scratch.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return scratch

    def _sync(self) -> None:
        """The names are on the disk too."""
        descriptor = os.open(self.directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    @contextmanager
    def only_one(self) -> Iterator[None]:
        """Keeps others that send from the same folder away for as long; the kernel lets go when the process dies.

        Raises:
            RetriableError: another process is at it.
        """
        with (self.directory / ".lock").open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RetriableError(f"another process sends from {self.directory} at this moment") from error
            yield
