"""The provisioning files: current, whole, and in keeping with one another."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dashboards import provision
from dashboards.boards.world import load_world
from dashboards.notify import FIGURES, OFF_HOURS, OPERATORS
from dashboards.prometheus import DATASOURCE_UID as PROMETHEUS_UID
from dashboards.provision import FOLDER, PLAYLIST, RULES, build, check, write
from dashboards.query import DATASOURCE_UID
from ioc.errors import ConfigError
from tests.repo.tree import read

WORLD = load_world()
LOADED: dict[str, Any] = dict(provision.load())
ALL_RULES = [rule for group in LOADED["groups"] for rule in group["rules"]]
each_rule = pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule["uid"])


def test_committed_files_are_current() -> None:
    assert check() == [FOLDER / name for name in build(WORLD)]
    written = {
        str(file.relative_to(FOLDER))
        for kind in ("alerting", "optional", "playlists")
        for file in (FOLDER / kind).iterdir()
    }
    assert written == set(build(WORLD))


def test_stale_and_missing_files_are_refused(tmp_path: Path) -> None:
    files = write(folder=tmp_path)
    assert check(folder=tmp_path) == files
    rules = tmp_path / RULES
    rules.write_text(rules.read_text(encoding="utf-8").replace("15m", "16m"), encoding="utf-8")
    (tmp_path / PLAYLIST).unlink()
    with pytest.raises(ConfigError, match=rf"{RULES}, .*{PLAYLIST}: stale; run `ioc dashboards build`"):
        check(folder=tmp_path)
    write(folder=tmp_path)
    check(folder=tmp_path)


def test_building_twice_gives_the_same_bytes() -> None:
    assert build(WORLD) == build(load_world())


def test_every_sector_with_a_target_is_watched() -> None:
    aimed = {code.partition("-")[0].lower() for code in WORLD.aims}
    assert aimed
    assert {rule["uid"].rpartition("-")[2] for rule in ALL_RULES if "off-target" in rule["uid"]} == aimed


def test_uids_and_titles_are_one_of_their_kind_and_as_grafana_takes_them() -> None:
    uids = [rule["uid"] for rule in ALL_RULES]
    assert len(set(uids)) == len(uids) == len({rule["title"] for rule in ALL_RULES})
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", uid) for uid in uids)


def test_groups_are_evaluated_at_multiples_of_grafanas_tick() -> None:
    """`unified_alerting.base_interval` is 10 s; an interval that is none of its multiples is refused, so is a shorter `for`."""
    seconds = {"s": 1, "m": 60, "h": 3600}
    for group in LOADED["groups"]:
        every = int(group["interval"][:-1]) * seconds[group["interval"][-1]]
        assert every % 10 == 0
        for rule in group["rules"]:
            lasting = int(rule["for"][:-1]) * seconds[rule["for"][-1]]
            assert lasting == 0 or lasting >= every


@each_rule
def test_a_rule_has_a_query_a_reduction_and_a_threshold(rule: dict[str, Any]) -> None:
    steps = {step["refId"]: step for step in rule["data"]}
    assert rule["condition"] == "C"
    assert steps["A"]["datasourceUid"] in (DATASOURCE_UID, PROMETHEUS_UID)
    assert (steps["B"]["model"]["type"], steps["B"]["model"]["expression"]) == ("reduce", "A")
    assert (steps["C"]["model"]["type"], steps["C"]["model"]["expression"]) == ("threshold", "B")
    assert all(step["model"]["refId"] == ref for ref, step in steps.items())


@each_rule
def test_texts_name_steps_that_there_are_and_nothing_of_the_environment(rule: dict[str, Any]) -> None:
    texts = " ".join(rule["annotations"].values())
    assert set(re.findall(r"\.Values\.(\w+)\.Value", texts)) <= {step["refId"] for step in rule["data"]} - {"C"}
    assert "$" not in texts
    assert not any("$" in one for one in [rule["title"], *rule["labels"].values()])
    assert texts.count("{{") == texts.count("}}")
    assert re.search(r"externalURL \}\}/d/ioc-[a-z-]+$", rule["annotations"]["dashboard"])
    assert re.search(r"[à-ỹđ]", rule["annotations"]["summary"].lower())


def test_the_policy_leads_to_contact_points_and_mute_timings_that_there_are() -> None:
    points = {point["name"] for point in LOADED["contactPoints"]}
    assert points == {OPERATORS, FIGURES}
    (policy,) = LOADED["policies"]
    (route,) = policy["routes"]
    assert {policy["receiver"], route["receiver"]} == points
    assert set(route["mute_time_intervals"]) <= {timing["name"] for timing in LOADED["muteTimes"]} == {OFF_HOURS}
    ((label, _, value),) = route["object_matchers"]
    assert {rule["labels"][label] for rule in ALL_RULES} == {value, "operators"}


def test_webhooks_join_the_contact_points_and_are_not_loaded_unasked() -> None:
    further = provision.read_yaml(FOLDER / provision.WEBHOOKS)["contactPoints"]
    assert {point["name"] for point in further} == {point["name"] for point in LOADED["contactPoints"]}
    uids = [receiver["uid"] for point in [*further, *LOADED["contactPoints"]] for receiver in point["receivers"]]
    assert len(set(uids)) == len(uids) == 4


def test_public_holidays_are_muted_and_working_days_are_not() -> None:
    held = {
        (interval["years"][0], interval["months"][0], day)
        for interval in LOADED["muteTimes"][0]["time_intervals"]
        if "years" in interval
        for day in interval["days_of_month"]
    }
    assert {("2026", "2", "17"), ("2026", "4", "30"), ("2026", "9", "2"), ("2026", "11", "24")} <= held
    assert ("2026", "11", "25") not in held


def test_the_playlist_shows_dashboards_that_there_are() -> None:
    shown = [item["value"] for item in provision.read_yaml(FOLDER / PLAYLIST)["items"]]
    assert shown[0] == "ioc-wall"
    assert len(set(shown)) == len(shown)
    assert len(shown) == 18
    assert set(shown) <= {f"ioc-{file.stem}" for file in (FOLDER / "dashboards").glob("*.json")}


def test_data_sources_are_those_that_queries_name() -> None:
    named = {step["datasourceUid"] for rule in ALL_RULES for step in rule["data"]} - {"__expr__"}
    for file in (FOLDER / "dashboards").glob("*.json"):
        board = json.loads(file.read_text(encoding="utf-8"))
        named |= {target["datasource"]["uid"] for panel in board["panels"] for target in panel.get("targets", ())}
    provisioned = provision.read_yaml(FOLDER / "datasources/ioc.yaml")["datasources"]
    assert named == {one["uid"] for one in provisioned}
    assert sum(one["isDefault"] for one in provisioned) == 1


def test_the_page_tells_of_every_rule_and_every_variable() -> None:
    page = read("docs/grafana.md")
    told = re.findall(r"`(ioc-[a-z<>-]+)`((?:, `-[a-z]+`)*)", page)
    names = {name for name, _ in told}
    for first, others in told:
        names |= {first.rpartition("-")[0] + other for other in re.findall(r"`(-[a-z]+)`", others)}
    sectors = {uid for uid in (rule["uid"] for rule in ALL_RULES) if uid.startswith("ioc-off-target-")}
    assert sectors
    assert {rule["uid"] for rule in ALL_RULES} - sectors | {
        "ioc-off-target-<sector>",
        DATASOURCE_UID,
        PROMETHEUS_UID,
    } == names
    texts = [file.read_text(encoding="utf-8") for file in FOLDER.rglob("*.yaml")]
    variables = {name for text in texts for name in re.findall(r"\$\{(\w+)\}", text)}
    assert variables <= set(re.findall(r"`([A-Z_]+)`", page))
