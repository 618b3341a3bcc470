"""One stack a folder: a lock that the kernel frees when its holder dies, so a stale one is never taken for a live one."""

import fcntl
import os
from pathlib import Path

from ioc.errors import ConfigError


class Lock:
    """The lock file of a folder. The supervisor inherits the open file and so holds the lock as long as it lives."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / "lock"
        self.fd = -1

    def take(self) -> None:
        """Takes the lock.

        Raises:
            ConfigError: another process holds it.
        """
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            raise ConfigError(
                f"a stack is already running in {self.path.parent} (pid {holder(self.path.parent) or 'unknown'}); "
                "`ioc status` shows it, `ioc down` stops it"
            ) from None
        self.fd = fd
        self.note(os.getpid())

    def note(self, pid: int) -> None:
        """Says in the file whose lock it is."""
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, f"{pid}\n".encode(), 0)

    def close(self) -> None:
        """Lets go of the lock in this process; whoever inherited it keeps it."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


def holder(data_dir: Path) -> int | None:
    """The pid of the process whose stack runs in the folder; None: none runs."""
    path = data_dir / "lock"
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(fd, 32, 0).decode("ascii", "replace").strip()
        return int(text) if text.isdigit() else None
    finally:
        os.close(fd)
    return None
