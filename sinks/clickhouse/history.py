"""Views over the history of a kind: an entity's whole life, and all entities as they were at a moment.

Two clocks, two questions. `<kind>_as_known(moment = …)`: what had been read by then, for the first time or again, which is
what the wall could have shown. `<kind>_as_was(moment = …)`: what had happened by then (the version's time), by all that is
known today; the end of each day is taken from it. A source without update times has versions of the time of first reading, so there the
two are the same. `<kind>_life(entity = …)`: every version of one entity in order, and since when it is known.
"""

from collections.abc import Callable, Iterator

from ioc.contracts.event import VERSION_HASH_BITS
from ioc.contracts.kinds import KINDS, Facet, Kind
from sinks.clickhouse.columns import data_columns, quoted
from sinks.clickhouse.derived import facet_envelope, union_select
from sinks.clickhouse.reads import TABLE, known
from sinks.clickhouse.render import Target, render

_MOMENT = "{moment:DateTime64(6, 'UTC')}"
_VERSION_MS = f"bitShiftRight(version, {VERSION_HASH_BITS})"
"""Time of a version by the source's clock, milliseconds since the epoch (DESIGN §3, Event)."""

WAS = f"version < bitShiftLeft(toUnixTimestamp64Milli({_MOMENT}) + 1, {VERSION_HASH_BITS})"
"""Of a time up to the moment's millisecond, it included; compared with `version` as it stands, so that the key serves."""


def history_statements(target: Target) -> Iterator[str]:
    """The three views of each kind."""
    for kind in KINDS.values():
        yield _view(
            f"{kind.name}_as_known", _at(kind, _known, target), target,
            f"Each {kind.name} as it was known at a moment: SELECT … FROM {kind.name}_as_known(moment = '2026-01-31 17:00:00'), "
            "UTC; what was read by then counts. Columns are those of the view "
            f"{kind.name}",
        )  # fmt: skip
        yield _view(
            f"{kind.name}_as_was", _at(kind, lambda *_: WAS, target), target,
            f"Each {kind.name} as it was at a moment by all that is known today: SELECT … FROM "
            f"{kind.name}_as_was(moment = '2026-01-31 17:00:00'), UTC; versions of a time up to then count. Columns are those "
            f"of the view {kind.name}",
        )  # fmt: skip
        yield _view(
            f"{kind.name}_life", _life(kind, target), target,
            f"Every version of one {kind.name} in the order of versions: SELECT … FROM {kind.name}_life(entity = '…'). "
            "changed_at: when by the source's clock; known_since: when it was read first; then the columns of the history",
        )  # fmt: skip


def _at(kind: Kind, counts: Callable[[Kind, Facet, Target], str], target: Target) -> str:
    return union_select(kind, lambda facet: newest(kind, facet, counts(kind, facet, target), target))


def _known(kind: Kind, facet: Facet, target: Target) -> str:
    return known(kind.name, facet.name, _MOMENT, target.database)


def newest(kind: Kind, facet: Facet, counts: str, target: Target) -> str:
    """The newest version of a facet among those that count, of each entity."""
    listed = ", ".join(f"`{column.name}`" for column in (*facet_envelope(kind), *data_columns(facet.data)))
    # In the order of the table, backwards: read as a stream, nothing is sorted. Equal versions mean equal content, so FINAL
    # would only cost.
    return (
        f"SELECT {listed} FROM {target.database}.{kind.name}_history\n"
        f"WHERE facet = '{facet.name}' AND {counts}\n"
        "ORDER BY entity DESC, facet DESC, version DESC LIMIT 1 BY entity"
    )


def _life(kind: Kind, target: Target) -> str:
    return (
        f"SELECT fromUnixTimestamp64Milli({_VERSION_MS}, 'UTC') AS changed_at, r.first_observed_at AS known_since, h.*\n"
        f"FROM (SELECT * FROM {target.database}.{kind.name}_history FINAL WHERE entity = {{entity:String}}) AS h\n"
        f"INNER JOIN (SELECT facet, version, first_observed_at FROM {target.database}.{TABLE} FINAL "
        f"WHERE kind = {quoted(kind.name)} AND entity = {{entity:String}}) AS r USING (facet, version)\n"
        "ORDER BY version, facet"
    )


def _view(name: str, query: str, target: Target, comment: str) -> str:
    head = render(f"CREATE OR REPLACE VIEW {{database}}.{name} {{on_cluster}}", name, target).strip()
    return f"{head} AS\n{query}\nCOMMENT {quoted(comment)}"
