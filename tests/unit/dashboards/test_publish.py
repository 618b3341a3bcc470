"""Giving a running Grafana the playlist, and comparing what it has loaded with the files, over HTTP as it speaks."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dashboards.build import WALL
from dashboards.playlist import NAME
from dashboards.provision import FOLDER, PLAYLIST, read_yaml
from dashboards.publish import Grafana, differences, publish
from ioc.cli.dashboards import app
from ioc.errors import ConfigError, RetriableError
from tests.unit.dashboards.grafana_server import TOKEN, Held, serve

WANTED: dict[str, Any] = read_yaml(FOLDER / PLAYLIST)


@pytest.fixture(scope="module")
def mounted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The provisioning files with the wall for all dashboards."""
    folder = tmp_path_factory.mktemp("mounted") / "provisioning"
    shutil.copytree(FOLDER, folder, ignore=lambda _, names: [name for name in names if name.endswith(".json")])
    shutil.copy(WALL, folder / "dashboards")
    return folder


def compared(folder: Path, change: Callable[[Held], object] = lambda _: None, published: bool = True) -> list[str]:
    held = Held(folder)
    with serve(held) as url, Grafana(url, TOKEN) as grafana:
        if published:
            publish(grafana, folder)
        change(held)
        return differences(grafana, folder)


def test_what_was_mounted_and_published_is_the_same(mounted: Path) -> None:
    assert compared(mounted) == []


def test_the_playlist_is_made_once_and_mended_where_it_differs() -> None:
    held = Held()
    with serve(held) as url, Grafana(url, TOKEN) as grafana:
        assert [publish(grafana), publish(grafana)] == ["created", "unchanged"]
        (uid,) = held.playlists
        held.playlists[uid]["items"].pop()
        assert publish(grafana) == "updated"
        held.playlists[uid]["interval"] = "5m"
        assert [publish(grafana), publish(grafana)] == ["updated", "unchanged"]
    assert held.written == ["POST", "PUT", "PUT"]
    assert [item["value"] for item in held.playlists[uid]["items"]] == [item["value"] for item in WANTED["items"]]


def test_a_playlist_of_a_longer_name_is_another() -> None:
    """Grafana finds by a part of the name."""
    held = Held()
    held.playlists["other"] = {"uid": "other", "name": f"{NAME} (cũ)", "interval": "5m", "items": []}
    with serve(held) as url, Grafana(url, TOKEN) as grafana:
        assert publish(grafana) == "created"
    assert held.playlists["other"]["items"] == []


def test_of_two_playlists_none_is_written() -> None:
    held = Held()
    for uid in ("a", "b"):
        held.playlists[uid] = {"uid": uid, "name": NAME, "interval": "5m", "items": []}
    with serve(held) as url, Grafana(url, TOKEN) as grafana, pytest.raises(ConfigError, match="2 times"):
        publish(grafana)
    assert held.written == []


