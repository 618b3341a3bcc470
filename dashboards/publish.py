"""Gives a running Grafana the playlist, which it takes by its HTTP API only, and asks it whether it shows what is committed.

Everything else is loaded from the provisioning files, which are the truth: the API only verifies them.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote, urlsplit

import requests
from grafana_api.grafana_api import GrafanaClientError, GrafanaException, GrafanaUnauthorizedError
from grafana_api.grafana_face import GrafanaFace

from dashboards import compare
from dashboards.provision import FOLDER, PLAYLIST, load, read_yaml
from ioc.errors import ConfigError, RetriableError

Outcome = Literal["created", "updated", "unchanged"]

_MOST = 5000
"""Dashboards that a search gives at most, Grafana's own limit."""


class Grafana:
    """A running Grafana, and whoever the token stands for.

    Each request raises ConfigError where Grafana refuses it (or is none), RetriableError where it cannot be reached or fails.
    """

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(f"{url!r} is no address of a Grafana: give http://host:port")
        prefix = parts.path.strip("/")
        self._url = url
        self._face = GrafanaFace(
            auth=token,
            host=parts.hostname,
            port=parts.port,
            url_path_prefix=f"{prefix}/" if prefix else "",
            protocol=parts.scheme,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._face.api.s.close()

    def ask(self, path: str) -> Any:
        """The answer to GET `/api` and the path; None where there is nothing (404)."""
        try:
            return self._request("GET", path)
        except _NotFoundError:
            return None

    def send(self, method: Literal["POST", "PUT"], path: str, body: object) -> Any:
        """The answer to a request that changes something."""
        return self._request(method, path, body)

    def _request(self, method: str, path: str, body: object = None) -> Any:
        try:
            return getattr(self._face.api, method)(path, json=body)
        except GrafanaUnauthorizedError as error:
            raise ConfigError(f"{self._url} refuses the token; set GRAFANA_TOKEN to one of role Admin") from error
        except GrafanaClientError as error:
            if error.status_code == requests.codes.not_found:
                raise _NotFoundError(f"{self._url}/api{path}: not found") from error
            raise ConfigError(f"{self._url}/api{path}: {error.message}") from error
        except requests.JSONDecodeError as error:
            raise ConfigError(
                f"{self._url}/api{path} answers with something other than JSON: is that a Grafana?"
            ) from error
        except (GrafanaException, requests.RequestException) as error:
            raise RetriableError(f"{self._url}: {error}") from error

    def health(self, uid: str) -> str:
        """Why a data source does not answer Grafana; empty when it does."""
        try:
            said = self._request("GET", f"/datasources/uid/{quote(uid)}/health")
        except (ConfigError, RetriableError) as error:
            cause = error.__cause__
            said = cause.response if isinstance(cause, GrafanaException) else str(error)
        if isinstance(said, Mapping):
            return "" if said.get("status") == "OK" else str(said.get("message", said))
        return str(said)


class _NotFoundError(ConfigError):
    """There is nothing under the address."""


def _committed(folder: Path) -> dict[str, Any]:
    return read_yaml(folder / PLAYLIST)


def _named(grafana: Grafana, name: str) -> list[Any]:
    """Playlists of the name, whole; the list that Grafana gives has no items."""
    listed = grafana.ask(f"/playlists?query={quote(name)}") or []
    return [grafana.ask(f"/playlists/{quote(one['uid'])}") for one in listed if one["name"] == name]


def publish(grafana: Grafana, folder: Path = FOLDER) -> Outcome:
    """Creates the playlist or makes it what the file says; does nothing where it is.

    Raises:
        ConfigError: Grafana refuses; there are several playlists of that name.
        RetriableError: it cannot be reached or fails.
    """
    wanted = _committed(folder)
    there = _named(grafana, wanted["name"])
    if not there:
        grafana.send("POST", "/playlists", wanted)
        return "created"
    if len(there) > 1:
        raise ConfigError(compare.playlist(wanted, there)[0])
    if not compare.playlist(wanted, there):
        return "unchanged"
    grafana.send("PUT", f"/playlists/{quote(there[0]['uid'])}", wanted)
    return "updated"


def differences(grafana: Grafana, folder: Path = FOLDER) -> list[str]:
    """What differs between the committed files and what Grafana has loaded; empty when they are the same. Raises as `publish`."""
    return [
        *_dashboards(grafana, folder),
        *_datasources(grafana, folder),
        *_alerting(grafana, folder),
        *compare.playlist(_committed(folder), _named(grafana, _committed(folder)["name"])),
    ]


def _dashboards(grafana: Grafana, folder: Path) -> list[str]:
    files = sorted((folder / "dashboards").glob("*.json"))
    committed = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    found = [
        difference
        for one in committed
        for difference in compare.dashboard(one, grafana.ask(f"/dashboards/uid/{quote(one['uid'])}"))
    ]
    listed = grafana.ask(f"/search?type=dash-db&tag=ioc&limit={_MOST}") or []
    return found + compare.left_over("dashboard", (one["uid"] for one in committed), (one["uid"] for one in listed))


def _datasources(grafana: Grafana, folder: Path) -> list[str]:
    found: list[str] = []
    for file in sorted((folder / "datasources").glob("*.yaml")):
        for one in read_yaml(file)["datasources"]:
            loaded = grafana.ask(f"/datasources/uid/{quote(one['uid'])}")
            found += compare.datasource(one, loaded)
            if loaded is not None and (ill := grafana.health(one["uid"])):
                found.append(f"data source {one['uid']} does not answer: {ill}")
    return found


def _alerting(grafana: Grafana, folder: Path) -> list[str]:
    committed: dict[str, Any] = dict(load(folder))
    api = "/v1/provisioning"
    rules = grafana.ask(f"{api}/alert-rules") or []
    folders = {
        uid: (grafana.ask(f"/folders/{quote(uid)}") or {}).get("title", "")
        for uid in {one.get("folderUID", "") for one in rules} - {""}
    }
    return [
        *compare.rules(committed["groups"], rules, folders),
        *compare.contact_points(committed["contactPoints"], grafana.ask(f"{api}/contact-points") or []),
        *compare.policy(committed["policies"][0], grafana.ask(f"{api}/policies") or {}),
        *compare.mute_timings(committed["muteTimes"], grafana.ask(f"{api}/mute-timings") or []),
    ]
