"""The register of generations: the compacted topic `generations`, by which workers know what to fold.

A generation stands there with the TOML of its catalogue, so that the live one is folded on, undisturbed, whatever the
folder of the catalogue holds meanwhile. What is live the newest row of the table `generations` says; the note beside the
records follows it.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from ioc import clock
from ioc.catalogue.load import PACKAGED, Catalogue, load_catalogue
from ioc.catalogue.profile import load_province
from ioc.catalogue.province import Province
from ioc.contracts.generation import LIVE_KEY, GenerationRecord, LiveNote
from ioc.errors import FatalError
from ioc.kafka.compacted import latest_values
from ioc.kafka.producer import Delivery
from ioc.topics import GENERATIONS

_ACK_S = 30.0


class Writer(Protocol):
    """Writes messages and, with None, takes them back: `ioc.kafka.producer.Producer`."""

    def publish(self, topic: str, partition: int, value: bytes | None, key: bytes | None = None) -> Delivery:
        """See `ioc.kafka.producer.Publisher.publish`."""
        ...


@dataclass(frozen=True)
class Register:
    """What the topic holds: records by generation, and the note of the live one; None where there is none yet."""

    records: dict[str, GenerationRecord]
    live: LiveNote | None


def read_register(bootstrap: str) -> Register:
    """Reads the topic as it is now.

    Raises:
        RetriableError: the broker cannot be reached.
        FatalError: the topic does not exist, or holds what is no record.
    """
    return parsed(latest_values(bootstrap, GENERATIONS.name))


def parsed(values: dict[bytes, bytes]) -> Register:
    """The register of the latest value of each key.

    Raises:
        FatalError: one of them is no record.
    """
    records, live = {}, None
    for key, value in values.items():
        try:
            if key == LIVE_KEY:
                live = LiveNote.model_validate_json(value)
            else:
                records[key.decode()] = GenerationRecord.model_validate_json(value)
        except (ValidationError, UnicodeDecodeError) as error:
            raise FatalError(f"topic {GENERATIONS.name}: key {key!r} is no record of a generation: {error}") from error
    return Register(records, live)


def record_of(catalogue: Catalogue, directory: Path | None, topic_ids: dict[str, str]) -> GenerationRecord:
    """The record of the generation that a catalogue is over topics.

    Args:
        catalogue: what `directory` holds, loaded.
        directory: its folder; None is the packaged one.
        topic_ids: name → id of the topics of events that it reads.
    """
    folder = directory or PACKAGED
    return GenerationRecord(
        generation=catalogue.compiled.generation(topic_ids),
        catalogue_hash=catalogue.compiled.hash,
        topic_ids=topic_ids,
        files={str(file.relative_to(folder)): file.read_text("utf-8") for file in sorted(folder.rglob("*.toml"))},
        registered_at=clock.now(),
    )


def catalogue_of(record: GenerationRecord) -> Catalogue:
    """The catalogue that a record holds.

    Raises:
        FatalError: this version of the project does not understand it.
    """
    with _folder(record) as folder:
        return load_catalogue(folder)


def province_of(record: GenerationRecord, code: str) -> Province:
    """The profile of a province as it stood beside that catalogue. Raises as `catalogue_of` does."""
    with _folder(record) as folder:
        return load_province(code, folder)


@contextmanager
def _folder(record: GenerationRecord) -> Iterator[Path]:
    """The files of a record in a folder that does not last."""
    with tempfile.TemporaryDirectory(prefix="ioc-generation-") as name:
        for path, text in record.files.items():
            file = Path(name) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        try:
            yield Path(name)
        except FatalError as error:
            said = str(error).replace(f"{name}/", "")
            raise FatalError(
                f"the catalogue of generation {record.generation} is of another version of the project: {said}; "
                "run that version, or `ioc catalogue deploy` with this one"
            ) from error


def fold_group(generation: str) -> str:
    """The consumer group of a generation's workers."""
    return f"ioc-fold-{generation}"


def register(writer: Writer, record: GenerationRecord) -> None:
    """Writes a record; returns when it is acknowledged. Names and targets may be newer than those of the record before."""
    raw = record.model_dump_json().encode()
    writer.publish(GENERATIONS.name, 0, raw, record.generation.encode()).wait(_ACK_S)


def tell_live(writer: Writer, note: LiveNote) -> None:
    """Tells the workers which generation is live; returns when it is acknowledged."""
    writer.publish(GENERATIONS.name, 0, note.model_dump_json().encode(), LIVE_KEY).wait(_ACK_S)


def forget(writer: Writer, generation: str) -> None:
    """Takes a record back."""
    writer.publish(GENERATIONS.name, 0, None, generation.encode()).wait(_ACK_S)
