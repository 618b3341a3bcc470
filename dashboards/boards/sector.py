"""The sectors' dashboards, computed from the catalogue: what counts first, then units and periods compared, then every indicator.

What counts are the indicators with a target of the province, then those that can be for better or worse and come live from systems,
then the rest, each in the catalogue's order. A page is what a screen holds, so that the embedded wall can turn the pages.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards import links
from dashboards.boards.paged import lay_out
from dashboards.boards.world import UID, World
from dashboards.layout import COLUMNS, MOST_TILES, ROWS, Drawing, Layout, PageRow, PanelRow
from dashboards.nature import nature_of
from dashboards.variables import days_variable, level_variable, period_variable
from ioc.catalogue.indicator import Indicator, Level, Sector

_DAYS = 30
_TILES = 8
"""Tiles of the first page where a strip of charts stands under them."""
_COMPARED = 6
"""Charts of a page that compares."""
_ROW, _HEAD = 2, 4
"""Rows of the grid that a table takes for an indicator, and for its title and head."""
_MOST_ROWS = (ROWS - _HEAD) // _ROW
_FEW = 3
"""Rows that are worth a table at the end of a page."""

Place = list[int]


@dataclass(frozen=True)
class _Compared:
    """Whose units a sector's dashboard compares."""

    first: Level
    """Level that the dashboard's variable has at first."""
    world: World

    def at(self, indicator: Indicator) -> Level | Literal["chosen"]:
        """The chosen level, but a level of its own for an indicator that would have no units at first."""
        if self.first in indicator.levels:
            return "chosen"
        return next((level for level in self.world.levels if level in indicator.levels), "chosen")


def boards(world: World) -> Iterator[Dashboard]:
    """A dashboard for each sector."""
    for sector in world.catalogue.sectors:
        layout = layout_of(sector, world)
        variables = [
            level_variable(level_of(sector.indicator, world), world.province),
            period_variable("month"),
            days_variable(_DAYS),
        ]
        yield lay_out(layout, world, ["sector"], variables, _details_of, row_links=True).links(links.rooms())


def _details_of(row: PanelRow, world: World) -> tuple[str, str] | None:
    """A panel of one indicator leads to all about it."""
    if len(row.codes) != 1 or row.draw == "roster":
        return None
    return "Chi tiết chỉ tiêu", links.indicator(world.catalogue.indicators[row.codes[0]], world.root)


def level_of(indicators: Sequence[Indicator], world: World) -> Level:
    """The level of today's units below the province that most indicators are computed for: whose units are compared at first."""
    counts = Counter[Level](level for indicator in indicators for level in indicator.levels if level in world.levels)
    return counts.most_common(1)[0][0] if counts else "province"


def layout_of(sector: Sector, world: World) -> Layout:
    """The pages of a sector."""
    name, ranked = sector.name.vi, by_weight(sector.indicator, world)
    aimed = sum(indicator.code in world.aims for indicator in ranked)
    single = [indicator for indicator in ranked if nature_of(indicator) != "composite"]
    parted = [indicator for indicator in single if set(indicator.levels) & set(world.levels)]
    compared = _Compared(level_of(sector.indicator, world), world)
    pages = [
        _page(f"{name}: chỉ tiêu chính", _first(single, parted, MOST_TILES if aimed > _TILES else _TILES, compared)),
        _page(f"{name}: so sánh đơn vị", _grid(parted[:_COMPARED], "units", compared)),
        _page(f"{name}: diễn biến", _grid(single[:_COMPARED], "periods", compared)),
    ]
    for number, tables in enumerate(_tables(ranked, world), start=1):
        pages.append(_page(f"{name}: các chỉ tiêu, trang {number}", tables))
    if scored := [i for i in ranked if nature_of(i) == "composite" and set(i.levels) & set(world.levels)]:
        pages.append(_page(f"{name}: xếp hạng đơn vị", _ranking(scored[-1], compared)))
    return Layout(uid=f"{UID}sector-{sector.code.lower()}", title=name, days=_DAYS, page=[p for p in pages if p])


def by_weight(indicators: Sequence[Indicator], world: World) -> list[Indicator]:
    """The indicators, what counts first."""
    return sorted(
        indicators,
        key=lambda i: (i.code not in world.aims, nature_of(i) in ("report", "composite"), i.direction == "none"),
    )


