"""The HTTP services of iOffice: the exchange with its signed headers, and the REST with its token."""

import asyncio
import hmac
from datetime import datetime
from http import HTTPStatus
from typing import Final

from aiohttp import web

from ingest.simulator.answers import Answer
from ingest.simulator.door import Door
from ingest.simulator.errors import RequestError
from ingest.simulator.ioffice.accounts import Accounts
from ingest.simulator.ioffice.ledger import Ledger, name_of
from ingest.simulator.ioffice.messages import Message
from ingest.simulator.ioffice.shelf import Row, Shelf
from ingest.simulator.ioffice.spoiling import poison, styled
from ingest.simulator.ioffice.workfiles import WorkFiles
from ingest.simulator.moments import from_ms, read_iso, to_ms
from ingest.simulator.records import keyed, spoil_records
from ingest.simulator.system import World
from ioc.clock import LOCAL

HEADER: Final = "XroadVnpt-"
MAX_PAGE: Final = 1000
_LISTED = keyed(("docId",), "status_desc")
_FORMS = {"code": keyed(("code",), "title"), "userName": keyed(("userName",), "fullName")}
_HIDDEN = ("dtd", "bomb")
"""Bad messages that the list shows beside the true ones; their numbers tell which."""


class Services:
    """What iOffice answers."""

    name = "services"

    def __init__(self, world: World, ledger: Ledger, accounts: Accounts, work_files: WorkFiles) -> None:
        self._world = world
        self._ledger = ledger
        self._accounts = accounts
        self._work_files = work_files
        self.door = Door(world)

    def routes(self) -> list[web.RouteDef]:
        """All below `/ioffice`."""
        door = self.door
        return [
            door.post("/ioffice/getReceivedEdocList", self._received, login=False),
            door.get("/ioffice/downloadEdoc", self._download, login=False),
            door.token("/ioffice/oauth/token"),
            door.get("/ioffice/api/work-files", self._list_work_files),
            door.get("/ioffice/api/accounts", self._list_accounts),
        ]

    async def _received(self, request: web.Request) -> Answer:
        if refusal := self._refusal(request):
            return refusal
        asked = request.headers
        size = _number(asked.get(f"{HEADER}pageSize", "100"), 1, MAX_PAGE)
        page = _number(asked.get(f"{HEADER}pageIndex", "1"), 1, 10**9) - 1
        kind = asked.get(f"{HEADER}messagetype", "")
        if kind not in self._ledger.kept:
            raise RequestError("messagetype: edoc or status")
        await asyncio.to_thread(self._ledger.advance)
        found = self._ledger.since(kind, _from(asked.get(f"{HEADER}fromDate")))[page * size : (page + 1) * size]
        faults = self._world.faults
        rows = [_row(message) for message in found]
        bad = [{**rows[0], "docId": f"{name}:{rows[0]['docId']}"} for name in _HIDDEN if rows and faults.draw(name)]
        rows = spoil_records(rows, _LISTED, faults) + bad
        return Answer.json({"status": "OK", "ErrorCode": "0", "ErrorDesc": "", "data": rows})

    async def _download(self, request: web.Request) -> Answer:
        if refusal := self._refusal(request):
            return refusal
        name, _, number = request.headers.get(f"{HEADER}docId", "").rpartition(":")
        message = self._ledger.known.get(number)
        if message is None:
            return Answer.json({"status": "FAIL", "ErrorCode": "1", "ErrorDesc": "no such docId"}, HTTPStatus.NOT_FOUND)
        body = poison(name, message) if name in _HIDDEN else styled(message, self._world.faults)
        return Answer(body, "application/octet-stream", charset=None if body.startswith(b"\xff\xfe") else "utf-8")

    async def _list_work_files(self, request: web.Request) -> Answer:
        self._work_files.advance()
        return self._slice(request, self._work_files.shelf, "code")

    async def _list_accounts(self, request: web.Request) -> Answer:
        self._accounts.advance()
        return self._slice(request, self._accounts.shelf, "userName")

    def _slice(self, request: web.Request, shelf: Shelf, key: str) -> Answer:
        query = request.query
        size = _number(query.get("size", "100"), 1, MAX_PAGE)
        if query.get("sort") == "userName":
            found = shelf.named(query.get("after", ""), size)
        else:
            since = query.get("updated-from")
            from_ms = read_iso(since) if since else 0
            found = shelf.updated(from_ms, _number(query.get("page", "0"), 0, 10**9), size)
        rows: list[Row] = spoil_records(found.rows, _FORMS[key], self._world.faults)
        return Answer.json({"content": rows, "last": found.last})

    def _refusal(self, request: web.Request) -> Answer | None:
        """401 for a request that is not signed with the password, or not as its headers say."""
        said = request.headers.get(f"{HEADER}sign-header", "")
        digest = hmac.digest(self._world.login.password.encode(), said.encode(), "sha256").hex()
        good = hmac.compare_digest(digest, request.headers.get(f"{HEADER}hash-header", ""))
        names = request.headers.get(f"{HEADER}sign-header-key", "").split(";")
        if good and all(f'"{HEADER}{name}":"{request.headers.get(HEADER + name)}"' in said for name in names):
            return None
        return Answer.json({"status": "FAIL", "ErrorCode": "401", "ErrorDesc": "signature"}, HTTPStatus.UNAUTHORIZED)


def _row(message: Message) -> Row:
    holds = message.holds
    sender = getattr(holds, "sender", None) or getattr(holds, "organ", None)
    at = f"{from_ms(message.at_ms):%d/%m/%Y %H:%M:%S}"
    return {
        "docId": name_of(message),
        "from": sender.code if sender else "",
        "to": "000.00.00.H12",
        "serviceType": "eDoc",
        "messageType": message.kind,
        "created_time": at,
        "updated_time": at,
        "status": "initial",
        "status_desc": "",
    }


def _number(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise RequestError(f"a number from {least} to {most} is needed")
    return int(text)


def _from(text: str | None) -> int:
    if not text:
        return 0
    try:
        return to_ms(datetime.strptime(text, "%d/%m/%Y %H:%M:%S").replace(tzinfo=LOCAL))
    except ValueError as error:
        raise RequestError("fromDate: dd/MM/yyyy HH:mm:ss") from error
