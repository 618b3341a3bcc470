"""The outbox: a folder for each report, with its files, how far it has come, and its receipt.

    made → signed → sent → received
                       ↘ refused

Each step is one atomic replacement of `state.json`, on disk before the next begins: after `kill -9` at any moment a report is
in one of these states and is taken on from there. `sent` is written before the first byte goes out: it may have arrived.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

import msgspec

from dashboards.report.document import MANIFEST, SIGNATURE, digest
from ioc.errors import ConfigError, RetriableError
from ioc.settings import Settings

State = Literal["made", "signed", "sent", "received", "refused"]
STATE, RECEIPT = "state.json", "receipt.json"
_BEING_MADE = ".making-"


@dataclass(frozen=True)
class Report:
    """A report in the outbox; its id is also the key by which the receiver knows it again."""

    folder: Path
    state: State
    since: datetime
    words: str = ""
    """What the receiver said last."""

    @property
    def id(self) -> str:
        """Province, period and the beginning of the manifest's hash."""
        return self.folder.name

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest."""
        found: dict[str, Any] = msgspec.json.decode((self.folder / MANIFEST).read_bytes())
        return found

    def files(self) -> dict[str, bytes]:
        """What is sent: figures, manifest and signature."""
        names = [*(one["name"] for one in self.manifest["files"]), MANIFEST, SIGNATURE]
        return {name: (self.folder / name).read_bytes() for name in names if (self.folder / name).exists()}


class Outbox:
    """The reports of a folder; it is made if it is not there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"report.outbox {folder}: {error.strerror}") from error

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The outbox that the settings name."""
        return cls(settings.report.outbox or settings.embedded.data_dir / "reports")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Only one process at a time makes or pushes; the lock goes with the process.

        Raises:
            RetriableError: another one does.
        """
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RetriableError(f"another process works on {self.folder}; try again when it has ended") from None
            yield

    def reports(self) -> list[Report]:
        """All reports, oldest first."""
        folders = [one for one in self.folder.iterdir() if (one / STATE).is_file() and not one.name.startswith(".")]
        return sorted(map(_read, folders), key=lambda one: one.manifest["as_of"])

    def get(self, name: str) -> Report:
        """A report by its id.

        Raises:
            ConfigError: there is none.
        """
        folder = self.folder / name
        if "/" in name or not (folder / STATE).is_file():
            raise ConfigError(f"{self.folder} holds no report {name}; `ioc report list` shows what is there")
        return _read(folder)

    def add(self, manifest: bytes, files: dict[str, bytes]) -> Report:
        """Stores a report that was made; the same one twice is one."""
        said: dict[str, Any] = msgspec.json.decode(manifest)
        name = f"{said['province']}-{said['period']}-{digest(manifest)[:16]}"
        for left in self.folder.glob(f"{_BEING_MADE}*"):  # by a process that died
            shutil.rmtree(left)
        if not (self.folder / name).exists():
            scratch = self.folder / f"{_BEING_MADE}{name}"
            scratch.mkdir()
            for file, content in {**files, MANIFEST: manifest, STATE: _state("made", "")}.items():
                _write(scratch / file, content)
            scratch.rename(self.folder / name)
            _sync(self.folder)
        return _read(self.folder / name)

    def store(self, report: Report, file: str, content: bytes) -> None:
        """Stores one more file of a report, whole or not at all."""
        _write(report.folder / file, content)
        _sync(report.folder)

    def advance(self, report: Report, state: State, words: str = "") -> Report:
        """Notes how far a report has come."""
        self.store(report, STATE, _state(state, words))
        return _read(report.folder)


def _read(folder: Path) -> Report:
    said = msgspec.json.decode((folder / STATE).read_bytes())
    return Report(folder, said["state"], datetime.fromisoformat(said["since"]), said["words"])


def _state(state: State, words: str) -> bytes:
    return msgspec.json.encode({"state": state, "since": datetime.now(UTC).isoformat(), "words": words})


def _write(file: Path, content: bytes) -> None:
    scratch = file.with_name(f".{file.name}.new")
    with scratch.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    scratch.replace(file)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
