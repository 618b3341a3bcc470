"""The HTTP server: reads requests, has them run, streams what the engine writes."""

import asyncio
import contextlib
import logging
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aiohttp import web

from deploy.embedded.clickhouse.engine.engine import Engine
from deploy.embedded.clickhouse.engine.session import Stats
from deploy.embedded.clickhouse.errors import ServerError
from deploy.embedded.clickhouse.http import encoding, replies
from deploy.embedded.clickhouse.http.execution import Executor, Plan, pipe
from deploy.embedded.clickhouse.http.request import Request, read
from deploy.embedded.clickhouse.native.compression import unpack
from deploy.embedded.clickhouse.sql.policy import Policy
from deploy.embedded.clickhouse.users import Users

log = logging.getLogger(__name__)

HELD_BYTES = 1 << 20
"""A result is held back up to this size, so that an error until then has its status code."""

PIECE_BYTES = 1 << 18
KILL_AGAIN_S = 0.2
REFUSING_THREADS = 16
"""Threads over the number of queries: they answer with error 202."""
PATHS_OK = frozenset({"/ping", "/replicas_status"})


class HttpInterface:
    """Handlers of the HTTP port."""

    def __init__(self, engine: Engine, users: Users, policy: Policy, max_queries: int, body_max_bytes: int) -> None:
        self._engine = engine
        self._users = users
        self._executor = Executor(engine, policy)
        self._threads = ThreadPoolExecutor(max_queries + REFUSING_THREADS, thread_name_prefix="http")
        self.app = web.Application(client_max_size=body_max_bytes)
        self.app.router.add_route("*", "/{path:.*}", self.handle)

    def expire_sessions(self) -> None:
        """Closes named sessions that have timed out."""
        self._executor.sessions.expire()

    def close(self) -> None:
        """Waits for the worker threads."""
        self._threads.shutdown()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answers one request."""
        if request.path in PATHS_OK or (request.path == "/" and not request.query_string and request.method == "GET"):
            return web.Response(text="Ok.\n")
        if request.path != "/":
            return web.Response(status=404, text=f"There is no handle {request.path}\n")
        headers = {
            "X-ClickHouse-Server-Display-Name": "ioc",
            "X-ClickHouse-Timezone": self._engine.timezone,
        }
        try:
            plan = await self._plan(request)
            headers["X-ClickHouse-Query-Id"] = plan.tag
            if not plan.statement.returns_rows:
                stats = await self._in_thread(plan)
                headers["X-ClickHouse-Summary"] = replies.summary(stats)
                return web.Response(headers=headers, content_type="text/plain", charset="UTF-8")
            headers["X-ClickHouse-Format"] = plan.output_format
            headers["Content-Type"] = replies.content_type(plan.output_format)
            if plan.request.wait_end:
                return await self._spilled(request, plan, headers)
            return await self._streamed(request, plan, headers)
        except ServerError as error:
            return self._failure(error, headers)

    def _failure(self, error: ServerError, headers: dict[str, str]) -> web.Response:
        log.info("query failed: %s", error.message)
        text = replies.error_text(error, self._engine.version_text)
        kept = {name: value for name, value in headers.items() if name not in {"Content-Type", "X-ClickHouse-Format"}}
        return web.Response(
            status=replies.status(error), headers=kept | {"X-ClickHouse-Exception-Code": str(error.code)}, text=text
        )

    async def _plan(self, request: web.Request) -> Plan:
        form: dict[str, str] | None = None
        body = b""
        try:
            if request.content_type == "multipart/form-data":
                form = {}
                for name, value in (await request.post()).items():
                    form[name] = _text(value)
            else:
                body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise ServerError.named(307, "The request's body is too large") from None
        body = encoding.decode(body, request.headers.get("Content-Encoding", ""))
        if request.query.get("decompress") == "1":
            body = unpack(body)
        asked: Request = read(request.method, request.rel_url.raw_query_string, request.headers, body, form)
        user = self._users.login(asked.user, asked.password)
        return self._executor.plan(asked, user)

    async def _in_thread(self, plan: Plan) -> Stats:
        """Runs a plan to its end, also when the client leaves: what it writes is not left half done."""
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(self._threads, self._executor.run, plan, -1))

    def _run_into_pipe(self, plan: Plan, writing: int) -> Stats:
        try:
            return self._executor.run(plan, writing)
        finally:
            os.close(writing)

    async def _streamed(self, request: web.Request, plan: Plan, headers: dict[str, str]) -> web.StreamResponse:
        """Sends the result as the engine writes it; a client that leaves ends its query."""
        loop = asyncio.get_running_loop()
        reading, writing = pipe()
        source = asyncio.StreamReader(limit=PIECE_BYTES)
        transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(source), os.fdopen(reading, "rb", buffering=0)
        )
        done = loop.run_in_executor(self._threads, self._run_into_pipe, plan, writing)
        try:
            held = bytearray()
            while len(held) < HELD_BYTES and (piece := await source.read(PIECE_BYTES)):
                held += piece
            if len(held) < HELD_BYTES:
                stats = await done
                return self._whole(request, plan, headers, bytes(held), stats)
            return await self._on_the_way(request, plan, headers, bytes(held), source, done)
        finally:
            transport.close()
            if not done.done():
                await asyncio.shield(asyncio.gather(self._ended(plan, done)))

    async def _ended(self, plan: Plan, done: "asyncio.Future[Stats]") -> None:
        """Kills a query that nobody listens to and waits for its end."""
        while not done.done():  # it may not have reached the engine yet
            await asyncio.to_thread(self._engine.kill, plan.tag)
            await asyncio.wait({done}, timeout=KILL_AGAIN_S)
        with contextlib.suppress(ServerError, BrokenPipeError):
            done.result()

    def _encoder(self, request: web.Request, plan: Plan, headers: dict[str, str]) -> encoding.Encoder | None:
        if plan.request.compress:
            return encoding.native_frames()
        if request.query.get("enable_http_compression", "0") not in {"1", "true"}:
            return None
        name = encoding.choose(request.headers.get("Accept-Encoding", ""))
        if not name:
            return None
        headers["Content-Encoding"] = name
        return encoding.ENCODERS[name]()

    def _whole(
        self, request: web.Request, plan: Plan, headers: dict[str, str], result: bytes, stats: Stats
    ) -> web.Response:
        headers["X-ClickHouse-Summary"] = replies.summary(stats, len(result))
        encoder = self._encoder(request, plan, headers)
        if encoder is not None:
            result = encoder.compress(result) + encoder.flush()
        return web.Response(body=result, headers=headers)

    async def _on_the_way(
        self,
        request: web.Request,
        plan: Plan,
        headers: dict[str, str],
        begun: bytes,
        source: asyncio.StreamReader,
        done: "asyncio.Future[Stats]",
    ) -> web.StreamResponse:
        encoder = self._encoder(request, plan, headers)
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        piece = begun
        while piece:
            await response.write(encoder.compress(piece) if encoder else piece)
            piece = await source.read(PIECE_BYTES)
        try:
            await done
        except ServerError as error:
            # The status is long sent: the error is the last text, and the body ends without its end mark, so that no
            # client takes it for whole.
            text = "\n" + replies.error_text(error, self._engine.version_text)
            log.info("query failed while its result was sent: %s", error.message)
            await response.write(encoder.compress(text.encode("utf-8")) + encoder.flush() if encoder else text.encode())
            if request.transport is not None:
                request.transport.close()
            return response
        if encoder is not None:
            await response.write(encoder.flush())
        await response.write_eof()
        return response

    async def _spilled(self, request: web.Request, plan: Plan, headers: dict[str, str]) -> web.StreamResponse:
        """Keeps the whole result on disk first, for clients that want errors before data."""
        with tempfile.TemporaryFile(dir=self._temporary(), prefix="http-") as spill:
            loop = asyncio.get_running_loop()
            done = loop.run_in_executor(self._threads, self._executor.run, plan, spill.fileno())
            try:
                stats = await asyncio.shield(done)
            finally:  # the descriptor stays open for as long as the engine may write to it
                if not done.done():
                    await asyncio.shield(asyncio.gather(self._ended(plan, done)))
            size = os.fstat(spill.fileno()).st_size
            headers["X-ClickHouse-Summary"] = replies.summary(stats, size)
            encoder = self._encoder(request, plan, headers)
            response = web.StreamResponse(headers=headers)
            if encoder is None:
                response.content_length = size
            await response.prepare(request)
            offset = 0
            while piece := os.pread(spill.fileno(), PIECE_BYTES, offset):
                offset += len(piece)
                await response.write(encoder.compress(piece) if encoder else piece)
            if encoder is not None:
                await response.write(encoder.flush())
            await response.write_eof()
            return response

    def _temporary(self) -> Path:
        return self._engine.temporary


def _text(value: str | bytes | bytearray | web.FileField) -> str:
    if isinstance(value, web.FileField):
        return value.file.read().decode("utf-8")
    return value if isinstance(value, str) else bytes(value).decode("utf-8")
