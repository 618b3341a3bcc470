"""The HTTP server: both shapes and the control over one journal."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import web

from ingest.simulator import national, rest
from ingest.simulator.answers import BODY, GATE, Answer, answer, refused, spoiled
from ingest.simulator.clock import SimulatedClock
from ingest.simulator.control import Control
from ingest.simulator.door import basic, granted, json_body
from ingest.simulator.errors import RequestError
from ingest.simulator.faults import Faults
from ingest.simulator.journal import Journal
from ingest.simulator.model import Procedure
from ingest.simulator.moments import iso_ms
from ingest.simulator.national import NationalServices
from ingest.simulator.sessions import Sessions
from ingest.simulator.spoil import Spoiler
from ingest.simulator.system import SimulatedSystem, World

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
        beside: the other systems, each with its world.
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
        beside: Sequence[tuple[World, SimulatedSystem]] = (),
    ) -> None:
        self.journal = journal
        self.faults = faults
        self._clock = clock
        self._access = access or Access()
        self._shift_days = shift_days
        self._beside = beside
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
            ]
        )
        for _, system in self._beside:
            app.add_routes(system.routes())
        app.add_routes(Control(self._state, self.faults, self._beside).routes())
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
        asked = await json_body(request)
        known = (asked.get("username"), asked.get("password"), request.headers.get("dstcode"))
        if known != (self._access.user, self._access.password, self._access.dstcode):
            return answer({"error_code": "98", "message": "Sai tài khoản, mật khẩu hoặc dstcode", "session": ""})
        return answer({"error_code": "00", "message": "", "session": self._sessions.open()})

    async def _service(self, request: web.Request) -> web.StreamResponse:
        self._requests += 1
        if gate := self.faults.draw_one(GATE):
            return refused(gate, self.faults)
        asked = await json_body(request)
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
        return await spoiled(body, Answer.json(payload), request, self.faults) if body else answer(payload)

    # Shape 2

    async def _token(self, request: web.Request) -> web.StreamResponse:
        self._requests += 1
        if gate := self.faults.draw_one(GATE):
            return refused(gate, self.faults)
        form = await request.post()
        given = basic(request) or (form.get("client_id"), form.get("client_secret"))
        if form.get("grant_type") != "client_credentials":
            return answer({"error": "unsupported_grant_type"}, HTTPStatus.BAD_REQUEST)
        if given != (self._access.user, self._access.password):
            return answer({"error": "invalid_client"}, HTTPStatus.UNAUTHORIZED)
        return answer(granted(self._tokens))

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
        return await spoiled(body, Answer.json(payload), request, self.faults) if body else answer(payload)

    # Control

    def _state(self) -> dict[str, object]:
        now_ms = self.advance()
        journal = self.journal
        return {
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
        }
