"""A server that speaks the part of Grafana's HTTP API that the project uses, from what a Grafana with these files mounted would hold.

Addresses, methods, answers and errors as documented for Grafana 11.6: Dashboard, Data source, Folder, Alerting provisioning and
Playlist HTTP API.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from dashboards.provision import FOLDER, load, read_yaml

TOKEN = "right"
FOLDER_UID = "cdrk2"


class Held:
    """What the Grafana holds that the folder is mounted in; a test changes it."""

    def __init__(self, folder: Path = FOLDER) -> None:
        alerting: dict[str, Any] = dict(load(folder))
        self.dashboards = {
            one["uid"]: {"meta": {"provisioned": True, "folderUid": "ioc"}, "dashboard": one | {"id": 7, "version": 3}}
            for one in (json.loads(file.read_text("utf-8")) for file in sorted((folder / "dashboards").glob("*.json")))
        }
        files = (folder / "datasources").glob("*.yaml")
        self.datasources = {
            one["uid"]: {key: value for key, value in one.items() if key != "secureJsonData"} | {"id": 1, "orgId": 1}
            for file in files
            for one in read_yaml(file)["datasources"]
        }
        self.ill: dict[str, str] = {}
        self.rules = [
            rule
            | {"folderUID": FOLDER_UID, "orgID": 1, "ruleGroup": group["name"], "provenance": "file", "isPaused": False}
            for group in alerting["groups"]
            for rule in group["rules"]
        ]
        self.folder = alerting["groups"][0]["folder"]
        self.contact_points = [
            receiver | {"name": point["name"], "provenance": "file"}
            for point in alerting["contactPoints"]
            for receiver in point["receivers"]
        ]
        for point in self.contact_points:
            point["settings"]["addresses"] = "ops@example.gov.vn"
        self.policy = {key: value for key, value in alerting["policies"][0].items() if key != "orgId"}
        self.mute_timings = alerting["muteTimes"]
        self.playlists: dict[str, dict[str, Any]] = {}
        self.broken: int = 0
        self.written: list[str] = []

    def answer(self, method: str, address: str, body: Any) -> tuple[int, object]:
        """Status and body."""
        parts = urlsplit(address)
        path, query = unquote(parts.path).removeprefix("/api/").strip("/").split("/"), parse_qs(parts.query)
        match method, path:
            case "GET", ["dashboards", "uid", uid]:
                return self._one(self.dashboards, uid)
            case "GET", ["search"]:
                return 200, [{"uid": uid, "type": "dash-db"} for uid in self.dashboards]
            case "GET", ["datasources", "uid", uid, "health"]:
                ill = self.ill.get(uid)
                return (400, {"status": "ERROR", "message": ill}) if ill else (200, {"status": "OK", "message": "x"})
            case "GET", ["datasources", "uid", uid]:
                return self._one(self.datasources, uid)
            case "GET", ["folders", uid]:
                return self._one({FOLDER_UID: {"uid": FOLDER_UID, "title": self.folder}}, uid)
            case "GET", ["v1", "provisioning", what]:
                listed = {
                    "alert-rules": self.rules,
                    "contact-points": self.contact_points,
                    "policies": self.policy,
                    "mute-timings": self.mute_timings,
                }
                return self._one(listed, what)
        return self._playlists(method, path, query, body)

    def _playlists(self, method: str, path: list[str], query: dict[str, list[str]], body: Any) -> tuple[int, object]:
        match method, path:
            case "GET", ["playlists"]:
                name = query.get("query", [""])[0]
                found = [one for one in self.playlists.values() if name in one["name"]]
                return 200, [{key: one[key] for key in ("uid", "name", "interval")} for one in found]
            case "GET", ["playlists", uid]:
                return self._one(self.playlists, uid)
            case "POST", ["playlists"]:
                uid = f"p{len(self.playlists) + 1}"
            case "PUT", ["playlists", uid] if uid in self.playlists:
                pass
            case _:
                return 404, {"message": "Not found"}
        self.written.append(method)
        items = [{"title": item["value"]} | item for item in body["items"]]
        self.playlists[uid] = {"uid": uid, "name": body["name"], "interval": body["interval"], "items": items}
        return 200, self.playlists[uid] if method == "PUT" else {key: body[key] for key in ("name", "interval")}

    def _one(self, where: dict[str, Any], uid: str) -> tuple[int, object]:
        return (200, where[uid]) if uid in where else (404, {"message": "Not found"})


@contextmanager
def serve(held: Held, prefix: str = "") -> Iterator[str]:
    """Serves it under a free port of this machine; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            said: object = {"message": "broken"}
            code = held.broken
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                code, said = 401, {"message": "Invalid API key"}
            elif not self.path.startswith(f"{prefix}/api/"):
                code, said = 404, {"message": "Not found"}
            elif not code:
                code, said = held.answer(self.command, self.path.removeprefix(prefix), body)
            answer = json.dumps(said).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = _do  # noqa: N815 (the names are the base class's)

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{prefix}"
        finally:
            server.shutdown()
            thread.join()
