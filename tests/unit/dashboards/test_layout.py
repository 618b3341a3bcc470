"""A layout that does not fit the catalogue or the page is refused, and the message says where."""

from pathlib import Path
from typing import get_args

import pytest

from dashboards.boards.sector import layout_of
from dashboards.boards.world import load_world
from dashboards.layout import LAYOUTS, Drawing, PanelRow, drawing_of, load_layout
from ioc.catalogue.load import load_catalogue
from ioc.errors import ConfigError

INDICATORS = load_catalogue().indicators
HEAD = 'uid = "x"\ntitle = "x"\ndays = 30\n[[page]]\ntitle = "Trang"\npanel = [\n'


def load(tmp_path: Path, *panels: str) -> None:
    file = tmp_path / "layout.toml"
    file.write_text(HEAD + "".join(f"  {{ {panel} }},\n" for panel in panels) + "]\n", encoding="utf-8")
    load_layout(file, INDICATORS)


@pytest.mark.parametrize(
    ("panels", "reason"),
    [
        (['codes = ["DVC-999"], at = [0, 0, 6, 6]'], "DVC-999 not in the catalogue"),
        (['codes = ["DVC-001"], at = [20, 0, 6, 6]'], "leaves the page"),
        (['codes = ["DVC-001"], at = [0, 20, 6, 6]'], "leaves the page"),
        (['codes = ["DVC-001"], at = [0, 0, 6, 6]', 'codes = ["DVC-002"], at = [5, 5, 6, 6]'], "lies over"),
        (['codes = ["DVC-001"], at = [0, 0, 6, 6], draw = "gauge"'], "a gauge draws a share in percent"),
        (['codes = ["DVC-001"], at = [0, 0, 6, 6], draw = "pie"'], "draw"),
        (['codes = ["DVC-001", "DVC-002"], at = [0, 0, 6, 6]'], "one unit of measure"),
        (['codes = ["DVC-001", "DVC-002"], at = [0, 0, 6, 6], draw = "stat"'], "stat draws one indicator, not 2"),
        (['codes = ["DVC-001"], at = [0, 0, 6, 6], labels = ["a", "b"]'], "2 labels for 1 codes"),
        (['codes = ["DVC-003"], at = [0, 0, 6, 6], draw = "lines"'], "DVC-003 has no history"),
        (['codes = ["DVC-002"], at = [0, 0, 6, 6], period = "day"'], "stat of a count or sum"),
        (
            ['codes = ["DVC-001"], at = [0, 0, 6, 6], draw = "units", level = "facility"'],
            "not computed for level facility",
        ),
        (['codes = ["DVC-001"], at = [0, 0, 6, 6], draw = "attention"'], "attention takes no codes"),
        (['codes = ["DVC-001"], at = [0, 0, 6, 6], draw = "findings"'], "findings takes no codes"),
        (['codes = ["DVC-001"], at = [0, 0, 6, 6], draw = "forecasts"'], "forecasts takes no codes"),
        (['at = [0, 0, 6, 6], draw = "forecasts", sector = "DVC"'], "`sector` is for attention"),
        (['at = [0, 0, 6, 6], draw = "lines"'], "lines needs codes"),
        (['at = [0, 0, 6, 6], draw = "roster"'], "roster needs codes"),
        (['codes = ["DVC-064"], at = [0, 0, 6, 6], draw = "periods"'], "DVC-064 has no periods"),
        (['codes = ["DVC-001"], at = [0, 0, 6, 6], draw = "ranking"'], "DVC-001 earns no points"),
        (['codes = ["DVC-001"], at = [0, 0, 6, 6], colour = "red"'], "colour"),
        ([f'codes = ["DVC-001"], at = [0, {n}, 6, 1]' for n in range(13)], "at most 12"),
    ],
)
def test_wrong_layouts_are_refused(tmp_path: Path, panels: list[str], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason) as refused:
        load(tmp_path, *panels)
    assert "layout.toml" in str(refused.value)


def test_not_toml(tmp_path: Path) -> None:
    file = tmp_path / "layout.toml"
    file.write_text("page = [", encoding="utf-8")
    with pytest.raises(ConfigError, match="not TOML"):
        load_layout(file, INDICATORS)


@pytest.mark.parametrize(
    ("codes", "drawing"),
    [(["DVC-001"], "stat"), (["DVC-002"], "gauge"), (["DVC-006", "DVC-007"], "compare"), ([], "attention")],
)
def test_drawing_follows_the_indicator(codes: list[str], drawing: str) -> None:
    assert drawing_of(PanelRow(codes=codes, at=[0, 0, 6, 6]), INDICATORS) == drawing


def test_the_layouts_use_every_drawing() -> None:
    world = load_world()
    layouts = [load_layout(LAYOUTS / "wall.toml", INDICATORS)]
    layouts += [layout_of(sector, world) for sector in world.catalogue.sectors]
    used = {drawing_of(panel, INDICATORS) for layout in layouts for page in layout.page for panel in page.panel}
    assert used == set(get_args(Drawing))
