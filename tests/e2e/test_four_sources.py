"""All four sources at once, in their own formats, with faults and kills: they flow to the wall, both engines agree, nothing personal flows with them."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from kafka import KafkaConsumer, TopicPartition

from ioc.contracts.control import DeadLetter
from ioc.deadletters import Sealer
from ioc.topics import DEAD_LETTERS
from tests.browser import HD, chromium, screenshot, wait_round
from tests.e2e.live_stack import LiveStack
from tests.wall_page import number

SYSTEMS = ("dossier", "ioffice", "health", "hub")
ONE_OF_EACH = {"dossier": "DVC-001", "ioffice": "VB-001", "health": "YT-001", "hub": "PA-001"}
FAULTS = ("missing_required", "unknown_field", "duplicate", "out_of_order", "http_5xx", "dropped", "truncated")
VICTIMS = ("ingest", "worker", "clickhouse", "sink", "worker", "sink")
CANARY = b"canary"
PATIENCE_S = 150.0
"""A bound on hanging, not a measure of speed."""

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveStack]:
    """The whole stack over a day of a tenth of the province, its sources misbehaving; handed out when figures of all four are there."""
    settings = {
        "IOC_EMBEDDED__SIMULATOR__RATE": "5",
        "IOC_EMBEDDED__SIMULATOR__HISTORY_DAYS": "1",
        "IOC_EMBEDDED__SIMULATOR__TIMES": "0.1",
        "IOC_WALL__REFRESH_S": "1",
        # Bad records come by design here: they must not stop a stream as a flood would.
        "IOC_FLOOD__RATIO": "1",
        "IOC_FLOOD__RUN": "100000",
    }
    with LiveStack(tmp_path_factory.mktemp("stack"), settings) as live:
        faults = {name: {"probability": 0.2} for name in FAULTS}
        httpx.post(f"{live.simulator_url}/control/faults", json=faults).raise_for_status()
        until(lambda: set(flowing(live)) == set(SYSTEMS), "figures of all four sources")
        for name in VICTIMS:
            before = live.kill(name)
            until(lambda name=name, before=before: runs_again(live, name, before), f"{name} started again")  # type: ignore[misc]
        until(
            lambda: len(live.query("SELECT DISTINCT source FROM dead_letters")) == len(SYSTEMS), "letters of all four"
        )
        yield live


def runs_again(live: LiveStack, name: str, before: int) -> bool:
    found = live.component(name)
    return found["pid"] not in (None, before) and found["state"] == "ready"


def flowing(live: LiveStack) -> list[str]:
    """Systems of which a figure of the province is above 0."""
    codes = ", ".join(f"'{code}'" for code in ONE_OF_EACH.values())
    rows = live.query(f"SELECT code FROM indicator_now WHERE level = 'province' AND value > 0 AND code IN ({codes})")
    return [system for system, code in ONE_OF_EACH.items() if any(row["code"] == code for row in rows)]


def letters(live: LiveStack) -> list[DeadLetter]:
    return [DeadLetter.model_validate_json(value) for value in kafka(live).get(DEAD_LETTERS.name, [])]


def kafka(live: LiveStack) -> dict[str, list[bytes]]:
    """Everything in the broker: keys and values by topic."""
    found: dict[str, list[bytes]] = {}
    consumer = KafkaConsumer(bootstrap_servers=live.settings.kafka.bootstrap, enable_auto_commit=False)
    try:
        names = [name for name in consumer.topics() if not name.startswith("__")]
        parts = [TopicPartition(name, part) for name in names for part in consumer.partitions_for_topic(name) or ()]
        consumer.assign(parts)
        consumer.seek_to_beginning(*parts)
        ends = consumer.end_offsets(parts)
        while any(consumer.position(part) < ends[part] for part in parts):
            for part, records in consumer.poll(1000).items():
                for record in records:
                    found.setdefault(part.topic, []).extend(text for text in (record.key, record.value) if text)
    finally:
        consumer.close()
    found[DEAD_LETTERS.name] = [text for text in found.get(DEAD_LETTERS.name, []) if text.startswith(b"{")]
    return found


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"not reached within {PATIENCE_S:.0f} s: {what}")
        time.sleep(0.5)


def test_feeds_tell_age_and_volume_of_each_stream_and_of_units_that_report_themselves(stack: LiveStack) -> None:
    feeds: list[dict[str, Any]] = json.loads(stack.ioc("feeds", "--json").stdout)
    assert {feed["source"] for feed in feeds} >= set(SYSTEMS)
    assert all(feed["age_s"] is None or feed["age_s"] >= 0 for feed in feeds)
    by_unit = [feed for feed in feeds if feed["unit"]]
    assert {feed["stream"] for feed in by_unit} >= {"insurance_files"}


def test_status_shows_four_sources_flowing(stack: LiveStack) -> None:
    shown = stack.ioc("status", "--data", str(stack.data_dir)).stdout
    for system in SYSTEMS:
        assert system in shown, shown


def test_reconcile_finds_no_difference_in_any_kind(stack: LiveStack) -> None:
    report = json.loads(stack.ioc("reconcile", "--json").stdout)
    assert report["differences"] == []
    # What changes while it is looked at is left out: that may not be most of it.
    assert len(report["left_out"]) < 0.1 * (report["cells"] + report["values"])


def test_the_wall_shows_a_figure_of_each(stack: LiveStack) -> None:
    url = f"http://127.0.0.1:{stack.settings.wall.port}/"
    shown: dict[str, str] = {}
    with chromium() as browser:
        page = browser.new_page(viewport=HD)  # type: ignore[arg-type]
        page.goto(url + "?rotate=0")
        wait_round(page, 1)
        for vital in page.query_selector_all(".vital[data-value]"):
            figure = vital.query_selector("b")
            assert figure is not None
            shown[str(vital.get_attribute("data-column"))] = figure.inner_text()
        screenshot(page, "e2e-four")
    for code in ("DVC-011", "VB-003", "YT-006"):
        assert number(shown[code]) > 0, shown
    assert "TC-003" in shown


def test_no_personal_text_is_anywhere_but_in_sealed_letters(stack: LiveStack) -> None:
    opened = b"".join(Sealer(stack.settings.privacy.dead_letter_key).open(letter) for letter in letters(stack)).lower()
    assert CANARY in opened, "the sources' personal fields are not filled"
    places = {f"topic {name}": b"\n".join(values) for name, values in kafka(stack).items()}
    places |= {f"log {file.name}": file.read_bytes() for file in (stack.data_dir / "log").iterdir()}
    metrics = stack.settings.metrics
    for name, port in (("ingest", metrics.ingest), ("worker", metrics.worker), ("sink", metrics.sink)):
        places[f"metrics of {name}"] = httpx.get(f"http://{metrics.host}:{port}/metrics").content
    places |= {f"table {name}": content for name, content in tables(stack)}
    assert len(places) > 50
    assert [place for place, content in places.items() if CANARY in content.lower()] == []


def tables(live: LiveStack) -> Iterator[tuple[str, bytes]]:
    """Every table with all its rows."""
    clickhouse = live.settings.clickhouse
    url = f"http://{clickhouse.host}:{clickhouse.http_port}/"
    login = clickhouse.admin
    with httpx.Client(auth=(login.user, login.password.get_secret_value()), timeout=60) as client:

        def ask(sql: str) -> bytes:
            answer = client.post(url, params={"database": clickhouse.database}, content=sql.encode())
            answer.raise_for_status()
            return answer.content

        names = ask(
            f"SELECT name FROM system.tables WHERE database = '{clickhouse.database}' AND engine LIKE '%MergeTree' FORMAT TSV"
        )
        for name in names.decode().split():
            yield name, ask(f"SELECT * FROM {name} FORMAT JSONEachRow")


def test_no_secret_is_in_a_log(stack: LiveStack) -> None:
    settings = stack.settings
    secrets = [
        settings.privacy.hash_key.get_secret_value(),
        settings.privacy.dead_letter_key.get_secret_value(),
        settings.sources.hub.webhook.secret.get_secret_value(),
        settings.sources.ioffice.password.get_secret_value(),
    ]
    assert all(secrets)
    for file in (stack.data_dir / "log").iterdir():
        text = file.read_text(errors="replace")
        assert not [secret for secret in secrets if secret in text], file.name


def test_once_the_sources_are_silent_nothing_is_left_out_and_nothing_differs(stack: LiveStack) -> None:
    for system in SYSTEMS:
        stack.ioc("source", "pause", system, "--reason", "to compare in peace")
    report = json.loads(stack.ioc("reconcile", "--json").stdout)
    assert report["quiet"]
    assert report["differences"] == []
    assert report["left_out"] == []
    assert report["indicators"] >= 331
    assert report["values"] > 100_000
