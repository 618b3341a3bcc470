"""The wall's HTTP interface.

- `/`: the page of the wall; `/d/<uid>`, `/d/<uid>/<slug>`: of any dashboard; `/static/…`: their parts.
- `/api/dashboards`: all of them; `/api/dashboard?uid=&var-<name>=`: one, without its queries, with its variables' options.
- `/api/stream?uid=&var-<name>=`: server-sent events, one a round, with the results that changed; `/api/frames`: once and whole.
- `/api/playlist?name=`: the dashboards of a playlist.
- `/export/<uid>/<panel>.<format>?var-<name>=`: the result of a panel as a file (`dashboards.wall.downloads`).
- `/cite`, `/api/cited`: a figure as it was known at a moment (`dashboards.wall.cited.routes`).
- `/brief`, `/brief.pdf`, `/brief/<day>`: the daily brief (`dashboards.wall.briefs`).
- `/healthz`: 200 while the server serves, and whether ClickHouse answers; `/metrics`: for Prometheus.

Without `uid` the wall is meant. An answer that is none is JSON with `error`, words for the viewer: 404 an unknown dashboard or
playlist, 400 a value that a variable does not have, 503 options that cannot be read now, or too many different views.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
from prometheus_client import generate_latest
from sse_starlette.sse import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from dashboards.wall import vendor
from dashboards.wall.briefs import Briefs
from dashboards.wall.choices import Choices
from dashboards.wall.cited.citation import CiteError
from dashboards.wall.cited.routes import Cited
from dashboards.wall.clickhouse import ClickHouse
from dashboards.wall.definition import Definition
from dashboards.wall.downloads import Downloads
from dashboards.wall.headers import SecurityHeaders
from dashboards.wall.hub import Hub
from dashboards.wall.interpolate import FillError
from dashboards.wall.library import Library, read_library
from dashboards.wall.playlist import Playlists, read_playlists
from dashboards.wall.prometheus import Prometheus
from dashboards.wall.question import RefusedError
from dashboards.wall.shelf import CrowdedError
from dashboards.wall.sources import Sources
from dashboards.wall.variables import Choice, ChoiceError, Option, choose
from dashboards.wall.view import page_of, view_of
from ioc.catalogue.load import load_province
from ioc.errors import ConfigError, IocError, RetriableError
from ioc.logs import get_logger
from ioc.metrics import Metrics
from ioc.settings import Settings

STATIC = Path(__file__).parent / "static"
_VARIABLE = "var-"


class Json(Response):
    """JSON by msgspec: numbers and text as they are."""

    media_type = "application/json; charset=utf-8"

    def render(self, content: object) -> bytes:
        """The body."""
        return msgspec.json.encode(content)


class UnknownError(IocError):
    """There is no such dashboard or playlist: the words are for the viewer."""


_STATUS: dict[type[IocError], int] = {
    UnknownError: 404,
    CiteError: 404,
    ChoiceError: 400,
    FillError: 400,
    RefusedError: 503,
    RetriableError: 503,
    CrowdedError: 503,
}


def create_app(settings: Settings, home: Path, metrics: Metrics | None = None) -> SecurityHeaders:
    """The application over the dashboards of the folder of `home`, which `/` shows; it reads while it runs and somebody looks.

    Raises:
        ConfigError: a dashboard, a playlist, the province profile or the browser's libraries are missing or wrong.
    """
    if not vendor.is_complete():
        raise ConfigError(f"{vendor.VENDOR} is incomplete: run `python -m dashboards.wall.vendor`")
    library = read_library(home)
    playlists = read_playlists(home.parent.parent / "playlists", library.dashboards)
    province = load_province(settings.catalogue.province, settings.catalogue.directory).name.vi
    wall = _Wall(settings, library, playlists, province, metrics or Metrics("wall"))
    api: dict[str, Callable[[Request], Awaitable[Response]]] = {
        "dashboards": wall.dashboards,
        "dashboard": wall.dashboard,
        "stream": wall.stream,
        "frames": wall.frames,
        "playlist": wall.playlist,
    }
    app = Starlette(
        lifespan=wall.lifespan,
        routes=[
            Route("/", wall.page),
            Route("/d/{uid}", wall.page),
            Route("/d/{uid}/{slug}", wall.page),
            *(Route(f"/api/{name}", endpoint) for name, endpoint in api.items()),
            *wall.briefs.routes(),
            *wall.cited.routes(),
            *wall.downloads.routes(),
            Route("/healthz", wall.healthz),
            Route("/metrics", wall.metrics),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        exception_handlers=dict.fromkeys(_STATUS, _refuse),
    )
    return SecurityHeaders(app)


async def _refuse(_request: Request, error: Exception) -> Response:
    return Json({"error": _words(error)}, status_code=_STATUS[type(error)])  # type: ignore[index]


def _words(error: Exception) -> str:
    away = isinstance(error, RetriableError | RefusedError)
    return f"Chưa đọc được các lựa chọn từ ClickHouse: {error}" if away else str(error)


async def _defaults(_sql: str) -> tuple[Option, ...]:
    return ()


class _Wall:
    """The endpoints, over one hub."""

    def __init__(
        self, settings: Settings, library: Library, playlists: Playlists, province: str, metrics: Metrics
    ) -> None:
        self._settings = settings
        self._library = library
        self._playlists = playlists
        self._province = province
        self._metrics = metrics
        self.briefs = Briefs(settings)
        self.cited = Cited(settings, library)
        self.downloads = Downloads(settings, self._asked)
        self._running: tuple[Hub, Choices] | None = None

    @property
    def hub(self) -> Hub:
        assert self._running, "requests are served within the lifespan only"
        return self._running[0]

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        wall = self._settings.wall
        async with (
            ClickHouse(self._settings.clickhouse) as clickhouse,
            Prometheus(wall.prometheus_url) as prometheus,
            self.cited.open(),
        ):
            sources = Sources(clickhouse, prometheus)
            hub = Hub(sources, wall.refresh_s, metrics=self._metrics)
            self._running = hub, Choices(sources)
            home = self._library.home
            hub.shelf.pin(view_of(home, await choose(home.variables, {}, _defaults)))
            reading = asyncio.create_task(hub.run())
            get_logger("wall").info(
                "ready", url=f"http://{wall.host}:{wall.port}/", dashboards=len(self._library.dashboards)
            )
            yield
            reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reading

    async def _asked(self, request: Request) -> tuple[Definition, tuple[Choice, ...]]:
        assert self._running, "requests are served within the lifespan only"
        uid = request.path_params.get("uid") or request.query_params.get("uid")
        definition = self._library.get(uid)
        if definition is None:
            raise UnknownError(f"Không có bảng số liệu {uid}")
        given = {
            name.removeprefix(_VARIABLE): value
            for name, value in request.query_params.items()
            if name.startswith(_VARIABLE)
        }
        return definition, await choose(definition.variables, given, self._running[1])

    async def page(self, request: Request) -> Response:
        known = self._library.get(request.path_params.get("uid"))
        return FileResponse(STATIC / "index.html", status_code=200 if known else 404)

    async def dashboards(self, _request: Request) -> Response:
        more = [{"uid": "", "title": one["title"], "tags": [], "url": one["url"]} for one in self.briefs.links()]
        return Json(self._library.listing() + more)

    async def dashboard(self, request: Request) -> Response:
        definition, choices = await self._asked(request)
        home = definition is self._library.home
        page = page_of(definition, choices)
        # Dashboards of details lead back to what everybody uses, and the brief is the wall's alone: no Grafana has it.
        links = [*page["links"], *self.briefs.links()] if page["links"] else []
        return Json(page | {"province": self._province, "home": home, "links": links})

    async def playlist(self, request: Request) -> Response:
        name = request.query_params.get("name", "")
        if name not in self._playlists:
            raise UnknownError(f"Không có danh sách trình chiếu {name}")
        return Json(self._playlists[name])

    async def frames(self, request: Request) -> Response:
        return Json(await self.hub.once(view_of(*await self._asked(request))))

    async def stream(self, request: Request) -> Response:
        view = view_of(*await self._asked(request))

        async def events() -> AsyncIterator[dict[str, Any]]:
            try:
                async for event in self.hub.events(view):
                    yield {"data": msgspec.json.encode(event).decode()}
            except CrowdedError as error:
                # A browser does not get to read the body of an answer that is no stream.
                yield {"event": "refused", "data": str(error)}

        return EventSourceResponse(events(), sep="\n", ping=0)

    async def healthz(self, _request: Request) -> Response:
        missed = self.hub.outages["clickhouse"]
        return Json({"status": "ok", "clickhouse": "away" if missed.since else "ok", "reason": missed.reason})

    async def metrics(self, _request: Request) -> Response:
        return Response(generate_latest(self._metrics.registry), media_type="text/plain; version=0.0.4")
