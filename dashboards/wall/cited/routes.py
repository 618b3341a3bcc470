"""Where citations are opened.

- `/cite?code=&unit=&at=`: the short address of a figure with its moment (seconds since the epoch); leads to the indicator's
  dashboard, with the details open.
- `/api/cited?code=&unit=&at=`: the figure as it was known and that of today; `/api/cited/changes?…`: what changed between. Each
  is answered when it is worked out.
"""

import contextlib
import html
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboards.nature import Nature
from dashboards.variables import MODES
from dashboards.wall.cited.citation import Address, CiteError, facts_of
from dashboards.wall.cited.citations import Citations
from dashboards.wall.clickhouse import ClickHouse
from dashboards.wall.library import Library
from dashboards.wall.question import Frame, Question, Reader, RefusedError
from ioc.errors import RetriableError
from ioc.settings import Settings

_ANSWER_S = 25.0
"""Somewhat longer than ClickHouse lets the wall's user ask: its own refusal comes first."""
_LONGEST = 100
"""Characters of a code."""
_LAST = 253_402_300_799
"""The last second of the year 9999."""


class _Patient:
    """Asks ClickHouse, and waits longer than for a panel."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    async def ask(self, question: Question) -> Frame:
        return await self._clickhouse.query(question.text)


class Cited:
    """The endpoints; within `open` they answer."""

    def __init__(self, settings: Settings, library: Library) -> None:
        self._settings, self._library = settings, library
        self._open: tuple[_Patient, Citations] | None = None

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Connects to ClickHouse; what is under way ends with it."""
        async with ClickHouse(self._settings.clickhouse, _ANSWER_S) as clickhouse:
            reader = _Patient(clickhouse)
            citations = Citations(reader)
            self._open = reader, citations
            try:
                yield
            finally:
                citations.close()

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route("/cite", self._lead),
            Route("/api/cited", self._figure),
            Route("/api/cited/changes", self._changes),
        ]

    async def _figure(self, request: Request) -> Response:
        return await self._answer(request, lambda citations: citations.page)

    async def _changes(self, request: Request) -> Response:
        return await self._answer(request, lambda citations: citations.changes)

    async def _answer(
        self, request: Request, asked: Callable[[Citations], Callable[[Address], Awaitable[object]]]
    ) -> Response:
        assert self._open, "requests are served within the lifespan only"
        try:
            found = await asked(self._open[1])(_address(request))
        except (RetriableError, RefusedError) as error:
            return _json({"error": f"Chưa tính lại được số liệu được trích dẫn: {error}"}, 503)
        return _json(found)

    async def _lead(self, request: Request) -> Response:
        assert self._open, "requests are served within the lifespan only"
        try:
            return RedirectResponse(await self._target(self._open[0], _address(request)), status_code=302)
        except CiteError as error:
            page = f'<!doctype html><html lang="vi"><meta charset="utf-8"><title>Trích dẫn</title><p>{html.escape(str(error))}</p>'
            return HTMLResponse(f'{page}<p><a href="/">‹ Màn hình chính</a></p></html>', status_code=404)

    async def _target(self, reader: Reader, address: Address) -> str:
        facts = await facts_of(reader, address)
        uid = f"ioc-indicator-{_nature(facts.mode)}"
        board = self._library.get(uid)
        figure = next((one["id"] for one in board.page["panels"] if one["type"] == "stat"), None) if board else None
        if figure is None:
            raise CiteError(f"Không có bảng số liệu {uid}")
        query = urlencode({"var-code": address.code, "var-unit": address.unit, "viewPanel": figure, "at": address.at})
        return f"/d/{uid}?{query}"


def _json(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json; charset=utf-8")


def _nature(mode: str) -> Nature:
    return next(nature for nature, modes in MODES.items() if mode in modes)


def _address(request: Request) -> Address:
    given = {name: request.query_params.get(name, "") for name in ("code", "unit", "at")}
    for name in ("code", "unit"):
        if not given[name] or len(given[name]) > _LONGEST or not given[name].isprintable():
            raise CiteError(f"Liên kết trích dẫn thiếu hoặc sai {name}")
    if not (given["at"].isascii() and given["at"].isdigit() and int(given["at"]) <= _LAST):
        raise CiteError("Liên kết trích dẫn thiếu hoặc sai thời điểm (at: số giây từ 01/01/1970, giờ UTC)")
    return Address(given["code"], given["unit"], int(given["at"]))
