"""The daily briefs of the folder that the settings name, for the browser.

`/brief`: the page of the newest; `/brief.pdf`: to print; `/brief/2026-11-23`, `/brief/2026-11-23.pdf`: of a day.
"""

import html
from datetime import date
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from ioc.settings import Settings

TITLE = "Bản tin điều hành"
PATH = "/brief"
_SUFFIXES = {"": "html", ".pdf": "pdf"}

_POLICY = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
}
"""The page holds its style and its font itself, and nothing else."""


class Briefs:
    """The pages and PDFs of a folder that another process writes; it need not be there."""

    def __init__(self, settings: Settings) -> None:
        self._directory = settings.brief.directory or settings.embedded.data_dir / "briefs"
        self._at = settings.brief.at
        self._is_made = settings.brief.enabled or settings.brief.directory is not None

    def routes(self) -> list[Route]:
        """The addresses."""
        return [
            Route(PATH, self._newest),
            Route(f"{PATH}.pdf", self._newest),
            Route(f"{PATH}/{{name}}", self._of_a_day),
        ]

    def links(self) -> list[dict[str, Any]]:
        """Links of a dashboard, and of the list of dashboards; none where no briefs are made."""
        return [{"title": TITLE, "url": PATH, "type": "link"}] if self._is_made else []

    async def _newest(self, request: Request) -> Response:
        suffix = _SUFFIXES[request.url.path.removeprefix(PATH)]
        days = [_day(file.stem.removeprefix("brief-")) for file in self._directory.glob(f"brief-*.{suffix}")]
        return self._answer(max((day for day in days if day), default=None), suffix)

    async def _of_a_day(self, request: Request) -> Response:
        name, dot, suffix = request.path_params["name"].partition(".")
        if dot + suffix not in _SUFFIXES:
            return _sorry("Không có trang này.")
        return self._answer(_day(name), _SUFFIXES[dot + suffix], name)

    def _answer(self, day: date | None, suffix: str, name: str = "") -> Response:
        file = None if day is None else self._directory / f"brief-{day.isoformat()}.{suffix}"
        if file is None or not file.is_file():
            of = f" ngày {name}" if name else ""
            when = f" Bản tin của mỗi ngày được lập từ {self._at}." if self._is_made else ""
            return _sorry(f"Chưa có bản tin{of}.{when}")
        return _file(file, suffix)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _file(file: Path, suffix: str) -> Response:
    if suffix == "pdf":
        return FileResponse(
            file, media_type="application/pdf", filename=file.name, content_disposition_type="inline", headers=_POLICY
        )
    return FileResponse(file, media_type="text/html; charset=utf-8", headers=_POLICY)


def _sorry(words: str) -> Response:
    page = (
        f'<!doctype html><html lang="vi"><meta charset="utf-8"><title>{TITLE}</title><p>{html.escape(words)}</p>'
        '<p><a href="/">‹ Màn hình chính</a></p></html>'
    )
    return HTMLResponse(page, status_code=404, headers=_POLICY)
