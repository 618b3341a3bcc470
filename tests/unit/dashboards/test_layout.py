"""A layout that does not fit the catalogue or the screen is refused, and the message says where."""

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from dashboards.boards.glance import WALL, Watch, load_wall
from dashboards.boards.sector import layout_of
from dashboards.boards.world import load_world
from dashboards.layout import MOST_TILES, Drawing, PageRow
from ioc.errors import ConfigError

WORLD = load_world()
TEXT = WALL.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("found", "put", "reason"),
    [
        ('code = "DVC-011"', 'code = "DVC-999"', "DVC-999 is not of sector DVC"),
        ('code = "DVC-011"', 'code = "VB-003"', "VB-003 is not of sector DVC"),
        ('code = "DVC-011"', 'code = "DVC-002"', "DVC-002 stands 2 times"),
        ('overdue = ["DVC-003"', 'overdue = ["DVC-999"', "DVC-999 not in the catalogue"),
        ("at = [0, 0, 4, 8]", "at = [22, 0, 4, 8]", "leaves the page"),
        ("at = [0, 0, 4, 8]", "at = [0, 20, 4, 8]", "leaves the page"),
        ("at = [0, 0, 4, 8]", "at = [1, 0, 4, 8]", "lies over"),
        ('code = "DVC"', 'code = "VB"', "sector DVC: 0 tiles; sector VB: 2 tiles"),
        ('code = "DVC"', 'code = "XX"', "sector XX: 1 tiles|sector DVC: 0 tiles"),
        ('draw = "worst"', 'draw = "late"', "watch late: 2 tiles; watch worst: 0 tiles"),
        ('draw = "worst"', 'draw = "pie"', "draw"),
        ('label = "Nộp trực tuyến"', 'label = "Nộp trực tuyến (toàn tỉnh)"', "label"),
        ('label = "Nộp trực tuyến"', 'label = "Nộp trực tuyến", colour = "red"', "colour"),
        ("[[watch]]", "[[watch", "not TOML"),
    ],
)
def test_wrong_walls_are_refused(tmp_path: Path, found: str, put: str, reason: str) -> None:
    file = tmp_path / "wall.toml"
    assert found in TEXT
    file.write_text(TEXT.replace(found, put, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=reason) as refused:
        load_wall(file, WORLD.catalogue)
    assert "wall.toml" in str(refused.value)


@pytest.mark.parametrize("left", [1, 5])
def test_a_tile_has_two_to_four_figures(tmp_path: Path, left: int) -> None:
    one = next(re.finditer(r"  \{ code = \"DVC-011\".*\n", TEXT))[0]
    start, end = TEXT.index(one), TEXT.index("]\n", TEXT.index(one))
    file = tmp_path / "wall.toml"
    file.write_text(TEXT[:start] + one * left + TEXT[end:], encoding="utf-8")
    with pytest.raises(ConfigError, match=r"sector\.0\.vital"):
        load_wall(file, WORLD.catalogue)


def test_the_wall_uses_every_list() -> None:
    assert {row.draw for row in load_wall(WALL, WORLD.catalogue).watch} == set(get_args(Watch))


@pytest.mark.parametrize(
    ("places", "reason"),
    [
        ([[20, 0, 6, 6]], "leaves the page"),
        ([[0, 0, 6, 6], [5, 5, 6, 6]], "lies over"),
        ([[0, n, 6, 1] for n in range(MOST_TILES + 1)], f"at most {MOST_TILES}"),
    ],
)
def test_wrong_pages_are_refused(places: list[list[int]], reason: str) -> None:
    panels = [{"codes": ["DVC-001"], "draw": "stat", "at": at} for at in places]
    with pytest.raises(ValidationError, match=reason):
        PageRow.model_validate({"title": "Trang", "panel": panels})


def test_the_sectors_use_every_drawing() -> None:
    layouts = [layout_of(sector, WORLD) for sector in WORLD.catalogue.sectors]
    assert {panel.draw for layout in layouts for page in layout.page for panel in page.panel} == set(get_args(Drawing))
