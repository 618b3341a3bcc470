"""The way into a system's HTTP services: the login, the faults, the count of requests."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web

from ingest.simulator.answers import BODY, GATE, Answer, answer, refused, spoiled
from ingest.simulator.errors import RequestError
from ingest.simulator.sessions import Sessions
from ingest.simulator.system import World

Handler = Callable[[web.Request], Awaitable[Answer]]
"""Answers a request that is let in; a `RequestError` becomes status 400."""


class Door:
    """Lets requests in to one system.

    The login is HTTP Basic, or a bearer token that `token` gave for the same user and password.
    """

    def __init__(self, world: World) -> None:
        self.requests = 0
        self._faults = world.faults
        self._login = world.login
        self._tokens = Sessions(world.login.session_ttl_s)

    def get(self, path: str, handler: Handler, *, login: bool = True) -> web.RouteDef:
        """A route of this system, for `GET`; without `login` anybody may ask."""
        return web.get(path, self._guarded(handler, login=login))

    def post(self, path: str, handler: Handler, *, login: bool = True) -> web.RouteDef:
        """As `get`, for `POST`."""
        return web.post(path, self._guarded(handler, login=login))

    def token(self, path: str) -> web.RouteDef:
        """A route that gives bearer tokens: OAuth 2 client credentials, in the form or as HTTP Basic."""
        return web.post(path, self._token)

    def _guarded(self, handler: Handler, *, login: bool) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def guarded(request: web.Request) -> web.StreamResponse:
            self.requests += 1
            if gate := self._faults.draw_one(GATE):
                return refused(gate, self._faults)
            if login and not self._lets_in(request):
                return _unauthorised()
            try:
                whole = await handler(request)
            except RequestError as error:
                return answer({"error": "invalid_request", "message": str(error)}, HTTPStatus.BAD_REQUEST)
            body = self._faults.draw_one(BODY)
            return await spoiled(body, whole, request, self._faults) if body else whole.response()

        return guarded

    def _lets_in(self, request: web.Request) -> bool:
        """Whether the login holds; `expired_session` throws a token away, and refuses a right password once."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            if self._tokens.valid(token) and self._faults.draw("expired_session"):
                self._tokens.drop(token)
            return self._tokens.valid(token)
        return basic(request) == (self._login.user, self._login.password) and not self._faults.draw("expired_session")

    async def _token(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        if gate := self._faults.draw_one(GATE):
            return refused(gate, self._faults)
        form = await request.post()
        given = basic(request) or (form.get("client_id"), form.get("client_secret"))
        if form.get("grant_type") != "client_credentials":
            return answer({"error": "unsupported_grant_type"}, HTTPStatus.BAD_REQUEST)
        if given != (self._login.user, self._login.password):
            return answer({"error": "invalid_client"}, HTTPStatus.UNAUTHORIZED)
        return answer(granted(self._tokens))


def granted(tokens: Sessions) -> dict[str, object]:
    """The answer that gives a new bearer token."""
    return {
        "access_token": tokens.open(),
        "token_type": "bearer",
        "expires_in": int(tokens.ttl_s),
        "scope": "read",
    }


def basic(request: web.Request) -> tuple[str, str] | None:
    """User and password of HTTP Basic; None: the request has none that can be read."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user, password


async def json_body(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request; what is none ends the request with 400."""
    try:
        decoded = msgspec.json.decode(await request.read())
    except msgspec.DecodeError as error:
        raise web.HTTPBadRequest(text=f"the body is not JSON: {error}") from error
    if not isinstance(decoded, dict):
        raise web.HTTPBadRequest(text="the body is not a JSON object")
    return decoded


def _unauthorised() -> web.Response:
    refusal = answer({"error": "invalid_token"}, HTTPStatus.UNAUTHORIZED)
    refusal.headers["WWW-Authenticate"] = 'Basic realm="simulator"'
    return refusal
