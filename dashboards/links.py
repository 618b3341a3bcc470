"""Where things are shown: the addresses of the dashboards, and the links that lead there.

Addresses are relative to the server and right in Grafana and on the embedded wall alike. What stands in `${…}` is filled in where
the link is drawn: `variable` by a variable of the dashboard, `cell` by a column of the row that is followed.
"""

from urllib.parse import quote

from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.dashboard import DashboardLinkType, DynamicConfigValue

from dashboards.nature import Nature, nature_of
from ioc.catalogue.indicator import Indicator

_SAFE = "${}"
"""Left as they are in an address: placeholders."""


def board(name: str, **variables: str) -> str:
    """A dashboard by the name of its file, with variables: codes as they are, `variable(…)` or `cell(…)`."""
    query = "&".join(f"var-{key}={quote(value, safe=_SAFE)}" for key, value in variables.items())
    return f"/d/ioc-{name}" + (f"?{query}" if query else "")


def variable(name: str) -> str:
    """The value of a variable of the dashboard that the link stands on."""
    return f"${{{name}}}"


def cell(column: str) -> str:
    """The value of a column, shown or hidden, in the row that is followed."""
    return f"${{__data.fields.{column}}}"


def sector(code: str, **variables: str) -> str:
    """The dashboard of a sector; `code` is its letters, or `cell("sector_key")` where rows carry them in lower case."""
    return board(f"sector-{code if code.startswith('$') else code.lower()}", **variables)


def unit(code: str) -> str:
    """Everything about a unit."""
    return board("unit", unit=code)


def indicator(of: Indicator, unit: str = variable("unit")) -> str:
    """Everything about an indicator in a unit."""
    return board(f"indicator-{nature_of(of)}", code=of.code, unit=unit)


def indicator_of_row(unit: str = variable("unit")) -> str:
    """Everything about the indicator of a row that has the columns `code` and `nature` (`nature.NATURE`)."""
    return board(f"indicator-{cell('nature')}", code=cell("code"), unit=unit)


def indicators(nature: Nature, code: str, unit: str = variable("unit")) -> str:
    """Everything about an indicator of a known nature, its code a placeholder."""
    return board(f"indicator-{nature}", code=code, unit=unit)


def row_link(title: str, url: str) -> DynamicConfigValue:
    """Makes the cells of a column links: a setting of the column's override."""
    return DynamicConfigValue("links", [{"title": title, "url": url, "targetBlank": False}])


def panel_link(title: str, url: str) -> DashboardLink:
    """A link of a whole panel, or of a dashboard."""
    return DashboardLink(title).type(DashboardLinkType.LINK).icon("external link").url(url).target_blank(False)


def rooms() -> list[Builder[models.DashboardLink]]:
    """The ways from a dashboard of details back to the ones that everybody uses."""
    titles = {
        "wall": "Toàn cảnh",
        "units": "Các đơn vị",
        "targets": "Mục tiêu",
        "freshness": "Độ mới số liệu",
        "findings": "Số liệu cần kiểm tra",
    }
    return [panel_link(title, board(name)) for name, title in titles.items()]
