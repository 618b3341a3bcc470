"""The wall's dashboard: current, complete, and made of what the catalogue holds."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from grafana_foundation_sdk.models.dashboard import ValueMap

from dashboards.boards.paged import lay_out
from dashboards.boards.world import YEAR, load_world
from dashboards.build import PROVISIONED, build, check, plain, text, write
from dashboards.fields import aims_of, steps
from dashboards.layout import MOST_TILES, Layout
from dashboards.palette import BAD, GOOD, NEUTRAL, WARNING
from dashboards.query import DATASOURCE_TYPE, DATASOURCE_UID
from dashboards.vocabulary import on_track_mapping, reason_mapping
from ioc.catalogue.indicator import Indicator
from ioc.catalogue.load import load_catalogue
from ioc.catalogue.profile import load_province
from ioc.catalogue.province import Target
from ioc.errors import ConfigError
from sinks.forecast.run import OnTrack

ROOT = Path(__file__).parents[3]
INDICATORS = load_catalogue().indicators
WORLD = load_world()
TARGETS = load_province("ca_mau").target


@pytest.fixture(scope="module")
def dashboard() -> dict[str, Any]:
    loaded = json.loads(build(WORLD)["wall.json"])
    assert isinstance(loaded, dict)
    return loaded


def drawn(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def test_committed_files_are_current() -> None:
    assert check() == [PROVISIONED / name for name in build(WORLD)]


def test_stale_missing_and_left_over_files_are_refused(tmp_path: Path) -> None:
    files = write(folder=tmp_path)
    assert check(folder=tmp_path) == files
    file = tmp_path / "wall.json"
    file.write_text(file.read_text(encoding="utf-8").replace("Hồ sơ", "Ho so"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"wall\.json: stale"):
        check(folder=tmp_path)
    file.unlink()
    (tmp_path / "gone.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"gone\.json, .*wall\.json: stale"):
        check(folder=tmp_path)
    write(folder=tmp_path)
    assert sorted(tmp_path.glob("*.json")) == sorted(files)


def test_building_twice_gives_the_same_bytes() -> None:
    assert build(WORLD) == build(load_world())


def test_every_required_kind_of_panel_is_there(dashboard: dict[str, Any]) -> None:
    panels = drawn(dashboard)
    assert len(panels) >= 12
    assert {"stat", "gauge", "bargauge", "barchart", "timeseries", "table"} <= {panel["type"] for panel in panels}


def test_panels_have_ids_of_their_own_and_do_not_overlap(dashboard: dict[str, Any]) -> None:
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(place["x"] + i, place["y"] + j) for i in range(place["w"]) for j in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells


def test_pages_hold_what_can_be_read(dashboard: dict[str, Any]) -> None:
    counts: list[int] = []
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            assert panel["collapsed"] is False
            counts.append(0)
        else:
            counts[-1] += 1
    assert counts
    assert all(4 <= count <= MOST_TILES for count in counts)


def test_every_query_names_the_provisioned_data_source(dashboard: dict[str, Any]) -> None:
    datasource = {"type": DATASOURCE_TYPE, "uid": DATASOURCE_UID}
    for panel in drawn(dashboard):
        assert panel["datasource"] == datasource
        assert panel["targets"]
        for target in panel["targets"]:
            assert target["datasource"] == datasource
            assert target["editorType"] == "sql"
            assert re.search(
                r"\bFROM (indicator_(now|selected)|(flow|state|report)_period|flow_province|forecast_now)\b",
                target["rawSql"],
            )


def test_every_panel_can_tell_its_age(dashboard: dict[str, Any]) -> None:
    for panel in drawn(dashboard):
        sql = panel["targets"][0]["rawSql"]
        assert "as_of" in sql, panel["title"]
        assert "freshness_minutes" in sql, panel["title"]


def test_figures_come_with_target_and_status(dashboard: dict[str, Any]) -> None:
    for panel in drawn(dashboard):
        if panel["type"] in ("gauge", "bargauge"):
            sql = panel["targets"][0]["rawSql"]
            assert "target" in sql
            assert "status" in sql


def test_descriptions_name_the_responsible_unit(dashboard: dict[str, Any]) -> None:
    for panel in drawn(dashboard):
        codes = set(re.findall(r"DVC-\d{3}", panel["targets"][0]["rawSql"]))
        for code in codes:
            assert (
                f"{code}: {INDICATORS[code].name.vi}. Đơn vị chịu trách nhiệm: {INDICATORS[code].responsible}."
                in panel["description"]
            )


def test_titles_are_vietnamese_and_whole(dashboard: dict[str, Any]) -> None:
    for panel in drawn(dashboard):
        assert re.search(r"[à-ỹđĐ]", panel["title"].lower()), panel["title"]


def test_thresholds_follow_the_targets_of_the_catalogue(dashboard: dict[str, Any]) -> None:
    gauges = [panel for panel in drawn(dashboard) if panel["type"] == "gauge"]
    assert any(len(panel["fieldConfig"]["defaults"]["thresholds"]["steps"]) == 3 for panel in gauges)
    for panel in gauges:
        code = re.search(r"'([A-Z]{2,3}-\d{3})'", panel["targets"][0]["rawSql"])
        assert code
        indicator = INDICATORS[code[1]]
        found = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        target = aims_of(TARGETS, YEAR).get(code[1])
        if target is None:
            assert found == [{"value": None, "color": NEUTRAL}]
        else:
            assert [step["value"] for step in found] == [None, target.value - indicator.warning_margin, target.value]
            assert [step["color"] for step in found] == [BAD, WARNING, GOOD]


def aimed(direction: str) -> Indicator:
    table = INDICATORS["DVC-027"].model_dump(by_alias=True, exclude_unset=True)
    table |= {"direction": direction, "warning_margin": 5}
    return Indicator.model_validate(table)


def colour_at(indicator: Indicator, value: float) -> str:
    aim = Target(code=indicator.code, year=2026, value=10, document="Quyết định", reference="x")
    reached = [step for step in steps(indicator, aim) if step.value is None or value >= step.value]
    return reached[-1].color


@pytest.mark.parametrize(
    ("direction", "value", "color"),
    [
        ("up", 10.0, GOOD),
        ("up", 9.99, WARNING),
        ("up", 5.0, WARNING),
        ("up", 4.99, BAD),
        ("down", 10.0, GOOD),
        ("down", 10.01, WARNING),
        ("down", 15.0, WARNING),
        ("down", 15.01, BAD),
    ],
)
def test_steps_judge_like_the_status(direction: str, value: float, color: str) -> None:
    """The target itself is reached and the margin itself is a warning, whichever way is better."""
    assert colour_at(aimed(direction), value) == color


def test_target_is_the_newest_that_holds() -> None:
    years = sorted(target.year for target in TARGETS if target.code == "DVC-052")
    assert len(years) == 2
    assert [getattr(aims_of(TARGETS, year).get("DVC-052"), "year", None) for year in (years[0] - 1, *years, 2099)] == [
        None,
        *years,
        years[-1],
    ]


def layout_with(**panel: Any) -> Layout:
    return Layout.model_validate(
        {
            "uid": "x",
            "title": "x",
            "days": 7,
            "page": [{"title": "x", "panel": [{"at": [0, 0, 6, 8]} | panel]}],
        }
    )


def options_of(mapping: ValueMap) -> set[str]:
    return set(mapping.options)


def test_every_reason_of_a_finding_has_words_and_a_rule() -> None:
    """The view finds them, the wall names them, docs/findings.md says what they mean."""
    view = (ROOT / "sinks/clickhouse/migrations/views/06_findings.sql").read_text(encoding="utf-8")
    found = set(re.findall(r"^ +\('([a-z_]+)', ", view, re.MULTILINE)) | set(
        re.findall(r"SELECT '([a-z_]+)' AS reason", view)
    )
    assert len(found) == 8
    assert options_of(reason_mapping()) - {"none"} == found
    page = (ROOT / "docs/findings.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([a-z_]+)` \| ([^|]+) \|", page, re.MULTILINE))
    assert told == {key: result.text for key, result in reason_mapping().options.items() if key != "none"}


def test_every_outlook_of_a_forecast_has_words_and_a_colour() -> None:
    assert options_of(on_track_mapping()) == set(get_args(OnTrack))
    assert all(result.text and result.color for result in on_track_mapping().options.values())


def test_quotes_in_labels_stay_text() -> None:
    layout = layout_with(codes=["DVC-001", "DVC-015"], draw="compare", labels=["a'b\\", "c"])
    assert r"['a\'b\\', 'c']" in text(plain(lay_out(layout, WORLD))).replace(r"\\", "\\")
