"""Asks a running Grafana whether it shows what is committed: file provisioning is the truth, the API only verifies."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from grafana_api.grafana_api import GrafanaClientError, GrafanaException, GrafanaUnauthorizedError
from grafana_api.grafana_face import GrafanaFace

from ioc.errors import ConfigError, RetriableError

_COMPARED = ("title", "panels", "templating", "timezone", "refresh")
"""What makes a dashboard; the rest (id, version, schemaVersion) is Grafana's own."""


def differences(url: str, token: str, dashboard: Mapping[str, Any]) -> list[str]:
    """What differs between the dashboard and the one of its uid in the Grafana at `url`; empty when they are the same.

    Raises:
        ConfigError: the address is none, or Grafana refuses the token.
        RetriableError: Grafana cannot be reached or fails.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"{url!r} is no address of a Grafana: give http://host:port")
    grafana = GrafanaFace(
        auth=token,
        host=parts.hostname,
        port=parts.port,
        url_path_prefix=parts.path.lstrip("/"),
        protocol=parts.scheme,
    )
    uid = dashboard["uid"]
    try:
        loaded = grafana.dashboard.get_dashboard(uid)["dashboard"]
    except GrafanaUnauthorizedError as error:
        raise ConfigError(f"{url} refuses the token; set GRAFANA_TOKEN to one that may read dashboards") from error
    except GrafanaClientError as error:
        if error.status_code == requests.codes.not_found:
            return [f"dashboard {uid} is not loaded: is dashboards/provisioning mounted there?"]
        raise ConfigError(f"{url}: {error.message}") from error
    except (GrafanaException, requests.RequestException) as error:
        raise RetriableError(f"{url}: {error}") from error
    return [f"{key} differs from the committed file" for key in _COMPARED if loaded.get(key) != dashboard.get(key)]
