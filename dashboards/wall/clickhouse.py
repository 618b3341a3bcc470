"""Reads ClickHouse over HTTP as the wall's own, read-only user."""

from types import TracebackType
from typing import Any, Self

import httpx
import msgspec

from dashboards.wall.question import Frame, RefusedError
from ioc.errors import RetriableError
from ioc.settings import ClickHouseSettings

_CONNECT_S = 2.0
_ANSWER_S = 10.0


class _Column(msgspec.Struct):
    name: str
    type: str


class _Compact(msgspec.Struct):
    meta: list[_Column]
    data: list[list[Any]]


_DECODER = msgspec.json.Decoder(_Compact)


class ClickHouse:
    """A connection pool to one server; an asynchronous context manager."""

    def __init__(self, settings: ClickHouseSettings, answer_s: float = _ANSWER_S) -> None:
        self._url = f"http://{settings.host}:{settings.http_port}/"
        self._client = httpx.AsyncClient(
            params={"database": settings.database},
            headers={
                "X-ClickHouse-User": settings.wall.user,
                "X-ClickHouse-Key": settings.wall.password.get_secret_value(),
            },
            timeout=httpx.Timeout(answer_s, connect=_CONNECT_S),
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def query(self, sql: str) -> Frame:
        """Runs a query.

        Raises:
            RetriableError: the server cannot be reached, does not answer in time, or breaks off.
            RefusedError: the server answers with an error.
        """
        try:
            answer = await self._client.post(self._url, content=f"{sql}\nFORMAT JSONCompact".encode())
        except httpx.TransportError as error:
            raise RetriableError(f"{self._url}: {type(error).__name__} {error}".rstrip()) from error
        if answer.status_code != httpx.codes.OK:
            raise RefusedError(answer.text.strip().partition("\n")[0][:300] or f"HTTP {answer.status_code}")
        try:
            table = _DECODER.decode(answer.content)
        except msgspec.DecodeError as error:
            raise RefusedError(f"answer is no JSONCompact ({error}): {answer.text[-300:].strip()}") from error
        return Frame([column.name for column in table.meta], [column.type for column in table.meta], table.data)
