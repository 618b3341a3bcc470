"""Reads, and keeps the log of mails in, ClickHouse over HTTP, one statement at a time."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec

from dashboards.wall.question import RefusedError
from ioc.errors import RetriableError
from ioc.settings import ClickHouseSettings, Login

_CONNECT_S = 5.0
_ANSWER_S = 60.0


class Tables:
    """A connection to one server as one user; a context manager."""

    def __init__(self, settings: ClickHouseSettings, login: Login) -> None:
        self._url = f"http://{settings.host}:{settings.http_port}/"
        self._client = httpx.Client(
            params={"database": settings.database},
            headers={"X-ClickHouse-User": login.user, "X-ClickHouse-Key": login.password.get_secret_value()},
            timeout=httpx.Timeout(_ANSWER_S, connect=_CONNECT_S),
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Runs a query; its rows by name of column. Times come as text, 64-bit integers as numbers.

        Raises:
            RetriableError: the server cannot be reached or does not answer in time.
            RefusedError: the server answers with an error.
        """
        quoted = {"output_format_json_quote_64bit_integers": "0"}
        return [msgspec.json.decode(line) for line in self._post(f"{sql}\nFORMAT JSONEachRow", quoted).splitlines()]

    def insert(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Inserts rows; when it returns they are stored. Raises as `query` does."""
        lines = b"\n".join(msgspec.json.encode(row) for row in rows)
        self._post(f"INSERT INTO {table} FORMAT JSONEachRow\n{lines.decode()}", {})

    def _post(self, text: str, parameters: Mapping[str, str]) -> bytes:
        try:
            answer = self._client.post(self._url, content=text.encode(), params=parameters)
        except httpx.TransportError as error:
            raise RetriableError(f"{self._url}: {type(error).__name__} {error}".rstrip()) from error
        if answer.status_code != httpx.codes.OK:
            raise RefusedError(answer.text.strip().partition("\n")[0][:300] or f"HTTP {answer.status_code}")
        return answer.content
