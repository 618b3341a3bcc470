"""The wall's dashboard: current, complete, and made of what the catalogue holds."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from grafana_foundation_sdk.models.dashboard import ValueMap

from dashboards.boards.glance import WALL, load_wall
from dashboards.boards.world import YEAR, load_world
from dashboards.build import PROVISIONED, build, check, write
from dashboards.fields import aims_of, steps
from dashboards.nature import nature_of
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


def test_the_wall_is_one_screen_of_eighteen_panels(dashboard: dict[str, Any]) -> None:
    """A tile for each sector, and the five lists."""
    panels = dashboard["panels"]
    assert len(panels) == 18
    assert "row" not in {panel["type"] for panel in panels}
    sectors = {link["url"] for panel in panels if panel["type"] == "stat" for link in panel["links"]}
    assert {f"/d/ioc-sector-{code.lower()}" for code in WORLD.sector_names} <= sectors
    assert [panel["type"] for panel in panels].count("table") == 4
    assert all(panel["gridPos"]["y"] + panel["gridPos"]["h"] <= 24 for panel in panels)
    assert sum(panel["gridPos"]["w"] * panel["gridPos"]["h"] for panel in panels) == 24 * 24, "no place is left empty"


def test_a_tile_has_two_to_four_figures_and_what_they_are_told_with(dashboard: dict[str, Any]) -> None:
    for tile in load_wall(WALL, WORLD.catalogue).sector:
        panel = next(one for one in drawn(dashboard) if one["title"] == tile.title)
        sql = panel["targets"][0]["rawSql"]
        assert f"sector = '{tile.code}'" in sql
        overrides = {
            one["matcher"]["options"]: {p["id"]: p["value"] for p in one["properties"]}
            for one in panel["fieldConfig"]["overrides"]
        }
        shown = re.compile(panel["options"]["reduceOptions"]["fields"].strip("/"))
        assert 2 <= len(tile.vital) <= 4
        for vital in tile.vital:
            for end in (
                "",
                "_status",
                "_target",
                "_movement",
                "_as_of",
                "_freshness",
                "_freshness_minutes",
                "_provisional",
            ):
                assert f'AS "{vital.code}{end}"' in sql
            own = overrides[vital.code]
            assert own["displayName"] == vital.label
            assert shown.search(vital.label), "Grafana draws it"
            assert own["links"][0]["url"].startswith(
                f"/d/ioc-indicator-{nature_of(INDICATORS[vital.code])}?var-code={vital.code}&"
            )
            assert f"{vital.code}: {INDICATORS[vital.code].name.vi}. Đơn vị chịu trách nhiệm: " in panel["description"]


def test_targets_lead_the_vital_figures() -> None:
    """A sector that has targets shows at least one of them, and those before what has none."""
    for tile in load_wall(WALL, WORLD.catalogue).sector:
        aimed = [vital.code in WORLD.aims for vital in tile.vital]
        if any(INDICATORS[code].sector == tile.code for code in WORLD.aims):
            assert any(aimed)
        assert aimed == sorted(aimed, reverse=True)


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


def test_every_query_names_the_provisioned_data_source(dashboard: dict[str, Any]) -> None:
    datasource = {"type": DATASOURCE_TYPE, "uid": DATASOURCE_UID}
    for panel in drawn(dashboard):
        assert panel["datasource"] == datasource
        assert panel["targets"]
        for target in panel["targets"]:
            assert target["datasource"] == datasource
            assert target["editorType"] == "sql"
            assert "FROM indicator_now" in target["rawSql"]
            assert not re.search(r"_(period|province|items|changes|values)\b", target["rawSql"]), (
                "the past is read nowhere"
            )


def test_every_panel_can_tell_its_age(dashboard: dict[str, Any]) -> None:
    for panel in drawn(dashboard):
        sql = panel["targets"][0]["rawSql"]
        assert "as_of" in sql, panel["title"]
        assert "freshness_minutes" in sql, panel["title"]


def test_titles_are_vietnamese_and_whole(dashboard: dict[str, Any]) -> None:
    for panel in drawn(dashboard):
        assert re.search(r"[à-ỹđĐ]", panel["title"].lower()), panel["title"]


def test_thresholds_follow_the_targets_of_the_catalogue(dashboard: dict[str, Any]) -> None:
    judged = 0
    for panel in drawn(dashboard):
        for override in panel["fieldConfig"]["overrides"]:
            indicator = INDICATORS.get(override["matcher"]["options"])
            if indicator is None:
                continue
            found = next(one["value"]["steps"] for one in override["properties"] if one["id"] == "thresholds")
            target = aims_of(TARGETS, YEAR).get(indicator.code)
            if target is None:
                assert found == [{"value": None, "color": NEUTRAL}]
                continue
            judged += 1
            assert indicator.direction == "up"
            assert [step["value"] for step in found] == [None, target.value - indicator.warning_margin, target.value]
            assert [step["color"] for step in found] == [BAD, WARNING, GOOD]
    assert judged >= 8


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
