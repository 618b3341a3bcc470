"""A portal that goes on living while it is read: tables revised, replaced in the middle of a reading, rows that vanish."""

from collections.abc import Iterator
from typing import Any

import pytest

from ingest.limit import RateLimit
from ingest.memory import MemoryCursors, MemoryPublisher
from ingest.runner import Runner, Tools
from ingest.sources.hub.ckan import ckan_part
from ingest.sources.hub.columns import FACILITY, Layout
from ingest.sources.hub.rows import KINDS
from ingest.testing import HASH_KEY, KEY, Harvest, Polls
from ioc.deadletters import Sealer
from ioc.metrics import Metrics
from ioc.privacy import Pseudonyms
from ioc.settings import FloodSettings, ListingSettings
from tests.conformance.connectors.hub_http import HubServer
from tests.unit.ingest.test_listing import MemoryListings


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubServer]:
    running = HubServer(tmp_path_factory.mktemp("hub"), times=0.05)
    yield running
    running.stop()


def read_facilities(server: HubServer, publisher: MemoryPublisher, polls: int) -> Harvest:
    """Reads and lists facilities so often."""
    part = ckan_part(server.settings(lgsp_url=""))
    assert part is not None
    (source,) = [stream for stream in part.streams if stream.stream == "ckan_facilities"]
    metrics = Metrics("ingest")
    tools = Tools(
        publisher, MemoryCursors(publisher), Sealer(KEY), Pseudonyms(HASH_KEY), metrics, RateLimit(1e9),
        FloodSettings(), poll_s=0.0, stop=Polls(polls), listings=MemoryListings(publisher),
        listing=ListingSettings(), listing_every_s=0.0,
    )  # fmt: skip
    harvest = Harvest(publisher, metrics)
    assert Runner(source, tools).run()
    part.close()
    return harvest


def alive(publisher: MemoryPublisher) -> dict[str, Any]:
    """Facilities by their greatest version, without those that are deleted."""
    newest: dict[str, dict[str, Any]] = {}
    for event in Harvest(publisher).events():
        if event["version"] >= newest.get(event["entity"], event)["version"]:
            newest[event["entity"]] = event
    return {entity: event["data"]["online"] for entity, event in newest.items() if not event["deleted"]}


def shown(server: HubServer) -> dict[str, Any]:
    """The same, as the portal's tables have it."""
    found = {}
    portal = server.portal
    for resource in portal.resources("facility"):
        table = portal.tables[resource]
        constants = {name.removeprefix("ioc_"): value for name, value in table.extras.items()}
        take = Layout(FACILITY, table.columns, constants=constants).take
        for row in portal.rows(resource):
            entity, _, data = KINDS["facility"].read(take(row))
            found[entity] = data["online"]
    return found


def test_what_vanishes_is_deleted_and_what_comes_back_lives_again(server: HubServer) -> None:
    publisher = MemoryPublisher()
    read_facilities(server, publisher, polls=2)
    assert alive(publisher) == shown(server)
    for _ in range(3):
        before = set(shown(server))
        while before <= set(shown(server)):
            for resource in server.portal.resources("facility"):
                server.portal.replace(resource)
        server.now_ms += 60_000
        harvest = read_facilities(server, publisher, polls=3)
        assert alive(publisher) == shown(server)
    assert {event["entity"] for event in harvest.events() if event["deleted"]} >= before - set(shown(server))


def test_tables_that_are_replaced_while_they_are_read_end_as_they_are(server: HubServer) -> None:
    publisher = MemoryPublisher()
    server.world.faults.configure({"replaced": {"times": 4}})
    read_facilities(server, publisher, polls=12)
    assert server.world.faults.fired["replaced"] == 4
    assert alive(publisher) == shown(server)
