"""The data directory: one owner at a time, and prepared so that the engine starts without its view of the file system."""

import contextlib
import errno
import fcntl
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from ioc.errors import FatalError

UNFIT = set("?&#%=;'\"\\ \n")
FREE_MIN_BYTES = 64 << 20
"""Less free space than this and the front does not start: the engine could not even write its own state."""


class DataDirectory:
    """Holds the lock on a data directory from `claim` to `release`."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: int | None = None

    @property
    def own(self) -> Path:
        """The front's folder inside: configuration, temporary files."""
        return self.path / "front"

    def claim(self) -> None:
        """Takes the directory for this process, making it if it is not there.

        Raises:
            FatalError: it cannot be made or written, another process has it, or the disk is full.
        """
        if UNFIT & set(str(self.path)):
            raise FatalError(
                f"data directory {self.path}: its name must be free of spaces, quotes and any of ? & # % = ; \\"
            )
        try:
            self.own.mkdir(parents=True, exist_ok=True)
            self._take_lock()
            for name in ("tmp", "user_files", "format_schemas"):
                (self.own / name).mkdir(exist_ok=True)
            self._clear_temporary()
            self._seed_default_database()
        except OSError as error:
            self.release()
            raise FatalError(_reason(self.path, error)) from error
        free = os.statvfs(self.path)
        free_bytes = free.f_bavail * free.f_frsize
        if free_bytes < FREE_MIN_BYTES:
            self.release()
            raise FatalError(
                f"data directory {self.path}: {free_bytes >> 20} MiB are free on its disk, at least "
                f"{FREE_MIN_BYTES >> 20} MiB are needed; make room or name another directory"
            )

    def release(self) -> None:
        """Gives the directory back."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def write_config(self, text: str) -> Path:
        """Stores the engine's configuration, readable by the owner alone."""
        path = self.own / "engine.xml"
        try:
            path.write_text(text, encoding="utf-8")
            path.chmod(0o600)
        except OSError as error:
            raise FatalError(_reason(self.path, error)) from error
        return path

    @contextlib.contextmanager
    def engine_messages(self) -> Iterator[Path]:
        """Sends what the engine itself writes to standard error to a file, while it starts; yields the file.

        The engine prints the cause of a failed start there and raises an error without it.
        """
        path = self.own / "engine-start.log"
        kept = os.dup(2)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.dup2(file, 2)
            yield path
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(file)

    def _take_lock(self) -> None:
        descriptor = os.open(self.own / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise FatalError(
                f"data directory {self.path} belongs to a running front (process {owner}); stop it or name another"
            ) from None
        self._lock = descriptor
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)

    def _clear_temporary(self) -> None:
        for file in (self.own / "tmp").iterdir():
            if file.is_file():
                file.unlink()

    def _seed_default_database(self) -> None:
        """Makes `default` a plain database.

        The engine lays its view of the file system (any file is a table) over the database that the symbolic link
        `metadata/default` leads to. With the database declared and the link away, that overlay is made elsewhere,
        and `engine.py` drops it.
        """
        metadata = self.path / "metadata"
        metadata.mkdir(exist_ok=True)
        declaration = metadata / "default.sql"
        if not declaration.exists():
            text = f"ATTACH DATABASE default\nUUID '{uuid.uuid4()}'\nENGINE = Atomic\n"
            temporary = metadata / "default.sql.tmp"
            temporary.write_text(text, encoding="ascii")
            temporary.rename(declaration)
        link = metadata / "default"
        if link.is_symlink():
            link.unlink()


def _reason(path: Path, error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"data directory {path}: the disk is full; make room or name another directory"
    what = error.strerror or str(error)
    return f"data directory {path} cannot be used: {what} ({error.filename}); check its owner and rights"
