"""What is chosen at the first start of a data directory and holds ever after, so that a restart shows the same data."""

import hashlib
from pathlib import Path

import msgspec

from ioc.errors import ConfigError

FILE_NAME = "shift.json"


class Start(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The choices of a first start.

    Attributes:
        shift_days: whole days by which the log's moments are moved; None without a log.
        log_sha256: of the log's bytes; None without a log.
        base_ms: base time of the generator, and the real moment of the first start.
        origin_ms: where the simulated clock began.
        rate: generated versions a second.
        seed: of the generator.
        backfill: generated versions before the base time.
        times: volume of the other systems, beside that of a province.
        history_days: days before the base time in which the other systems have data.
    """

    shift_days: int | None
    log_sha256: str | None
    base_ms: int
    origin_ms: int
    rate: float
    seed: int
    backfill: int
    times: float = 1.0
    history_days: float = 2.0


def digest(log: Path | None) -> str | None:
    """SHA-256 of the log's bytes.

    Raises:
        ConfigError: it cannot be read.
    """
    if log is None:
        return None
    try:
        return hashlib.sha256(log.read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigError(f"--log {log}: {error.strerror}; give a readable receipt log") from error


def load(data_dir: Path) -> Start | None:
    """What an earlier start chose; None at the first.

    Raises:
        ConfigError: the file is there and cannot be understood.
    """
    path = data_dir / FILE_NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=Start)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(f"{path}: {error}; delete it to start anew, or give another --data-dir") from error


def save(data_dir: Path, start: Start) -> None:
    """Keeps the choices: written beside, then moved over, so that no half file is ever seen.

    Raises:
        ConfigError: the directory cannot be written.
    """
    path = data_dir / FILE_NAME
    beside = path.with_suffix(".new")
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(msgspec.json.format(msgspec.json.encode(start)) + b"\n")
        beside.replace(path)
    except OSError as error:
        raise ConfigError(f"--data-dir {data_dir}: {error.strerror}; give a directory that can be written") from error


def same_data(earlier: Start, wanted: Start, data_dir: Path) -> None:
    """Refuses other data than the directory was made for: its versions would come under cursors that have passed them.

    Raises:
        ConfigError: the log or the generator's flags differ.
    """
    flags = {
        "--log": "log_sha256",
        "--rate": "rate",
        "--seed": "seed",
        "--backfill": "backfill",
        "--times": "times",
        "--history-days": "history_days",
    }
    other = [flag for flag, field in flags.items() if getattr(wanted, field) != getattr(earlier, field)]
    if other:
        raise ConfigError(
            f"{data_dir / FILE_NAME}: made with another {', '.join(other)}; give the flags of the first start, or another --data-dir"
        )