def _page(title: str, panels: Sequence[PanelRow]) -> PageRow | None:
    return PageRow(title=title, panel=list(panels)) if panels else None


def _first(single: Sequence[Indicator], parted: Sequence[Indicator], tiles: int, compared: _Compared) -> list[PanelRow]:
    """Tiles, four in a row; under eight of them the first that has periods by period, and the first that has units by unit."""
    width, height = COLUMNS // 4, ROWS // 3
    panels = [
        PanelRow(codes=[i.code], at=[n % 4 * width, n // 4 * height, width, height], draw=_tile(i, compared.world))
        for n, i in enumerate(single[:tiles])
    ]
    if tiles == _TILES:
        top = 2 * height
        panels.append(PanelRow(codes=[single[0].code], at=[0, top, COLUMNS // 2, height], draw="periods"))
        panels += [
            PanelRow(codes=[i.code], at=[COLUMNS // 2, top, COLUMNS // 2, height], draw="units", level=compared.at(i))
            for i in parted[:1]
        ]
    return panels


def _tile(indicator: Indicator, world: World) -> Drawing:
    """A gauge for a share of a whole; rates of growth, which have no whole, are percentages too."""
    if indicator.unit != "percent":
        return "stat"
    if indicator.kind == "latest":
        series = world.catalogue.series[indicator.series]
        return "gauge" if (series.low, series.high) == (0, 100) else "stat"
    return "gauge"


def _grid(indicators: Sequence[Indicator], draw: Drawing, compared: _Compared) -> list[PanelRow]:
    """Charts, three in a row."""
    width, height = COLUMNS // 3, ROWS // 2
    return [
        PanelRow(codes=[i.code], at=[n % 3 * width, n // 3 * height, width, height], draw=draw, level=compared.at(i))
        for n, i in enumerate(indicators)
    ]


def _tables(ranked: Sequence[Indicator], world: World) -> Iterator[list[PanelRow]]:
    """All indicators in tables, as many on a page as it holds."""
    groups: dict[str, list[Indicator]] = {
        "Chỉ tiêu có mục tiêu": [],
        "Số liệu từ các hệ thống": [],
        "Số liệu báo cáo định kỳ": [],
        "Điểm đánh giá": [],
    }
    aimed, live, reported, scored = groups.values()
    for indicator in sorted(ranked, key=lambda i: i.code):
        nature = nature_of(indicator)
        kind = scored if nature == "composite" else reported if nature == "report" else live
        (aimed if indicator.code in world.aims else kind).append(indicator)
    page: list[PanelRow] = []
    top = 0
    for title, group in groups.items():
        parts = list(_parts(group, ROWS - top))
        for number, part in enumerate(parts, start=1):
            if not _fits(part, ROWS - top):
                yield _stretched(page)
                page, top = [], 0
            height = _HEAD + _ROW * len(part)
            named = title if len(parts) == 1 else f"{title} ({number}/{len(parts)})"
            codes = [indicator.code for indicator in part]
            page.append(PanelRow(codes=codes, at=[0, top, COLUMNS, height], draw="roster", level="chosen", title=named))
            top += height
    yield _stretched(page)


def _fits(part: Sequence[Indicator], room: int) -> bool:
    return _HEAD + _ROW * len(part) <= room


def _parts(group: Sequence[Indicator], room: int) -> Iterator[Sequence[Indicator]]:
    """A group in parts that fill pages: the first what a page has room for, if that is a few; each next a page of its own."""
    if not group:
        return
    first = (room - _HEAD) // _ROW
    if first < min(len(group), _FEW):
        first = _MOST_ROWS
    yield group[:first]
    rest = group[first:]
    for start in range(0, len(rest), _MOST_ROWS):
        yield rest[start : start + _MOST_ROWS]


def _stretched(page: Sequence[PanelRow]) -> list[PanelRow]:
    """The last table of a page reaches its end."""
    *others, last = page
    x, y, width, _ = last.at
    return [*others, last.model_copy(update={"at": [x, y, width, ROWS - y]})]


def _ranking(composite: Indicator, compared: _Compared) -> list[PanelRow]:
    half = COLUMNS // 2
    return [
        PanelRow(codes=[composite.code], at=[0, 0, half + 4, ROWS], draw="ranking", level=compared.at(composite)),
        PanelRow(codes=[composite.code], at=[half + 4, 0, half - 4, ROWS], draw="units", level=compared.at(composite)),
    ]
