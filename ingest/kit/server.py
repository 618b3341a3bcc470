"""A sample server: answers what a `JsonStream` asks, and misbehaves when it is told to."""

import base64
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from ingest.kit.json_stream import JsonStream
from ingest.kit.rows import Row
from ingest.source import Record
from ingest.testing import Fault

TRANSPORT = ("slow", "http_429", "http_5xx", "dropped", "truncated", "wrong_encoding")
"""What happens to an answer; at most one of them."""

RECORDS: Mapping[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault("empty_page"),
        Fault("duplicate"),
        Fault("out_of_order"),
        Fault("unknown_field"),
        Fault("huge_record"),
        Fault("missing_required", frozenset({"missing_field"})),
        Fault("changed_type", frozenset({"invalid_value"})),
    )
}
"""What happens to the records of a page; several may come together."""

HUGE_CHARS = 2 << 20
SLOW_S = 0.01
_PROBE = (1_700_000_000_123, 7, 13)


class SampleList:
    """The records of one stream and how it asks for them."""

    def __init__(self, stream: JsonStream, rows: Sequence[Row]) -> None:
        self.stream = stream
        self.rows = sorted(rows, key=self._updated_ms)
        from_ms, page, size = _PROBE
        told = {value: key for key, value in stream.query(*_PROBE).items()}
        self._from, self._size = told.get(stream.written(from_ms)), told.get(str(size))
        self._ways = [
            (told[said], count)
            for said, count in ((str(page), "page"), (str(page + 1), "page from 1"), (str(page * size), "offset"))
            if said in told
        ]

    def page(self, query: Mapping[str, str]) -> list[Row]:
        """The records that a query asks for."""
        since = query.get(self._from or "")
        from_ms = self.stream.moment_ms("updated_from", since) if since else None
        found = [row for row in self.rows if from_ms is None or self._updated_ms(row) >= from_ms]
        size = int(query.get(self._size or "", 100))
        start = 0
        for key, way in self._ways[:1]:
            said = int(query.get(key, 0))
            start = said if way == "offset" else size * (said - (way == "page from 1"))
        return found[start : start + size]

    def _updated_ms(self, row: Row) -> int:
        return self.stream.updated_ms(_record(row)) or 0


class SampleServer:
    """Serves lists by their paths; a context manager."""

    def __init__(self, lists: Sequence[SampleList], login: tuple[str, str] | None = None, seed: int = 1) -> None:
        """`login` is the header that each request must have, and its value."""
        self._lists = {one.stream.path: one for one in lists}
        self._login = login
        self._random = random.Random(seed)
        self.faults: dict[str, float] = {}
        self.fired: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        serve = self._serve

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                serve(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
                """Nothing is logged."""

        return Handler

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        asked = urlsplit(request.path)
        found = self._lists.get(asked.path)
        with self._lock:
            if self._login is not None and request.headers.get(self._login[0]) != self._login[1]:
                return _answer(request, 401, b"")
            if found is None:
                return _answer(request, 404, b"")
            rows = self._spoiled(found, found.page(dict(parse_qsl(asked.query))))
            key = found.stream.records_key
            body = json.dumps({key: rows} if key else rows, ensure_ascii=False).encode()
            fault = next((name for name in TRANSPORT if self._fires(name)), "")
        if fault == "slow":
            time.sleep(SLOW_S)
        if fault == "http_429":
            return _answer(request, 429, b"", {"Retry-After": "0"})
        if fault == "http_5xx":
            return _answer(request, 503, b"")
        if fault == "wrong_encoding":
            body = body.decode().encode("utf-16")
        if fault == "truncated":
            body = body[: len(body) // 2]
        return _answer(request, 200, body, dropped=fault == "dropped")

    def _fires(self, name: str) -> bool:
        fires = self._random.random() < self.faults.get(name, 0.0)
        self.fired[name] += fires
        return fires

    def _spoiled(self, found: SampleList, rows: list[Row]) -> list[Row]:
        if not rows:
            return rows
        key, draw = found.stream.entity_key.partition(".")[0], self._random
        ways: dict[str, Callable[[list[Row]], list[Row]]] = {
            "empty_page": lambda _: [],
            "missing_required": lambda all_: [*all_, {name: value for name, value in rows[0].items() if name != key}],
            "changed_type": lambda all_: [*all_, rows[-1] | {key: {"code": 1}}],
            "huge_record": lambda all_: [*all_, rows[0] | {"xx_note": "x" * HUGE_CHARS}],
            "unknown_field": lambda all_: [row | {"xx_new": {"text": "CANARY"}} for row in all_],
            "duplicate": lambda all_: [*all_, *draw.sample(all_, (len(all_) + 2) // 3)],
            "out_of_order": lambda all_: draw.sample(all_, len(all_)),
        }
        for name, spoil in ways.items():
            if self._fires(name):
                rows = spoil(rows)
        return rows


def basic(user: str, password: str) -> tuple[str, str]:
    """The header of a basic login."""
    return "Authorization", f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _answer(
    request: BaseHTTPRequestHandler,
    status: int,
    body: bytes,
    headers: Mapping[str, str] | None = None,
    *,
    dropped: bool = False,
) -> None:
    request.send_response(status)
    for name, value in (headers or {}).items():
        request.send_header(name, value)
    request.send_header("Content-Type", "application/json; charset=utf-8")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body[: len(body) // 2] if dropped else body)
    if dropped:
        request.close_connection = True


def _record(row: Mapping[str, Any]) -> Record:
    return Record(b"", {key.lower(): value for key, value in row.items()})
