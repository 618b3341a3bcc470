"""Accounts that vanish from iOffice without a word are found by its full listing and published as deleted, by their hashes."""

import json
from pathlib import Path
from typing import Any

from ingest.control import Orders
from ingest.limit import RateLimit
from ingest.memory import MemoryCursors, MemoryPublisher
from ingest.runner import Runner, Tools
from ingest.sources.ioffice.system import ioffice_system
from ingest.testing import HASH_KEY, KEY, Polls
from ioc.deadletters import Sealer
from ioc.metrics import Metrics
from ioc.privacy import Pseudonyms
from ioc.settings import FloodSettings, ListingSettings
from tests.conformance.connectors.ioffice import Office
from tests.unit.ingest.test_listing import MemoryListings


def read_accounts(office: Office, publisher: MemoryPublisher) -> list[dict[str, Any]]:
    """The events of one more run of the stream."""
    before = len(publisher.messages)
    tools = Tools(
        publisher=publisher,
        cursors=MemoryCursors(publisher),
        sealer=Sealer(KEY),
        pseudonyms=Pseudonyms(HASH_KEY),
        metrics=Metrics("ingest"),
        limit=RateLimit(1e9),
        flood=FloodSettings(),
        poll_s=0.0,
        stop=Polls(),
        orders=Orders(),
        listings=MemoryListings(publisher),
        listing=ListingSettings(max_lost=5, max_lost_share=0.5),
        listing_every_s=0.0,
    )
    system = ioffice_system(office.settings())
    accounts = next(stream for stream in system.streams if stream.stream == "accounts")
    assert Runner(accounts, tools).run()
    system.close()
    messages = [message.value for message in publisher.messages[before:] if message.topic.startswith("events.")]
    return [event for value in messages for event in json.loads(value)]


def test_an_account_that_vanished_is_deleted_by_its_hash(tmp_path: Path) -> None:
    office = Office(tmp_path, times=0.005)
    publisher = MemoryPublisher()
    with office.served():
        first = read_accounts(office, publisher)
        names = [row["userName"] for row in office.simulated.accounts.rows()]
        assert len(first) == len(names) > 30
        office.simulated.accounts.shelf.drop(names[3])
        gone = [event for event in read_accounts(office, publisher) if event["deleted"]]
        again = [event for event in read_accounts(office, publisher) if event["deleted"]]
    assert [event["entity"] for event in gone] == [Pseudonyms(HASH_KEY).of(names[3])]
    assert gone[0]["unit"] in {event["unit"] for event in first}
    assert again == []
    said = b"".join(message.value + (message.key or b"") for message in publisher.messages)
    assert not [name for name in names if name.encode() in said], "account names leave as hashes only"
