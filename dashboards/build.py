"""Catalogue and layout → the JSON of a Grafana dashboard, the same bytes every time.

Each page of the layout is a row of the dashboard. The file is committed: Grafana is provisioned with it and the embedded
wall draws it, so what is reviewed is what is shown.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from grafana_foundation_sdk.builders.dashboard import CustomVariable, Dashboard, Row
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import GridPos, VariableHide, VariableOption

from dashboards.fields import aims_of
from dashboards.layout import COLUMNS, LAYOUTS, ROWS, Layout, drawing_of, load_layout
from dashboards.panels import Request, build_panel
from ioc.catalogue.indicator import Indicator
from ioc.catalogue.load import load_catalogue
from ioc.catalogue.profile import load_province
from ioc.catalogue.province import Target
from ioc.errors import ConfigError

PROVISIONED = Path(__file__).parent / "provisioning" / "dashboards"
WALL = PROVISIONED / "wall.json"

_SCHEMA_VERSION = 39
"""Version of the dashboard schema of Grafana 11; newer ones migrate it when they load it."""


def build(layout: Layout, indicators: Mapping[str, Indicator], targets: Iterable[Target] = ()) -> dict[str, object]:
    """The dashboard as plain JSON values."""
    days = str(layout.days)
    aims = aims_of(targets, layout.year)
    dashboard = (
        Dashboard(layout.title)
        .uid(layout.uid)
        .tags(["ioc", "wall"])
        .timezone("Asia/Ho_Chi_Minh")
        .refresh("5s")
        .time(f"now-{days}d", "now")
        .readonly()
        .with_variable(
            CustomVariable("days")
            .label("Số ngày")
            .values(days)
            .current(VariableOption(selected=True, text=days, value=days))
            .hide(VariableHide.HIDE_VARIABLE)
        )
    )
    panel_id, top = 1, 0
    for page in layout.page:
        dashboard.with_row(Row(page.title).id(panel_id).grid_pos(GridPos(x=0, y=top, w=COLUMNS, h=1)))
        panel_id, top = panel_id + 1, top + 1
        for row in sorted(page.panel, key=lambda panel: (panel.at[1], panel.at[0])):
            request = Request(row, [indicators[code] for code in row.codes], aims)
            dashboard.with_panel(build_panel(drawing_of(row, indicators), request, panel_id, top))
            panel_id += 1
        top += ROWS
    plain = json.loads(json.dumps(dashboard.build(), cls=JSONEncoder))
    assert isinstance(plain, dict)
    return plain | {"schemaVersion": _SCHEMA_VERSION}


def text(dashboard: Mapping[str, object]) -> str:
    """The file's text: keys in order, so that a difference in review is a difference of content."""
    return json.dumps(dashboard, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def build_wall(catalogue: Path | None = None, province: str = "ca_mau") -> str:
    """The text of the wall's dashboard from the packaged layout, a catalogue (None: the packaged one) and a province's targets.

    Raises:
        ConfigError: the catalogue or the layout is wrong, or one does not fit the other.
    """
    indicators = load_catalogue(catalogue).indicators
    targets = load_province(province, catalogue).target
    return text(build(load_layout(LAYOUTS / "wall.toml", indicators), indicators, targets))


def check_wall(catalogue: Path | None = None, province: str = "ca_mau", file: Path = WALL) -> None:
    """Compares the committed file with what the catalogue and the layout give now.

    Raises:
        ConfigError: the file is missing or stale.
    """
    if not file.is_file() or file.read_text(encoding="utf-8") != build_wall(catalogue, province):
        raise ConfigError(f"{file} is stale: run `ioc dashboards build` and commit the file")
