"""Which generation a worker folds: the one that it is told to, else the live one, else that of its own catalogue."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ioc.catalogue.rollup import Compiled, Rollup
from ioc.contracts.generation import GenerationRecord
from ioc.contracts.kinds import KINDS
from ioc.errors import FatalError
from ioc.generations import Register, catalogue_of

TopicIds = Callable[[list[str]], dict[str, str]]
"""Kinds → name and id of the topic of each, made where it is missing."""


@dataclass(frozen=True)
class Choice:
    """A generation, and the rollups of each kind that it reads."""

    generation: str
    rollups: dict[str, tuple[Rollup, ...]]


def choose(wanted: str, register: Register, own: Callable[[], Compiled], topic_ids: TopicIds) -> Choice:
    """The generation to fold.

    Args:
        wanted: name of a generation; empty: the live one, or before there is any, that of the own catalogue.
        register: what is registered.
        own: compiles the own catalogue.
        topic_ids: see there.

    Raises:
        FatalError: the generation is not known here, or is of other topics or another version than these.
    """
    named = wanted or (register.live.generation if register.live else "")
    record = register.records.get(named)
    compiled = own() if record is None else catalogue_of(record).compiled
    rollups = _by_kind(compiled)
    ids = topic_ids(list(rollups))
    generation = compiled.generation(ids)
    if named and generation != named:
        raise FatalError(_why(named, record, compiled, ids))
    return Choice(generation, rollups)


def _by_kind(compiled: Compiled) -> dict[str, tuple[Rollup, ...]]:
    """The rollups of each kind that is read at all."""
    rollups = compiled.rollups.values()
    return {kind: mine for kind in KINDS if (mine := tuple(r for r in rollups if r.kind == kind))}


def _why(named: str, record: GenerationRecord | None, compiled: Compiled, ids: Mapping[str, str]) -> str:
    """Why a generation cannot be folded here, and what to do."""
    if record is None:
        return (
            f"generation {named} is not registered on this broker, so nobody knows what it counts; run `ioc migrate`, then "
            "`ioc catalogue deploy`"
        )
    made_again = sorted(name for name, known in record.topic_ids.items() if ids.get(name) != known)
    if made_again:
        return (
            f"generation {named} cannot go on: {', '.join(made_again)} was deleted and made again since it began, so its log is "
            "not the one that was folded; run `ioc migrate`, then `ioc catalogue deploy`: a new generation folds the new log, "
            "and takes what is older from the tables"
        )
    return (
        f"generation {named} was begun by a version of the project that reads its events otherwise (rollups {compiled.hash}, "
        f"there {record.catalogue_hash}); run that version, or `ioc migrate` and `ioc catalogue deploy` with this one"
    )
