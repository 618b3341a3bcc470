"""Asks the queries of a dashboard as Grafana does: variables filled in, over HTTP, as the read-only user."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx

from dashboards.wall.interpolate import Value, fill_sql
from tests.wall_world import World


@dataclass(frozen=True)
class Answer:
    """Columns with their types, in order, and the rows."""

    types: Mapping[str, str]
    rows: list[dict[str, Any]]


@dataclass
class Asked:
    """A world that answers queries, each text once. A context manager."""

    world: World
    _http: httpx.Client = field(init=False)
    _known: dict[str, Answer] = field(default_factory=dict)

    def ask(self, sql: str) -> Answer:
        """The answer to a query.

        Raises:
            AssertionError: ClickHouse refuses it.
        """
        if sql not in self._known:
            found = self._http.post("/", content=sql.encode())
            assert found.status_code == 200, f"{found.text[:600]}\n{sql}"
            body = json.loads(found.content)
            types = {column["name"]: column["type"] for column in body["meta"]}
            self._known[sql] = Answer(types, [dict(zip(types, row, strict=True)) for row in body["data"]])
        return self._known[sql]

    def figures(self) -> dict[tuple[str, str], float | None]:
        """(code, unit) → value, of all figures as they stand."""
        rows = self.ask("SELECT code, unit, value FROM indicator_now").rows
        return {(row["code"], row["unit"]): row["value"] for row in rows}

    def __enter__(self) -> Self:
        found = self.world.settings
        self._http = httpx.Client(
            base_url=f"http://{found.host}:{found.http_port}",
            headers={
                "X-ClickHouse-User": found.wall.user,
                "X-ClickHouse-Key": found.wall.password.get_secret_value(),
                "X-ClickHouse-Database": found.database,
                "X-ClickHouse-Format": "JSONCompact",
            },
            params={"output_format_json_quote_64bit_integers": "0"},
            timeout=60,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()


def variables(board: Mapping[str, Any], **chosen: str) -> dict[str, Value]:
    """The variables of a dashboard as they stand at first, but for those that are chosen."""
    listed = {variable["name"]: variable["current"] for variable in board["templating"].get("list", [])}
    assert chosen.keys() <= listed.keys()
    return {name: Value(chosen.get(name, str(value["value"])), str(value["text"])) for name, value in listed.items()}


def filled(sql: str, values: Mapping[str, Value]) -> str:
    """A query with the variables put in."""
    done = fill_sql(sql, values)
    assert "${" not in done, done
    return done
