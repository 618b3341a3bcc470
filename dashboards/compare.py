"""What a running Grafana has loaded against the committed files: differences, named one by one.

Everything that a file says must be loaded as it says; what Grafana adds of its own (ids, versions, provenance) is not looked
at, nor is what the environment fills in (`${…}`) or Grafana keeps secret.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_DASHBOARD = ("title", "panels", "templating", "annotations", "timezone", "refresh")
"""What makes a dashboard; the rest (id, version, schemaVersion) is Grafana's own."""

_DATASOURCE = ("name", "type", "access", "isDefault", "jsonData")

_RULE = ("title", "condition", "for", "noDataState", "execErrState", "annotations", "labels", "data")

_OURS = "ioc-"
"""How every uid begins that is the project's."""

Found = Mapping[str, Any]


def unlike(expected: object, loaded: object, place: str = "") -> list[str]:
    """Places at which `loaded` is not what `expected` says, as `data[0].model.rawSql`."""
    if isinstance(expected, str) and "${" in expected:
        return []
    if isinstance(expected, Mapping) and isinstance(loaded, Mapping):
        dot = f"{place}." if place else ""
        return [found for key, value in expected.items() for found in unlike(value, loaded.get(key), f"{dot}{key}")]
    if _listed(expected) and _listed(loaded) and len(expected) == len(loaded):  # type: ignore[arg-type]
        pairs = enumerate(zip(expected, loaded, strict=True))  # type: ignore[call-overload]
        return [found for index, (one, other) in pairs for found in unlike(one, other, f"{place}[{index}]")]
    return [] if expected == loaded else [place]


def _listed(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def dashboard(committed: Found, loaded: Found | None) -> list[str]:
    """A dashboard against the answer of `GET /api/dashboards/uid/…`; None: there is none."""
    name = f"dashboard {committed['uid']}"
    if loaded is None:
        return [f"{name} is not loaded: is dashboards/provisioning mounted there?"]
    found = [
        f"{name}: {key} differs from the committed file"
        for key in _DASHBOARD
        if loaded["dashboard"].get(key) != committed.get(key)
    ]
    if not loaded.get("meta", {}).get("provisioned", True):
        found.append(f"{name} was not loaded from a file")
    return found


def left_over(kind: str, committed: Iterable[str], loaded: Iterable[str]) -> list[str]:
    """Things of the project's that are loaded and that no file has any more, by uid."""
    return [
        f"{kind} {uid} is in no file any more" for uid in sorted(set(loaded) - set(committed)) if uid.startswith(_OURS)
    ]


def datasource(committed: Found, loaded: Found | None) -> list[str]:
    """A data source against the answer of `GET /api/datasources/uid/…`."""
    name = f"data source {committed['uid']}"
    if loaded is None:
        return [f"{name} is not loaded"]
    return [f"{name}: {place} differs" for place in unlike({key: committed[key] for key in _DATASOURCE}, loaded)]


def rules(groups: Iterable[Found], loaded: Sequence[Found], folders: Mapping[str, str]) -> list[str]:
    """All rules against the answer of `GET /api/v1/provisioning/alert-rules`; `folders`: title by uid."""
    by_uid = {one["uid"]: one for one in loaded}
    found: list[str] = []
    held: list[str] = []
    for group in groups:
        for rule in group["rules"]:
            name = f"alert rule {rule['uid']}"
            held.append(rule["uid"])
            other = by_uid.get(rule["uid"])
            if other is None:
                found.append(f"{name} is not loaded")
                continue
            found += [f"{name}: {place} differs" for place in unlike({key: rule[key] for key in _RULE}, other)]
            if other.get("isPaused"):
                found.append(f"{name} is paused")
            if other.get("ruleGroup") != group["name"]:
                found.append(f"{name} is in group {other.get('ruleGroup')}")
            if folders.get(other.get("folderUID", "")) != group["folder"]:
                found.append(f"{name} is in another folder than {group['folder']}")
    return found + left_over("alert rule", held, by_uid)


def contact_points(committed: Iterable[Found], loaded: Sequence[Found]) -> list[str]:
    """All receivers against the answer of `GET /api/v1/provisioning/contact-points`."""
    by_uid = {one["uid"]: one for one in loaded}
    found: list[str] = []
    held: list[str] = []
    for point in committed:
        for receiver in point["receivers"]:
            name = f"contact point {receiver['uid']}"
            held.append(receiver["uid"])
            other = by_uid.get(receiver["uid"])
            if other is None:
                found.append(f"{name} is not loaded")
            else:
                found += [f"{name}: {place} differs" for place in unlike({"name": point["name"], **receiver}, other)]
    return found + left_over("contact point", held, by_uid)


def policy(committed: Found, loaded: Found) -> list[str]:
    """The notification policy against the answer of `GET /api/v1/provisioning/policies`."""
    expected = {key: value for key, value in committed.items() if key != "orgId"}
    return [f"notification policy: {place} differs" for place in unlike(expected, loaded)]


def mute_timings(committed: Iterable[Found], loaded: Sequence[Found]) -> list[str]:
    """Mute timings by name and number of intervals: Grafana writes days and months in words of its own."""
    by_name = {one["name"]: one for one in loaded}
    found = []
    for timing in committed:
        other = by_name.get(timing["name"])
        if other is None:
            found.append(f"mute timing {timing['name']} is not loaded")
        elif len(other["time_intervals"]) != len(timing["time_intervals"]):
            found.append(f"mute timing {timing['name']}: time_intervals differs")
    return found


def playlist(committed: Found, loaded: Sequence[Found]) -> list[str]:
    """The playlist against those of its name."""
    name = f"playlist {committed['name']}"
    if not loaded:
        return [f"{name} is not there: run `ioc dashboards publish`"]
    if len(loaded) > 1:
        return [f"{name} is there {len(loaded)} times: delete all but one"]
    return [f"{name}: {place} differs" for place in unlike(committed, loaded[0])]