def _drop(key: str) -> Callable[[Held], object]:
    return lambda held: getattr(held, key).pop(0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda held: held.dashboards.pop("ioc-wall"), "dashboard ioc-wall is not loaded"),
        (
            lambda held: held.dashboards["ioc-wall"].update(dashboard={"uid": "ioc-wall", "panels": []}),
            "dashboard ioc-wall: panels differs from the committed file",
        ),
        (
            lambda held: held.dashboards["ioc-wall"]["meta"].update(provisioned=False),
            "dashboard ioc-wall was not loaded from a file",
        ),
        (
            lambda held: held.dashboards.update({"ioc-old": held.dashboards["ioc-wall"]}),
            "dashboard ioc-old is in no file any more",
        ),
        (lambda held: held.datasources.pop("ioc-prometheus"), "data source ioc-prometheus is not loaded"),
        (
            lambda held: held.datasources["ioc-clickhouse"]["jsonData"].update(protocol="http"),
            "data source ioc-clickhouse: jsonData.protocol differs",
        ),
        (
            lambda held: held.ill.update({"ioc-clickhouse": "dial tcp: connection refused"}),
            "data source ioc-clickhouse does not answer: dial tcp: connection refused",
        ),
        (_drop("rules"), "alert rule ioc-off-target-cc is not loaded"),
        (
            lambda held: held.rules[0]["data"][0]["model"].update(rawSql="SELECT 1"),
            "alert rule ioc-off-target-cc: data[0].model.rawSql differs",
        ),
        (
            lambda held: held.rules[0]["data"].pop(1),
            "alert rule ioc-off-target-cc: data differs",
        ),
        (lambda held: held.rules[0].update(isPaused=True), "alert rule ioc-off-target-cc is paused"),
        (lambda held: held.rules[0].update(ruleGroup="x"), "alert rule ioc-off-target-cc is in group x"),
        (lambda held: setattr(held, "folder", "x"), "alert rule ioc-lag is in another folder than IOC – Cảnh báo"),
        (
            lambda held: held.rules.append({"uid": "ioc-gone", "folderUID": ""}),
            "alert rule ioc-gone is in no file any more",
        ),
        (_drop("contact_points"), "contact point ioc-operators-email is not loaded"),
        (
            lambda held: held.contact_points[0]["settings"].update(singleEmail=False),
            "contact point ioc-operators-email: settings.singleEmail differs",
        ),
        (
            lambda held: held.policy["routes"][0].update(receiver="x"),
            "notification policy: routes[0].receiver differs",
        ),
        (_drop("mute_timings"), "mute timing IOC – Ngoài giờ làm việc is not loaded"),
        (
            lambda held: held.mute_timings[0]["time_intervals"].pop(),
            "mute timing IOC – Ngoài giờ làm việc: time_intervals differs",
        ),
        (
            lambda held: next(iter(held.playlists.values()))["items"][0].update(value="x"),
            f"playlist {NAME}: items[0].value differs",
        ),
    ],
)
def test_each_difference_is_named(mounted: Path, change: Callable[[Held], object], said: str) -> None:
    found = compared(mounted, change)
    assert any(one.startswith(said) for one in found), found


def test_no_playlist(mounted: Path) -> None:
    assert compared(mounted, published=False) == [f"playlist {NAME} is not there: run `ioc dashboards publish`"]


def test_behind_a_path_of_its_own(mounted: Path) -> None:
    """Grafana under `root_url = …/grafana/`."""
    with serve(Held(mounted), "/grafana") as url, Grafana(f"{url}/", TOKEN) as grafana:
        assert publish(grafana, mounted) == "created"
        assert differences(grafana, mounted) == []


def test_refusals_and_absence() -> None:
    held = Held()
    with serve(held) as url:
        with Grafana(url, "wrong") as grafana, pytest.raises(ConfigError, match="GRAFANA_TOKEN"):
            publish(grafana)
        held.broken = 503
        with Grafana(url, TOKEN) as grafana, pytest.raises(RetriableError, match="503"):
            publish(grafana)
        held.broken = 403
        with Grafana(url, TOKEN) as grafana, pytest.raises(ConfigError, match="broken"):
            differences(grafana)
    with Grafana(url, TOKEN) as grafana, pytest.raises(RetriableError):
        differences(grafana)
    with pytest.raises(ConfigError, match="no address"):
        Grafana("grafana", TOKEN)


def test_the_commands_say_what_they_found() -> None:
    held = Held()
    run = CliRunner()
    with serve(held) as url:
        first = run.invoke(app, ["verify", url, "--token", TOKEN])
        published = run.invoke(app, ["publish", url, "--token", TOKEN])
        again = run.invoke(app, ["verify", url], env={"GRAFANA_TOKEN": TOKEN})
        held.rules.pop()
        lost = run.invoke(app, ["publish", url, "--token", TOKEN])
    assert (first.exit_code, published.exit_code, again.exit_code, lost.exit_code) == (1, 0, 0, 1)
    assert "is not there" in first.output
    assert published.output.startswith("playlist: created\n")
    assert lost.output == "playlist: unchanged\nalert rule ioc-away-prometheus is not loaded\n"
