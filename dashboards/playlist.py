"""The playlist of the video wall: which dashboards follow one another, and how long each stays.

Grafana takes playlists by its HTTP API only (`dashboards/publish.py`); the file says what it should have.
"""

from dashboards.boards.world import UID, World

NAME = "IOC – Màn hình điều hành"
"""What the playlist is found by: its uid is drawn by Grafana."""

INTERVAL = "1m"
"""How long a dashboard stays."""


def playlist(world: World) -> dict[str, object]:
    """Body of `POST /api/playlists`: the wall, the sectors, then units, targets, freshness and findings."""
    sectors = [f"sector-{sector.code.lower()}" for sector in world.catalogue.sectors]
    shown = ["wall", *sectors, "units", "targets", "freshness", "findings"]
    return {
        "name": NAME,
        "interval": INTERVAL,
        "items": [{"type": "dashboard_by_uid", "value": UID + name} for name in shown],
    }
