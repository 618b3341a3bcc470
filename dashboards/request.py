"""What a panel is built from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboards.fields import Aims
from dashboards.layout import PanelRow
from ioc.catalogue.indicator import Indicator
from ioc.catalogue.province import Target


@dataclass(frozen=True)
class Request:
    """A panel to be built: its row of the layout, its indicators, and the province's targets."""

    row: PanelRow
    indicators: Sequence[Indicator]
    aims: Aims
    root: str
    """The province as a unit."""
    grain: str = ""
    """Length of the periods that the indicator is reported on; empty for what is not reported."""
    row_links: bool = False
    """Whether rows and bars lead to their unit."""
    link: tuple[str, str] | None = None
    """Where the panel as a whole leads: title and address."""

    @property
    def first(self) -> Indicator:
        """The indicator, where the panel draws one."""
        return self.indicators[0]

    @property
    def aim(self) -> Target | None:
        """Its target, where the panel draws one indicator."""
        return self.aims.get(self.first.code)

    @property
    def description(self) -> str:
        """Who answers for the indicators, and what sets their targets."""
        return described(self.indicators, self.aims)


def described(indicators: Iterable[Indicator], aims: Aims) -> str:
    """A line an indicator: its whole name, who answers for it, and what sets its target."""
    lines = []
    for indicator in indicators:
        line = f"{indicator.code}: {indicator.name.vi}. Đơn vị chịu trách nhiệm: {indicator.responsible}."
        if target := aims.get(indicator.code):
            line += f" Mục tiêu: {target.document}".rstrip(". ") + "."
        lines.append(line)
    return "\n".join(lines)
