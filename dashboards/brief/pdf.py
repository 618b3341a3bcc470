"""A brief as a PDF of one A4 side, set by WeasyPrint in the font that the wall has."""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

from dashboards.brief import font
from dashboards.brief.model import Brief
from dashboards.brief.page import Limits, render
from ioc.errors import ConfigError, FatalError

LIBRARIES = "libpangoft2-1.0-0 libharfbuzz-subset0"
"""Debian packages of what WeasyPrint sets text with."""


def one_side(brief: Brief, most: Limits | None = None) -> tuple[bytes, Limits]:
    """The PDF, and how many rows it has room for: rows are left out, and counted, until it is one side.

    The same brief gives the same bytes.

    Raises:
        ConfigError: the font or Debian's libraries are missing.
        FatalError: one row of each table is more than a side.
    """
    tried = list(_ever_fewer((most or Limits()).fitted(brief)))
    # The first that fits, by halves: fewer rows never take more pages.
    first = bisect_left(tried, True, key=lambda limits: _pages(brief, limits) == 1)
    if first < len(tried):
        content: bytes = _set(render(brief, tried[first], font.styles())).write_pdf()
        return content, tried[first]
    raise FatalError(f"the brief of {brief.day} does not fit on one side with one row in each table")


def _ever_fewer(limits: Limits) -> Iterator[Limits]:
    fewer: Limits | None = limits
    while fewer is not None:
        yield fewer
        fewer = fewer.fewer()


def _pages(brief: Brief, limits: Limits) -> int:
    return len(_set(render(brief, limits, font.styles())).pages)


def _set(html: str) -> Any:
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except OSError as error:  # a library that cannot be loaded
        raise ConfigError(f"the PDF needs Debian's packages {LIBRARIES}: {error}") from error
    # Nothing is fetched, whatever a name in the data says: the font stands in the page.
    return HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=("data",))).render()
