"""Every file that Grafana is given has the form that Grafana 11.6 reads."""

import copy
import json
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import pytest
from grafana_foundation_sdk.models import alerting
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.build import PROVISIONED
from dashboards.provision import CONTACT_POINTS, FOLDER, MUTE_TIMINGS, PLAYLIST, POLICIES, RULES, WEBHOOKS, read_yaml
from tests.grafana_schema import faults

BOARDS = sorted(PROVISIONED.glob("*.json"))

STORED = ("intervalMs", "maxDataPoints")
"""What Grafana itself adds to each query of a rule (pkg/services/ngalert/models/alert_query.go), whatever its data source."""

FILE: dict[str, set[str]] = {
    "rule": {"uid", "title", "condition", "for", "noDataState", "execErrState", "annotations", "labels", "data"},
    "group": {"orgId", "name", "folder", "interval", "rules"},
    "contact point": {"orgId", "name", "receivers"},
    "receiver": {"uid", "type", "disableResolveMessage", "settings"},
    "mute timing": {"orgId", "name", "time_intervals"},
}
"""Keys of the file format that we use (pkg/services/provisioning/alerting: rules_types.go, contact_point_types.go, mute_times_types.go)."""

KEEP_LAST = "KeepLast"
"""State that Grafana takes since 11.0 (pkg/services/ngalert/models/alert_rule.go) and that its API's description leaves out."""

SETTINGS: dict[str, dict[str, type]] = {
    "email": {"addresses": str, "singleEmail": bool, "message": str, "subject": str},
    "webhook": {"url": str, "httpMethod": str},
}
"""Settings of a receiver that we use (docs: alerting, file provisioning, contact point settings); the first is required."""


def loaded(name: str, key: str) -> list[dict[str, Any]]:
    content = read_yaml(FOLDER / name)
    assert content["apiVersion"] == 1
    assert content.keys() == {"apiVersion", key}
    found: list[dict[str, Any]] = content[key]
    assert found
    return found


def as_api(rule: dict[str, Any], group: dict[str, Any]) -> dict[str, Any]:
    """A rule of a file as `PUT /api/v1/provisioning/alert-rules/…` has it."""
    rule = copy.deepcopy(rule)
    for query in rule["data"]:
        if query["datasourceUid"] != "__expr__":
            assert all(isinstance(query["model"].pop(key), int) for key in STORED)
    if rule["execErrState"] == KEEP_LAST:
        rule["execErrState"] = "Error"
    return rule | {"folderUID": "x", "orgID": group["orgId"], "ruleGroup": group["name"]}


def rules() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for group in loaded(RULES, "groups"):
        assert group.keys() == FILE["group"]
        for rule in group["rules"]:
            yield rule, group


def test_the_schema_is_of_the_version_named() -> None:
    assert version("grafana-foundation-sdk").partition("!")[2] == "11.6.0"


@pytest.mark.parametrize("file", BOARDS, ids=lambda file: file.stem)
def test_dashboards_fit_the_schema(file: Any) -> None:
    assert faults(Dashboard, json.loads(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("rule", [pytest.param(found, id=found[0]["uid"]) for found in rules()])
def test_alert_rules_fit_the_schema(rule: tuple[dict[str, Any], dict[str, Any]]) -> None:
    assert rule[0].keys() == FILE["rule"]
    assert faults(alerting.Rule, as_api(*rule)) == []


@pytest.mark.parametrize("name", [CONTACT_POINTS, WEBHOOKS])
def test_contact_points_fit_the_schema(name: str) -> None:
    for point in loaded(name, "contactPoints"):
        assert point.keys() == FILE["contact point"]
        for receiver in point["receivers"]:
            assert receiver.keys() == FILE["receiver"]
            assert faults(alerting.ContactPoint, receiver | {"name": point["name"]}) == []
            known = SETTINGS[receiver["type"]]
            assert all(type(value) is known[key] for key, value in receiver["settings"].items())
            assert receiver["settings"][next(iter(known))]


def test_the_notification_policy_fits_the_schema() -> None:
    (policy,) = loaded(POLICIES, "policies")
    assert faults(alerting.NotificationPolicy, {key: policy[key] for key in policy if key != "orgId"}) == []


def test_mute_timings_are_of_alertmanagers_intervals() -> None:
    """The API's description has numbers where the file has words: the form is Alertmanager's `time_interval`."""
    for timing in loaded(MUTE_TIMINGS, "muteTimes"):
        assert timing.keys() == FILE["mute timing"]
        for interval in timing["time_intervals"]:
            assert interval.keys() <= {"times", "weekdays", "days_of_month", "months", "years", "location"}
            assert len(interval) > 1
            assert all(one.keys() == {"start_time", "end_time"} for one in interval.get("times", []))
            lists = (interval[key] for key in interval.keys() - {"times", "location"})
            assert all(isinstance(one, str) for listed in lists for one in listed)


def test_the_playlist_is_what_the_api_takes() -> None:
    """`PlaylistItem` of Grafana's kinds/playlist/playlist_kind.cue."""
    playlist = read_yaml(FOLDER / PLAYLIST)
    assert playlist.keys() == {"name", "interval", "items"}
    assert all(item.keys() == {"type", "value"} for item in playlist["items"])
    assert {item["type"] for item in playlist["items"]} == {"dashboard_by_uid"}


def changed(file: int, change: Callable[[Any], object]) -> list[str]:
    board = json.loads(BOARDS[file].read_text(encoding="utf-8"))
    change(next(panel for panel in board["panels"] if panel["type"] != "row"))
    return faults(Dashboard, board)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda panel: panel.update(tittle="x"), "tittle: unknown"),
        (lambda panel: panel.update(title=3), "title: 3 is none of"),
        (lambda panel: panel["gridPos"].update(w="6"), "grid_pos.w: '6' is no"),
        (lambda panel: panel["options"].update(optionOfNoPanel=1), "optionOfNoPanel: unknown"),
        (lambda panel: panel["fieldConfig"]["defaults"].update(decimals="2"), "decimals: '2' is none of"),
        (lambda panel: panel["targets"][0].update(sql="SELECT 1"), "not of the ClickHouse data source"),
        (lambda panel: panel["targets"][0].pop("rawSql"), "not a query in SQL"),
    ],
)
def test_what_does_not_fit_is_found(change: Callable[[Any], object], fault: str) -> None:
    wall = [file.stem for file in BOARDS].index("wall")
    found = changed(wall, change)
    assert any(fault in one for one in found), found


def test_a_rule_that_does_not_fit_is_found() -> None:
    rule, group = next(rules())
    wrong = as_api(rule, group)
    wrong["data"][-1]["model"]["conditions"][0]["evaluator"]["type"] = "above"
    wrong["noDataState"] = "Fine"
    wrong["forr"] = "5m"
    found = "\n".join(faults(alerting.Rule, wrong))
    assert all(one in found for one in ("'above'", "'Fine'", "forr"))
