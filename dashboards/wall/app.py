"""The wall's HTTP interface.

- `/`: the page; `/static/…`: its parts.
- `/api/dashboard`: the dashboard's JSON without SQL, and the province's name.
- `/api/stream`: server-sent events, one a round, with the results that changed; `/api/frames`: the same, once and whole.
- `/healthz`: 200 while the server serves, and whether ClickHouse answers; `/metrics`: for Prometheus.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
from prometheus_client import generate_latest
from sse_starlette.sse import EventSourceResponse
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.wall import vendor
from dashboards.wall.clickhouse import ClickHouse
from dashboards.wall.definition import Definition, read_definition
from dashboards.wall.hub import Hub
from ioc.catalogue.load import load_province
from ioc.errors import ConfigError
from ioc.logs import get_logger
from ioc.metrics import Metrics
from ioc.settings import Settings

STATIC = Path(__file__).parent / "static"

SECURITY_HEADERS = {
    # Style attributes come from ECharts' SVG; everything else is the wall's own files, and nothing is from elsewhere.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class SecurityHeaders:
    """Puts the security headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves a request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class Json(Response):
    """JSON by msgspec: numbers and text as they are."""

    media_type = "application/json; charset=utf-8"

    def render(self, content: object) -> bytes:
        """The body."""
        return msgspec.json.encode(content)


def create_app(settings: Settings, dashboard: Path, metrics: Metrics | None = None) -> SecurityHeaders:
    """The application; it reads ClickHouse while it runs and somebody looks.

    Raises:
        ConfigError: the dashboard, the province profile or the browser's libraries are missing.
    """
    if not vendor.is_complete():
        raise ConfigError(f"{vendor.VENDOR} is incomplete: run `python -m dashboards.wall.vendor`")
    definition = read_definition(dashboard)
    province = load_province(settings.catalogue.province, settings.catalogue.directory).name.vi
    wall = _Wall(settings, definition, province, metrics or Metrics("wall"))
    app = Starlette(
        lifespan=wall.lifespan,
        routes=[
            Route("/", wall.page),
            Route("/api/dashboard", wall.dashboard),
            Route("/api/stream", wall.stream),
            Route("/api/frames", wall.frames),
            Route("/healthz", wall.healthz),
            Route("/metrics", wall.metrics),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
    )
    return SecurityHeaders(app)


class _Wall:
    """The endpoints, over one hub."""

    def __init__(self, settings: Settings, definition: Definition, province: str, metrics: Metrics) -> None:
        self._settings = settings
        self._page = definition.page | {"province": province, "digest": definition.digest}
        self._definition = definition
        self._metrics = metrics
        self._hub: Hub | None = None

    @property
    def hub(self) -> Hub:
        assert self._hub is not None, "requests are served within the lifespan only"
        return self._hub

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        async with ClickHouse(self._settings.clickhouse) as clickhouse:
            self._hub = Hub(self._definition, clickhouse, self._settings.wall.refresh_s, metrics=self._metrics)
            reading = asyncio.create_task(self._hub.run())
            get_logger("wall").info(
                "ready",
                url=f"http://{self._settings.wall.host}:{self._settings.wall.port}/",
                panels=len(self._page["panels"]),
            )
            yield
            reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reading

    async def page(self, _request: Request) -> Response:
        return FileResponse(STATIC / "index.html")

    async def dashboard(self, _request: Request) -> Response:
        return Json(self._page)

    async def frames(self, _request: Request) -> Response:
        return Json(await self.hub.once())

    async def stream(self, _request: Request) -> Response:
        async def events() -> AsyncIterator[dict[str, Any]]:
            async for event in self.hub.events():
                yield {"data": msgspec.json.encode(event).decode()}

        return EventSourceResponse(events(), sep="\n", ping=0)

    async def healthz(self, _request: Request) -> Response:
        missed = self.hub.source.since
        return Json({"status": "ok", "clickhouse": "away" if missed else "ok", "reason": self.hub.source.reason})

    async def metrics(self, _request: Request) -> Response:
        return Response(generate_latest(self._metrics.registry), media_type="text/plain; version=0.0.4")
