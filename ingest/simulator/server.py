"""The HTTP server: both shapes and the control over one journal."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import web

from ingest.simulator import national, rest
from ingest.simulator.answers import BODY, GATE, answer, refused, spoiled
from ingest.simulator.clock import SimulatedClock
from ingest.simulator.faults import NAMES, Faults
from ingest.simulator.journal import Journal
from ingest.simulator.model import Procedure
from ingest.simulator.moments import iso_ms
from ingest.simulator.national import NationalServices, RequestError
from ingest.simulator.sessions import Sessions
from ingest.simulator.spoil import Spoiler

_REQUEST_MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read: the same credentials for both shapes."""

    user: str = "connector"
    password: str = field(default="simulator", repr=False)
    dstcode: str = "H12"
    session_ttl_s: float = 1800.0


class DossierServer:
    """Serves one journal.

    Args:
        journal: what there is to read.
        clock: how far of it may be seen.
        faults: what goes wrong.
        access: who may read.
        procedures: the list of procedures that the services tell.
        updated_key: name of the update-time key in the national shape.
        shift_days: whole days by which the log was moved, told by the control.
    """

    def __init__(
        self,
        journal: Journal,
        clock: SimulatedClock,
        faults: Faults,
        *,
        access: Access | None = None,
        procedures: tuple[Procedure, ...] = (),
        updated_key: str = "NgayCapNhat",
        shift_days: int | None = None,
    ) -> None:
        self.journal = journal
        self.faults = faults
        self._clock = clock
        self._access = access or Access()
        self._shift_days = shift_days
        self._requests = 0
        self._sessions = Sessions(self._access.session_ttl_s)
        self._tokens = Sessions(self._access.session_ttl_s)
        self._services = NationalServices(journal, procedures, updated_key)
        self._national = Spoiler(
            faults, lambda v: national.dossier_record(v, updated_key), ("MaHoSo",), "GhiChu", national=True
        )
        self._rest = Spoiler(
            faults, rest.dossier_record, ("id", "code", "nationCode", "dossierCode"), "note", national=False
        )

    def app(self) -> web.Application:
        """The routes."""
        app = web.Application(client_max_size=_REQUEST_MAX_BYTES)
        app.add_routes(
            [
                web.post("/api/login", self._login),
                web.post("/api/service", self._service),
                web.post("/oauth/token", self._token),
                web.get("/pa/dossier/search", self._search_dossiers),
                web.get("/pa/rating/search", self._search_ratings),
                web.get("/control/state", self._state),
                web.get("/control/faults", self._show_faults),
                web.post("/control/faults", self._set_faults),
            ]
        )
        return app

    def advance(self) -> int:
        """Lets the journal see what has become visible; the simulated now in milliseconds since the epoch."""
        now_ms = self._clock.now_ms()
        self.journal.advance(now_ms)
        return now_ms

    # Shape 1

    async def _login(self, request: web.Request) -> web.StreamResponse:
        self._requests += 1
        if gate := self.faults.draw_one(GATE):
            return refused(gate, self.faults)
        asked = await _body(request)
        known = (asked.get("username"), asked.get("password"), request.headers.get("dstcode"))
        if known != (self._access.user, self._access.password, self._access.dstcode):
            return answer({"error_code": "98", "message": "Sai tài khoản, mật khẩu hoặc dstcode", "session": ""})
        return answer({"error_code": "00", "message": "", "session": self._sessions.open()})

    async def _service(self, request: web.Request) -> web.StreamResponse:
        self._requests += 1
        if gate := self.faults.draw_one(GATE):
            return refused(gate, self.faults)
        asked = await _body(request)
        session = str(asked.get("session") or "")
        if self._sessions.valid(session) and self.faults.draw("expired_session"):
            self._sessions.drop(session)
        if not self._sessions.valid(session):
            return answer({"error_code": "99", "message": "Phiên làm việc không có hoặc đã hết hạn", "data": []})
        self.advance()
        try:
            if not asked.get("madonvi"):
                raise RequestError("madonvi thiếu")
            page = self._services.call(str(asked.get("service")), asked.get("data"))
        except RequestError as error:
            return answer({"error_code": "01", "message": str(error), "data": []})
        body = self.faults.draw_one(BODY)
        records = self._national.spoil(page.records, page.versions)
        payload = {"error_code": "00", "message": "", "TongSo": page.total, "data": records}
        return await spoiled(body, payload, request, self.faults) if body else answer(payload)

    # Shape 2

    async def _token(self, request: web.Request) -> web.StreamResponse:
        self._requests += 1
        if gate := self.faults.draw_one(GATE):
            return refused(gate, self.faults)
        form = await request.post()
        given = _basic(request) or (form.get("client_id"), form.get("client_secret"))
        if form.get("grant_type") != "client_credentials":
            return answer({"error": "unsupported_grant_type"}, HTTPStatus.BAD_REQUEST)
        if given != (self._access.user, self._access.password):
            return answer({"error": "invalid_client"}, HTTPStatus.UNAUTHORIZED)
        return answer(
            {
                "access_token": self._tokens.open(),
                "token_type": "bearer",
                "expires_in": int(self._tokens.ttl_s),
                "scope": "read",
            }
        )

    async def _search_dossiers(self, request: web.Request) -> web.StreamResponse:
        return await self._search(request, ratings=False)

    async def _search_ratings(self, request: web.Request) -> web.StreamResponse:
        return await self._search(request, ratings=True)

    async def _search(self, request: web.Request, *, ratings: bool) -> web.StreamResponse:
        self._requests += 1
        if gate := self.faults.draw_one(GATE):
            return refused(gate, self.faults)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if self._tokens.valid(token) and self.faults.draw("expired_session"):
            self._tokens.drop(token)
        if scheme.lower() != "bearer" or not self._tokens.valid(token):
            return answer({"error": "invalid_token"}, HTTPStatus.UNAUTHORIZED)
        self.advance()
        try:
            found = (rest.search_ratings if ratings else rest.search_dossiers)(self.journal, request.query)
        except RequestError as error:
            return answer({"error": "invalid_request", "message": str(error)}, HTTPStatus.BAD_REQUEST)
        body = self.faults.draw_one(BODY)
        payload = found.envelope(self._rest.spoil(found.records, found.versions))
        return await spoiled(body, payload, request, self.faults) if body else answer(payload)

    # Control

    async def _state(self, request: web.Request) -> web.StreamResponse:
        del request
        now_ms = self.advance()
        journal = self.journal
        return answer(
            {
                "now": iso_ms(now_ms),
                "caught_up": self._clock.caught_up(),
                "exhausted": journal.exhausted(),
                "shift_days": self._shift_days,
                "log": {"versions": journal.log_size, "visible": journal.log_visible, "dossiers": journal.log_dossiers},
                "generated": {"visible": len(journal.versions) - journal.log_visible},
                "visible": {
                    "versions": len(journal.versions),
                    "ratings": len(journal.ratings),
                    "dossiers": len(journal.latest),
                },
                "requests": self._requests,
                "faults": dict(self.faults.fired),
            }
        )

    async def _show_faults(self, request: web.Request) -> web.StreamResponse:
        del request
        return answer(self._faults_payload())

    async def _set_faults(self, request: web.Request) -> web.StreamResponse:
        try:
            self.faults.configure(await _body(request))
        except RequestError as error:
            return answer({"error": "invalid_request", "message": str(error)}, HTTPStatus.BAD_REQUEST)
        return answer(self._faults_payload())

    def _faults_payload(self) -> Mapping[str, object]:
        return {
            "settings": {name: msgspec.to_builtins(setting) for name, setting in self.faults.settings.items()},
            "fired": dict(self.faults.fired),
            "names": NAMES,
        }


async def _body(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request; what is none ends the request with 400."""
    try:
        decoded = msgspec.json.decode(await request.read())
    except msgspec.DecodeError as error:
        raise web.HTTPBadRequest(text=f"the body is not JSON: {error}") from error
    if not isinstance(decoded, dict):
        raise web.HTTPBadRequest(text="the body is not a JSON object")
    return decoded


def _basic(request: web.Request) -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return user, password
