"""HTTP answers, whole or spoiled by a transport fault."""

import asyncio
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web

from ingest.simulator.faults import Faults, Setting
from ingest.simulator.spoil import wrong_encoding

_JSON = "application/json"
_SERVER_ERRORS = (HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE)

GATE = ("http_429", "http_5xx")
"""Faults that meet a request before it is understood."""

BODY = ("slow", "dropped", "truncated_json", "wrong_encoding")
"""Faults that meet a finished answer."""


def answer(payload: object, status: int = HTTPStatus.OK) -> web.Response:
    """A whole JSON answer."""
    return web.Response(body=msgspec.json.encode(payload), status=status, content_type=_JSON, charset="utf-8")


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


async def spoiled(name: str, payload: Any, request: web.Request, faults: Faults) -> web.StreamResponse:
    """The answer under a body fault that has fired."""
    body = msgspec.json.encode(payload)
    if name == "slow":
        await asyncio.sleep(faults.settings.get(name, Setting()).seconds)
    elif name == "dropped":
        return await _dropped(body, request)
    elif name == "truncated_json":
        body = body[: len(body) // 2]
    elif name == "wrong_encoding":
        body = wrong_encoding(body, faults.fired[name])
    return web.Response(body=body, content_type=_JSON, charset="utf-8")


async def _dropped(body: bytes, request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": f"{_JSON}; charset=utf-8", "Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
