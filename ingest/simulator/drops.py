"""Files as a system drops them into a folder that a connector reads."""

from pathlib import Path

import msgspec

from ingest.simulator.faults import Faults
from ingest.simulator.spoil import wrong_encoding

UNFINISHED = ".part"


def drop(path: Path, body: bytes) -> None:
    """Puts a whole file where readers look: written under another name first, then renamed. The folder is made when missing.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + UNFINISHED)
    unfinished.write_bytes(body)
    unfinished.replace(path)


def drop_spoiled(path: Path, body: bytes, faults: Faults, *, text: bool = True) -> None:
    """As `drop`, through the faults of files; the whole file is dropped in any case.

    `truncated` drops its first half before it, `wrong_encoding` the whole in another encoding, `duplicate` the whole once more: each
    beside it, under a name of its own.

    Args:
        path: the file.
        body: its bytes.
        faults: say what fires.
        text: whether the body is UTF-8; `wrong_encoding` leaves any other alone.

    Raises:
        OSError: it cannot be written.
    """
    for name in ("truncated", "wrong_encoding", "duplicate"):
        if (name == "wrong_encoding" and not text) or not faults.draw(name):
            continue
        spoiled = body
        if name == "truncated":
            spoiled = body[: len(body) // 2]
        elif name == "wrong_encoding":
            spoiled = wrong_encoding(body, faults.fired[name])
        drop(path.with_name(f"{path.stem}-{name}-{faults.fired[name]}{path.suffix}"), spoiled)
    drop(path, body)


class Mark:
    """Up to when a system has dropped or pushed, kept in a file, so that a restart goes on there."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> int | None:
        """Milliseconds since the epoch; None: nothing was done yet.

        Raises:
            ValueError: the file was damaged.
        """
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=int)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError as error:
            raise ValueError(f"{self._path}: {error}; delete it, then everything is dropped again") from error

    def write(self, done_ms: int) -> None:
        """Keeps it; call it after the files are there: after a crash some are dropped again, none is left out."""
        drop(self._path, msgspec.json.encode(done_ms))
