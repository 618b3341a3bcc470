"""A receiver of reports: a real HTTP server that does what a test tells it."""

import io
import json
import threading
import time
import zipfile
from collections.abc import Callable
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Answer = tuple[int, dict[str, Any] | str]
PATH = "/reports"


class Receiver:
    """Keeps each report once, by its id; a context manager.

    Attributes:
        kept: id → the ZIP's files.
        asked: method and id of each request, in order.
        before: called with the request before it is looked at; what it returns is the answer, None goes on.
        after: called when a report is kept, before its receipt goes out.
    """

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, bytes]] = {}
        self.asked: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.before: Callable[[str, str], Answer | None] = lambda _method, _name: None
        self.after: Callable[[str], None] = lambda _name: None
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                self._answer("PUT")

            def do_GET(self) -> None:
                self._answer("GET")

            def _answer(self, method: str) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, said = receiver.take(method, self.path.rpartition("/")[2], body, dict(self.headers))
                content = (said if isinstance(said, str) else json.dumps(said)).encode()
                try:
                    self.send_response(status)
                    if status == 503:
                        self.send_header("Retry-After", "0")
                    self.send_header("Content-Length", str(len(content)))
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:  # the sender has left
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{PATH}"

    def take(self, method: str, name: str, body: bytes, headers: dict[str, str]) -> Answer:
        with self._lock:
            self.asked.append((method, name))
            self.headers.append(headers)
        told = self.before(method, name)
        if told is not None:
            return told
        with self._lock:
            if method == "PUT" and name not in self.kept:
                with zipfile.ZipFile(io.BytesIO(body)) as packed:
                    self.kept[name] = {file: packed.read(file) for file in packed.namelist()}
            if name not in self.kept:
                return 404, "not here"
        if method == "PUT":
            self.after(name)
        return 200, self.receipt(name)

    def receipt(self, name: str) -> dict[str, str]:
        number = list(self.kept).index(name) + 1
        manifest = self.kept[name]["manifest.json"]
        return {"report": name, "manifest_sha256": sha256(manifest).hexdigest(), "receipt": f"BC-{number:04d}"}

    def waits(self, count: int, seconds: float = 30.0) -> None:
        """Until so many requests have come."""
        deadline = time.monotonic() + seconds
        while len(self.asked) < count:
            assert time.monotonic() < deadline, self.asked
            time.sleep(0.01)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
