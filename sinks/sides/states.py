"""The history of states: `state_days` beside what the versions of each kind say again."""

from dataclasses import dataclass

from sinks.clickhouse.client import Client
from sinks.clickhouse.columns import quoted
from sinks.sides.difference import MOST_NAMED, Found
from sinks.sides.hashes import Hashes
from sinks.truth.figures import WEIGHT, print_of, weights
from sinks.truth.states import StateDays

_WEIGHT = WEIGHT.format(hash="cityHash64(toString(unit))", number="day")


@dataclass
class StateSides:
    """Compares the states of one generation."""

    client: Client
    database: str
    generation: str
    hashes: Hashes

    def compare(self, states: dict[str, StateDays]) -> Found:
        """The states of one kind, by code; all cover the same days."""
        if not states:
            return Found()
        some = next(iter(states.values()))
        codes = ", ".join(map(quoted, states))
        source = (
            f"{self.database}.state_days FINAL WHERE generation = '{self.generation}' AND code IN ({codes}) "
            f"AND day >= {some.since} AND day < {some.until}"
        )
        have = {
            code: tuple(prints)
            for code, *prints in self.client.query(
                "SELECT toString(code), sum(above * weight), sum(below * weight) FROM "
                f"(SELECT code, above, below, {_WEIGHT} AS weight FROM {source}) GROUP BY code"
            )
        }
        found = Found()
        for code, days in states.items():
            cells = days.cells
            found.compared += len(cells.codes)
            weight = weights(self.hashes(cells.raws), cells.codes, cells.buckets)
            if have.get(code, (0, 0)) != print_of(weight, list(cells.measures.T)):
                found.merge([self._named(code, days, f"{source} AND code = {quoted(code)}")])
        return found

    def _named(self, code: str, days: StateDays, source: str) -> Found:
        held: dict[tuple[str, int], list[int]] = {
            (unit, day): [above, below]
            for unit, day, above, below in self.client.query(f"SELECT toString(unit), day, above, below FROM {source}")
        }
        cells = days.cells
        due = {
            (cells.raws[unit], day): pair
            for unit, day, pair in zip(
                cells.codes.tolist(), cells.buckets.tolist(), cells.measures.tolist(), strict=True
            )
        }
        found, differing = Found(), 0
        for key in sorted(held.keys() | due.keys()):
            left, right = held.get(key, [0, 0]), due.get(key, [0, 0])
            if left != right:
                differing += 1
                if differing <= MOST_NAMED:
                    found.add(f"state_days {code} unit={key[0]} day={key[1]}", left, right, key[0])
        if differing > MOST_NAMED:
            found.add(f"state_days {code}: further days that differ", differing - MOST_NAMED, 0)
        return found


def covered(client: Client, database: str, generation: str) -> dict[str, tuple[int, int]]:
    """Kind → the days that its history of states holds: from the first to the last (exclusive)."""
    rows = client.query(
        f"SELECT kind, from_day, until_day FROM {database}.state_marks FINAL WHERE generation = '{generation}'"
    )
    return {kind: (since, until) for kind, since, until in rows}
