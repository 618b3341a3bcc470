"""The variables of the dashboards: which unit, level, period and indicator a dashboard is about.

In SQL a chosen text is written `${unit:sqlstring}`: Grafana and the embedded wall then put it in quotes and double the quotes within
it. A query that lists choices gives two columns, the value and the text that is shown, in this order (`metricFindQuery` of the
ClickHouse data source).
"""

from collections.abc import Iterable, Mapping

from grafana_foundation_sdk.builders.dashboard import CustomVariable, QueryVariable
from grafana_foundation_sdk.models.dashboard import VariableHide, VariableOption, VariableRefresh

from dashboards.nature import Nature, nature_of
from dashboards.query import datasource
from ioc.catalogue.indicator import Indicator, Level, Period
from ioc.catalogue.province import Province

MODES: Mapping[Nature, tuple[str, ...]] = {
    "flow": ("flow",),
    "state": ("now", "age"),
    "report": ("report",),
    "composite": ("composite",),
}
"""Values of `indicators.mode` that belong to a nature."""

LEVELS: Mapping[str, str] = {
    "province": "Tỉnh",
    "department": "Sở/ngành",
    "district": "Huyện/thành phố",
    "commune": "Xã/phường",
    "facility": "Cơ sở",
}
"""Levels of units, as a choice shows them. A choice's text holds no comma and no ` : `: Grafana parts choices there."""

PERIODS: Mapping[str, str] = {"day": "Ngày", "week": "Tuần", "month": "Tháng", "quarter": "Quý", "year": "Năm"}
"""Lengths of a period, as a choice shows them."""

UNITS_OF_TODAY = (
    "SELECT code, name_vi\n"
    "FROM units FINAL\n"
    "WHERE valid_from <= toDate(now('Asia/Ho_Chi_Minh'))\n"
    "  AND (valid_to IS NULL OR valid_to > toDate(now('Asia/Ho_Chi_Minh')))\n"
    "ORDER BY indexOf(['province', 'department', 'district', 'commune', 'facility', 'unknown'], level), name_vi, code"
)
"""The units that exist today, from the province down, last the place of codes that no unit has."""


def unit_variable(province: Province) -> QueryVariable:
    """`unit`: a unit of today by its code; at first the province."""
    root = next(unit for unit in province.unit if unit.parent is None)
    return (
        QueryVariable("unit")
        .label("Đơn vị")
        .datasource(datasource())
        .query(UNITS_OF_TODAY)
        .current(_option(root.code, root.name.vi))
        .refresh(VariableRefresh.ON_DASHBOARD_LOAD)
    )


def code_variable(indicators: Iterable[Indicator], nature: Nature) -> QueryVariable:
    """`code`: an indicator of one nature; at first the first by code. The panels of another nature read other views."""
    first = min((one for one in indicators if nature_of(one) == nature), key=lambda one: one.code)
    modes = ", ".join(f"'{mode}'" for mode in MODES[nature])
    return (
        QueryVariable("code")
        .label("Chỉ tiêu")
        .datasource(datasource())
        .query(
            f"SELECT code, concat(code, ' · ', name_vi)\nFROM indicators FINAL\nWHERE mode IN ({modes})\nORDER BY code"
        )
        .current(_option(first.code, f"{first.code} · {first.name.vi}"))
        .refresh(VariableRefresh.ON_DASHBOARD_LOAD)
    )


def kind_variable(indicators: Iterable[Indicator], nature: Nature) -> QueryVariable:
    """`kind`: the kind of event that the chosen indicator counts, the beginning of the names of its views; not shown."""
    first = min((one for one in indicators if nature_of(one) == nature), key=lambda one: one.code)
    return (
        QueryVariable("kind")
        .label("Loại sự kiện")
        .datasource(datasource())
        .query("SELECT event FROM indicators FINAL WHERE code = ${code:sqlstring}")
        .current(_option(first.event, first.event))
        .refresh(VariableRefresh.ON_DASHBOARD_LOAD)
        .hide(VariableHide.HIDE_VARIABLE)
    )


def level_variable(chosen: Level, province: Province) -> CustomVariable:
    """`level`: the level whose units are compared, of those that have units for good."""
    today = {unit.level for unit in province.unit if unit.valid_to is None}
    return _choice("level", "Cấp", {level: text for level, text in LEVELS.items() if level in today}, chosen)


def period_variable(chosen: Period) -> CustomVariable:
    """`period`: the length of the periods of the past that are shown, a `grain` of the views."""
    return _choice("period", "Kỳ", PERIODS, chosen)


def days_variable(days: int) -> CustomVariable:
    """`days`: days that charts by day reach back, today included; not shown."""
    return _choice("days", "Số ngày", {str(days): str(days)}, str(days)).hide(VariableHide.HIDE_VARIABLE)


def _choice(name: str, label: str, texts: Mapping[str, str], chosen: str) -> CustomVariable:
    # A choice whose text is its value is written once, as Grafana's own editor does.
    choices = [value if value == text else f"{text} : {value}" for value, text in texts.items()]
    return (
        CustomVariable(name)
        .label(label)
        .values(",".join(choices))
        .options([_option(value, text, value == chosen) for value, text in texts.items()])
        .current(_option(chosen, texts[chosen]))
    )


def _option(value: str, text: str, selected: bool = True) -> VariableOption:
    return VariableOption(selected=selected, text=text, value=value)
