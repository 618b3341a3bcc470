"""The HTTP side of the webhook: what a request must be, and how it is answered.

| status | what it means |
|---|---|
| 202 | Kafka has acknowledged everything of the request |
| 400 | the body is not JSON |
| 401 | not signed, wrongly signed, or signed too long ago |
| 408 | the body did not come in time |
| 409 | a request with this signature is in hand or was taken |
| 413 | the body is too large |
| 415 | the content type is not one of JSON |
| 503 | come again (`Retry-After`): too many requests wait, the stream stands still, or it did not get through in time |

It runs in a thread of its own; the streams' threads take what comes in from their inboxes.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ingest.source import Record
from ingest.sources.hub.inbox import Inbox, Parcel
from ingest.sources.hub.payload import NotJsonError, records_of, records_of_lines
from ingest.sources.hub.signature import SIGNATURE, TIMESTAMP, Guard, RefusedError, ReplayError
from ioc.errors import RetriableError
from ioc.logs import get_logger
from ioc.settings.sources import WebhookSettings

CONTENT_TYPES: dict[str, Callable[[bytes], list[Record]]] = {
    "application/json": records_of,
    "application/x-ndjson": records_of_lines,
}

RETRY_AFTER_S = 2
_DRAINED_BYTES = 8 << 20
_BACKLOG = 256
_STOP_S = 3.0

_log = get_logger("ingest").bind(source="hub", part="webhook")


class _RefusalError(Exception):
    """The request ends here with this answer."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class Listener:
    """Listens once the first stream is read, until `stop`."""

    def __init__(self, settings: WebhookSettings, timeout_s: float, inboxes: Mapping[str, Inbox]) -> None:
        """Serves each path into its inbox.

        Raises:
            ConfigError: the secret is too short.
        """
        self._settings = settings
        self._timeout_s = timeout_s
        self._guard = Guard(settings.secret.get_secret_value(), settings.clock_skew_s)
        self._max_bytes = settings.max_kb << 10
        self._busy = 0
        self._app = Starlette(
            routes=[Route(path, self._door(inbox), methods=["POST"]) for path, inbox in inboxes.items()]
        )
        self._lock = threading.Lock()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listens, unless it does already.

        Raises:
            RetriableError: the address cannot be had now.
        """
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return
            host, port = self._settings.host, self._settings.port
            try:
                listening = socket.create_server((host, port), backlog=_BACKLOG)
            except OSError as error:
                raise RetriableError(f"sources.hub.webhook: {host}:{port}: {error.strerror}") from error
            # asyncio sets this only on sockets that name their protocol; without it an answer waits 40 ms.
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._server = uvicorn.Server(
                uvicorn.Config(
                    self._app,
                    http="h11",
                    ws="none",
                    lifespan="off",
                    log_config=None,
                    log_level="critical",
                    access_log=False,
                    server_header=False,
                    limit_concurrency=4 * self._settings.max_waiting,
                    timeout_graceful_shutdown=1,
                )
            )
            self._thread = threading.Thread(target=self._serve, args=(self._server, listening), name="hub/webhook")
            self._thread.daemon = True
            self._thread.start()
        _log.info("webhook listens", host=host, port=port)

    def stop(self) -> None:
        """Ends it; whoever still waits for an answer gets none, and sends again."""
        with self._lock:
            if self._server is not None and self._thread is not None:
                self._server.should_exit = True
                self._thread.join(_STOP_S)
            self._server = self._thread = None

    @staticmethod
    def _serve(server: uvicorn.Server, listening: socket.socket) -> None:
        with contextlib.closing(listening):
            server.run(sockets=[listening])

    def _door(self, inbox: Inbox) -> Callable[[Request], object]:
        async def receive(request: Request) -> Response:
            try:
                return await self._receive(request, inbox)
            except _RefusalError as refusal:
                # A body that was read to its end cannot be read again, which is a RuntimeError to Starlette.
                with contextlib.suppress(ClientDisconnect, TimeoutError, RuntimeError):
                    await self._drain(request)
                return _answer(refusal.status, str(refusal))
            except ClientDisconnect:
                return Response(status_code=HTTPStatus.BAD_REQUEST)
            except Exception as error:  # noqa: BLE001 (a defect must not show a request's text in a traceback)
                _log.error("a request failed: a defect", error=type(error).__name__)
                return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, "a defect of the receiver; send it again later")

        return receive

    async def _receive(self, request: Request, inbox: Inbox) -> Response:
        records_in = CONTENT_TYPES.get(request.headers.get("content-type", "").partition(";")[0].strip().lower())
        if records_in is None:
            raise _RefusalError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send one of {', '.join(CONTENT_TYPES)}")
        timestamp, signature = request.headers.get(TIMESTAMP, ""), request.headers.get(SIGNATURE, "")
        try:
            self._guard.check_time(timestamp, signature)
            if self._busy >= self._settings.max_waiting:
                raise _RefusalError(HTTPStatus.SERVICE_UNAVAILABLE, "too many requests wait")
            self._busy += 1
            try:
                body = await self._body(request)
                self._guard.check(timestamp, signature, body)
                return await self._hand_over(inbox, timestamp, signature, records_in(body), len(body))
            finally:
                self._busy -= 1
        except RefusedError as error:
            raise _RefusalError(HTTPStatus.UNAUTHORIZED, str(error)) from error
        except NotJsonError as error:
            raise _RefusalError(HTTPStatus.BAD_REQUEST, str(error)) from error
        except ReplayError as error:
            raise _RefusalError(
                HTTPStatus.CONFLICT, "a request with this signature is in hand or was taken; a new one needs a new time"
            ) from error

    async def _body(self, request: Request) -> bytes:
        told = request.headers.get("content-length", "")
        too_large = _RefusalError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {self._settings.max_kb} KiB a request; send several"
        )
        if told.isdigit() and int(told) > self._max_bytes:
            raise too_large
        chunks, size = [], 0
        try:
            async with asyncio.timeout(self._timeout_s):
                async for chunk in request.stream():
                    chunks.append(chunk)
                    size += len(chunk)
                    if size > self._max_bytes:
                        raise too_large
        except TimeoutError as error:
            raise _RefusalError(
                HTTPStatus.REQUEST_TIMEOUT, f"the body has not come within {self._timeout_s} s"
            ) from error
        return b"".join(chunks)

    async def _hand_over(
        self, inbox: Inbox, timestamp: str, signature: str, records: list[Record], size: int
    ) -> Response:
        """Waits until the stream has published the records; takes them over also when the client does not wait."""
        self._guard.take(timestamp, signature)
        loop = asyncio.get_running_loop()
        acknowledged: asyncio.Future[bool] = loop.create_future()

        def settle(well: bool) -> None:
            if not acknowledged.done():
                acknowledged.set_result(well)

        def done(well: bool) -> None:
            with contextlib.suppress(RuntimeError):  # the listener has ended, and nobody waits any more
                loop.call_soon_threadsafe(settle, well)

        parcel = Parcel(records, size, done)
        well = False
        try:
            if inbox.put(parcel):
                async with asyncio.timeout(self._timeout_s):
                    well = await acknowledged
        except TimeoutError:
            parcel.given_up = True
        finally:
            if not well:
                self._guard.give_back(signature)
        if not well:
            raise _RefusalError(HTTPStatus.SERVICE_UNAVAILABLE, "not acknowledged; send the same request again later")
        return _answer(HTTPStatus.ACCEPTED, None, records=len(records))

    async def _drain(self, request: Request) -> None:
        """Reads on for a while: a client that is cut off while it sends would not see the answer."""
        left = _DRAINED_BYTES
        async with asyncio.timeout(self._timeout_s):
            async for chunk in request.stream():
                left -= len(chunk)
                if left < 0:
                    return


def _answer(status: HTTPStatus, error: str | None, **members: int) -> Response:
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    if error is not None and status != HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Connection"] = "close"
    return JSONResponse(members if error is None else {"error": error}, status, headers)
