"""Comparing with a running Grafana, over HTTP as it speaks."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from dashboards.build import WALL
from dashboards.publish import differences
from ioc.errors import ConfigError, RetriableError

COMMITTED: dict[str, Any] = json.loads(WALL.read_text(encoding="utf-8"))


@contextmanager
def grafana(status: int, body: object) -> Iterator[str]:
    """Answers GET /api/dashboards/uid/… as Grafana does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path == f"/api/dashboards/uid/{COMMITTED['uid']}"
            allowed = self.headers["Authorization"] == "Bearer right"
            code = 401 if not allowed else status if known else 404
            answer = json.dumps(body if code == 200 else {"message": "no"}).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_same_dashboard() -> None:
    with grafana(200, {"dashboard": COMMITTED | {"id": 7, "version": 3, "schemaVersion": 41}}) as url:
        assert differences(url, "right", COMMITTED) == []


def test_other_dashboard() -> None:
    with grafana(200, {"dashboard": COMMITTED | {"title": "x", "panels": []}}) as url:
        assert differences(url, "right", COMMITTED) == [
            "title differs from the committed file",
            "panels differs from the committed file",
        ]


def test_not_loaded() -> None:
    with grafana(404, {}) as url:
        assert "not loaded" in differences(url, "right", COMMITTED)[0]


def test_refusals_and_absence() -> None:
    with grafana(200, {}) as url, pytest.raises(ConfigError, match="GRAFANA_TOKEN"):
        differences(url, "wrong", COMMITTED)
    with grafana(503, {}) as url, pytest.raises(RetriableError):
        differences(url, "right", COMMITTED)
    with pytest.raises(RetriableError):
        differences(url, "right", COMMITTED)
    with pytest.raises(ConfigError, match="no address"):
        differences("grafana", "right", COMMITTED)
