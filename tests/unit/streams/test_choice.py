"""Which generation a worker folds, and what it says of one that it cannot."""

from collections.abc import Callable

import pytest

from ioc import clock
from ioc.catalogue.expr import Measure
from ioc.catalogue.load import Catalogue, load_catalogue
from ioc.catalogue.rollup import Compiled, Rollup
from ioc.contracts.generation import GenerationRecord, LiveNote
from ioc.errors import FatalError
from ioc.generations import Register, parsed, record_of
from streams.choice import choose

OWN = Compiled({"dossier_now": Rollup("dossier_now", "dossier", "now", None, (Measure(()),))}, {})


@pytest.fixture(scope="module")
def packaged() -> Catalogue:
    return load_catalogue()


def ids(kinds: list[str], made_again: str = "") -> dict[str, str]:
    return {f"events.{kind}": f"id-{kind}{'-2' if kind == made_again else ''}" for kind in kinds}


def kinds_of(compiled: Compiled) -> list[str]:
    return sorted({rollup.kind for rollup in compiled.rollups.values()})


def register_of(*records: GenerationRecord, live: str = "") -> Register:
    note = LiveNote(generation=live, active_from=clock.now()) if live else None
    return Register({record.generation: record for record in records}, note)


def not_asked() -> Compiled:
    raise AssertionError("the own catalogue is of no interest")


@pytest.fixture(scope="module")
def record(packaged: Catalogue) -> GenerationRecord:
    return record_of(packaged, None, ids(kinds_of(packaged.compiled)))


def test_before_anything_is_live_a_worker_folds_its_own_catalogue() -> None:
    choice = choose("", register_of(), lambda: OWN, ids)
    assert (choice.generation, set(choice.rollups)) == (OWN.generation(ids(["dossier"])), {"dossier"})


def test_what_is_live_is_folded_whatever_the_folder_holds(record: GenerationRecord, packaged: Catalogue) -> None:
    choice = choose("", register_of(record, live=record.generation), not_asked, ids)
    assert choice.generation == record.generation
    assert sum(map(len, choice.rollups.values())) == len(packaged.compiled.rollups)


def test_a_worker_may_be_told_which(record: GenerationRecord) -> None:
    assert choose(record.generation, register_of(record, live="0" * 12), not_asked, ids).generation == record.generation


@pytest.mark.parametrize(
    ("known", "topic_ids", "said"),
    [
        (False, ids, "is not registered on this broker"),
        (True, lambda kinds: ids(kinds, "dossier"), "events.dossier was deleted and made again since it began"),
    ],
)
def test_what_cannot_be_folded_is_refused(
    record: GenerationRecord, known: bool, topic_ids: Callable[[list[str]], dict[str, str]], said: str
) -> None:
    register = register_of(*([record] if known else []), live=record.generation)
    with pytest.raises(FatalError, match=f"generation {record.generation} .*{said}.*`ioc catalogue deploy`"):
        choose("", register, lambda: OWN, topic_ids)


def test_a_generation_of_other_contracts_is_refused(record: GenerationRecord) -> None:
    other = record.model_copy(update={"generation": "0123456789ab", "catalogue_hash": "f" * 32})
    with pytest.raises(FatalError, match="was begun by a version of the project that reads its events otherwise"):
        choose("", register_of(other, live="0123456789ab"), not_asked, ids)


def test_a_catalogue_of_another_version_is_refused(record: GenerationRecord) -> None:
    files = {"indicators/dvc.toml": 'code = "DVC"\nstrange = 1\n'}
    with pytest.raises(FatalError, match=r"is of another version of the project: indicators/dvc\.toml: name"):
        choose("", register_of(record.model_copy(update={"files": files}), live=record.generation), not_asked, ids)


def test_what_is_no_record_is_refused() -> None:
    with pytest.raises(FatalError, match="key b'live' is no record of a generation"):
        parsed({b"live": b"{}"})
    assert parsed({}) == Register({}, None)
