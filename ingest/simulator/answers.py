"""HTTP answers, whole or spoiled by a transport fault."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

import msgspec
from aiohttp import web

from ingest.simulator.faults import Faults, Setting
from ingest.simulator.spoil import wrong_encoding

_SERVER_ERRORS = (HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE)

GATE = ("http_429", "http_5xx")
"""Faults that meet a request before it is understood."""

BODY = ("slow", "dropped", "truncated", "wrong_encoding")
"""Faults that meet a finished answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer.

    Attributes:
        body: its bytes.
        content_type: of the body, without parameters.
        status: of HTTP.
        charset: of the body; None: it is not text, and `wrong_encoding` leaves it alone.
    """

    body: bytes
    content_type: str
    status: int = HTTPStatus.OK
    charset: str | None = "utf-8"

    @classmethod
    def json(cls, payload: object, status: int = HTTPStatus.OK) -> "Answer":
        """`payload` as JSON."""
        return cls(msgspec.json.encode(payload), "application/json", status)

    @classmethod
    def xml(cls, body: bytes, status: int = HTTPStatus.OK) -> "Answer":
        """A document of XML in UTF-8."""
        return cls(body, "application/xml", status)

    def response(self) -> web.Response:
        """As it is."""
        return web.Response(body=self.body, status=self.status, content_type=self.content_type, charset=self.charset)


def answer(payload: object, status: int = HTTPStatus.OK) -> web.Response:
    """A whole JSON answer."""
    return Answer.json(payload, status).response()


def refused(name: str, faults: Faults) -> web.Response:
    """The answer of a gate fault that has fired."""
    if name == "http_429":
        seconds = faults.settings.get(name, Setting()).retry_after
        limited = answer({"error": "too_many_requests"}, HTTPStatus.TOO_MANY_REQUESTS)
        limited.headers["Retry-After"] = str(seconds)
        return limited
    status = _SERVER_ERRORS[(faults.fired[name] - 1) % len(_SERVER_ERRORS)]
    return web.Response(
        text=f"<html><body>{status.value} {status.phrase}</body></html>", status=status, content_type="text/html"
    )


async def spoiled(name: str, whole: Answer, request: web.Request, faults: Faults) -> web.StreamResponse:
    """The answer under a body fault that has fired."""
    body = whole.body
    if name == "slow":
        await asyncio.sleep(faults.settings.get(name, Setting()).seconds)
    elif name == "dropped":
        return await _dropped(whole, request)
    elif name == "truncated":
        body = body[: len(body) // 2]
    elif name == "wrong_encoding" and whole.charset:
        body = wrong_encoding(body, faults.fired[name])
    return Answer(body, whole.content_type, whole.status, whole.charset).response()


async def _dropped(whole: Answer, request: web.Request) -> web.StreamResponse:
    charset = f"; charset={whole.charset}" if whole.charset else ""
    headers = {"Content-Type": f"{whole.content_type}{charset}", "Content-Length": str(len(whole.body))}
    response = web.StreamResponse(status=whole.status, headers=headers)
    await response.prepare(request)
    await response.write(whole.body[: len(whole.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
