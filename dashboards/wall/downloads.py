"""The result of a panel as a file: `/export/<uid>/<panel>.csv|xlsx|parquet?var-<name>=…&query=<ref>`.

What the panel shows with the chosen variables, every row of it, asked as the wall's own user. One file is made at a time beside
the live queries, within limits of rows and seconds, and whole before its first byte is sent: a slow reader holds nothing up.
"""

import asyncio
import contextlib
import os
import re
import tempfile
import unicodedata
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime
from typing import IO, Any
from urllib.parse import quote

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from dashboards.export.export import CONTENT_TYPES, Format, export_bytes
from dashboards.export.panel import names_of
from dashboards.export.result import ExportError
from dashboards.wall.definition import Definition
from dashboards.wall.interpolate import fill_text
from dashboards.wall.variables import Choice
from dashboards.wall.view import Query, values_of, view_of
from ioc.clock import LOCAL, now
from ioc.errors import RetriableError
from ioc.settings import Settings

ROWS = 50_000
"""Rows of a file at most."""
SECONDS = 20
"""That ClickHouse works for one at most."""
_WAITING = 5
"""More than these do not wait for their turn."""
_LONGEST = 70
"""Characters of a file's name before its ending."""
_LIMITS = {"max_result_rows": str(ROWS), "result_overflow_mode": "throw", "max_execution_time": str(SECONDS)}
_TOO_MANY = re.compile(r"Code: 396\b|TOO_MANY_ROWS_OR_BYTES|Limit for result exceeded")
_TOO_LONG = re.compile(r"Code: 159\b|TIMEOUT_EXCEEDED")
_PIECE = 1 << 18
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
"""What a file's name cannot hold on one of the systems in use."""

Asked = Callable[[Request], Awaitable[tuple[Definition, tuple[Choice, ...]]]]


class Downloads:
    """The endpoint. `asked` gives the dashboard of a request and what is chosen on it."""

    def __init__(self, settings: Settings, asked: Asked) -> None:
        self._settings, self._asked = settings, asked
        self._turn = asyncio.Lock()
        self._waiting = 0

    def routes(self) -> list[Route]:
        """The address."""
        return [Route("/export/{uid}/{panel}.{format}", self._file)]

    async def _file(self, request: Request) -> Response:
        definition, choices = await self._asked(request)
        number, form = request.path_params["panel"], request.path_params["format"]
        panel = next((one for one in _panels(definition.page["panels"]) if str(one["id"]) == number), None)
        output_format: Format | None = next((one for one in CONTENT_TYPES if one == form), None)
        ref = request.query_params.get("query")
        queries = [
            one for one in view_of(definition, choices).queries if one.panel == number and ref in (None, one.ref)
        ]
        query = next((one for one in queries if not one.question or one.question.source == "clickhouse"), None)
        if panel is None or output_format is None or query is None:
            return _sorry(
                404,
                f"Không có tệp {number}.{form} của bảng số liệu này: tệp là csv, xlsx hoặc parquet của một bảng đọc ClickHouse",
            )
        if self._waiting >= _WAITING:
            return _sorry(503, "Nhiều tệp khác đang được lập; hãy thử lại sau ít phút")
        self._waiting += 1
        try:
            async with self._turn:
                file = await run_in_threadpool(self._made, query, panel, output_format)
        except (ExportError, RetriableError) as error:
            return _refused(error)
        finally:
            self._waiting -= 1
        words = [fill_text(words, values_of(choices)) for words in (definition.title, str(panel.get("title") or ""))]
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        headers = {
            "Content-Disposition": disposition(file_name(words, now(), output_format)),
            "Content-Length": str(size),
            "Cache-Control": "no-store",
        }
        return StreamingResponse(_pieces(file), media_type=CONTENT_TYPES[output_format], headers=headers)

    def _made(self, query: Query, panel: dict[str, Any], output_format: Format) -> IO[bytes]:
        if query.question is None:
            raise ExportError(query.error)
        own = {column: name for column, name in names_of(panel).items() if "${" not in name}
        house = self._settings.clickhouse
        pieces = export_bytes(
            house, house.wall, query.question.text, output_format, vietnamese=True, own=own, bom=True, limits=_LIMITS
        )
        with contextlib.ExitStack() as stack:
            # Without a name on disk: it is gone with the answer, however that ends.
            file: IO[bytes] = stack.enter_context(tempfile.TemporaryFile(prefix="ioc-wall-"))
            for piece in pieces:
                file.write(piece)
            stack.pop_all()
            return file


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def disposition(name: str) -> str:
    """The header that names a file (RFC 6266): in UTF-8, and in ASCII for what does not read that."""
    plain = (
        unicodedata.normalize("NFD", name.replace("Đ", "D").replace("đ", "d"))
        .encode("ascii", "ignore")
        .decode()
        .replace('"', "")
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def file_name(words: Iterable[str], at: datetime, ending: str) -> str:
    """`Bảng - ô - 2026-01-31 0815.csv`: composed (NFC), without what a file's name cannot hold."""
    said = " - ".join(word for word in words if word)
    plain = " ".join(_FORBIDDEN.sub(" ", unicodedata.normalize("NFC", said)).split())[:_LONGEST].strip(" .")
    return f"{plain or 'ioc'} - {at.astimezone(LOCAL):%Y-%m-%d %H%M}.{ending}"


def _panels(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*listed, *(inner for one in listed for inner in one.get("panels") or [])]


def _refused(error: Exception) -> Response:
    said = str(error)
    if isinstance(error, RetriableError):
        return _sorry(503, f"Chưa đọc được ClickHouse: {said}")
    if _TOO_MANY.search(said):
        rows = f"{ROWS:,}".replace(",", ".")
        return _sorry(
            413,
            f"Bảng này có hơn {rows} dòng, nhiều hơn một tệp tải từ màn hình; hãy chọn ít hơn, hoặc dùng lệnh ioc export",
        )
    if _TOO_LONG.search(said):
        return _sorry(413, f"Bảng này cần hơn {SECONDS} giây để đọc; hãy chọn ít hơn, hoặc dùng lệnh ioc export")
    return _sorry(400, f"Không lập được tệp: {said.partition(chr(10))[0][:300]}")


def _sorry(status: int, words: str) -> Response:
    return Response(msgspec.json.encode({"error": words}), status, media_type="application/json; charset=utf-8")
