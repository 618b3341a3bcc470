"""The webhook over HTTP: what is accepted and when, what is refused and how, what leaves."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet

import httpx
import pytest
from prometheus_client import generate_latest
from structlog.testing import capture_logs

from ingest.memory import MemoryPublisher
from ingest.sources.hub.push import push_system
from ingest.testing import KEY
from ioc.deadletters import Sealer
from ioc.errors import ConfigError, RetriableError
from ioc.settings import FloodSettings
from ioc.settings.sources import HubSourceSettings
from tests.unit.ingest.hub.pushed import ALERT, FEEDBACK, Gate, Running, encoded, settings, signed

PATH = "/v1/feedback"
EVENTS = "events.feedback_case"


def report(number: int) -> dict[str, object]:
    return {**FEEDBACK, "maPhanAnh": f"PA{number}"}


def entities(running: Running) -> list[str]:
    return sorted(event["entity"] for event in running.harvest.events())


@pytest.fixture(scope="module")
def one() -> Iterator[Running]:
    """A webhook for tests that change nothing about it."""
    with Running(settings(max_kb=16)) as running:
        yield running


def test_a_report_is_accepted_when_it_is_acknowledged_and_not_before() -> None:
    gate = Gate(EVENTS)
    with Running(settings(), MemoryPublisher(disturb=gate)) as running, ThreadPoolExecutor() as pool:
        answer = pool.submit(running.post, PATH, encoded(FEEDBACK))
        assert gate.reached.wait(10)
        assert len(running.harvest.events()) == 1
        with pytest.raises(NotYet):
            answer.result(0.2)
        gate.opened.set()
        assert answer.result(10).status_code == 202
        assert answer.result().json() == {"records": 1}


def test_a_broker_that_fails_delays_the_answer_and_loses_nothing() -> None:
    failures = iter(range(1))

    def fail(what: str) -> None:
        if what == f"wait {EVENTS}" and next(failures, None) is not None:
            raise RetriableError(what)

    with Running(settings(), MemoryPublisher(disturb=fail)) as running:
        assert running.post(PATH, encoded(FEEDBACK)).status_code == 202
    assert len(running.harvest.versions()) == 1
    assert next(failures, None) is None


def test_both_paths_objects_arrays_and_lines() -> None:
    with Running(settings()) as running:
        assert running.post(PATH, encoded(report(1))).json() == {"records": 1}
        assert running.post(PATH, encoded(report(2), report(3))).json() == {"records": 2}
        lines = b"\n".join(encoded(report(number)) for number in (4, 5))
        as_lines = {**signed(lines), "Content-Type": "application/x-ndjson; charset=utf-8"}
        assert running.post(PATH, lines, as_lines).json() == {"records": 2}
        assert running.post("/v1/security", encoded(ALERT)).json() == {"records": 1}
    assert entities(running) == [*(f"CaMau-G/PA{number}" for number in range(1, 6)), "SOC-1"]
    assert {event["source"] for event in running.harvest.events()} == {"hub"}
    assert running.harvest.ended_well == [True, True]


def test_the_feed_tells_how_far_it_was_read() -> None:
    with Running(settings()) as running:
        running.post(PATH, encoded(FEEDBACK))
        running.until(lambda: any(feed.records for feed in running.harvest.feeds()))
    last = {feed.stream: feed for feed in running.harvest.feeds()}
    assert set(last) == {"feedback", "security"}
    assert all(feed.source_time and feed.source_time <= feed.read_at for feed in last.values())


REFUSED = {
    "not signed": ({"X-IOC-Signature": ""}, 401),
    "no time": ({"X-IOC-Timestamp": ""}, 401),
    "another secret": (signed(encoded(FEEDBACK), secret="another secret, of 32 characters and more"), 401),
    "another body": (signed(b"{}"), 401),
    "too long ago": (signed(encoded(FEEDBACK), at_s=time.time() - 900), 401),
    "too far ahead": (signed(encoded(FEEDBACK), at_s=time.time() + 1800), 401),
    "a form": ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "no type": ({"Content-Type": ""}, 415),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused(one: Running, what: str) -> None:
    changes, status = REFUSED[what]
    before = len(one.harvest.events())
    answer = one.post(PATH, encoded(FEEDBACK), {**signed(encoded(FEEDBACK)), **changes})
    assert answer.status_code == status
    assert answer.json()["error"]
    assert len(one.harvest.events()) == before


@pytest.mark.parametrize("body", [b"", b"{", b"3", b"<xml/>", b"\x1f\x8b\x08"])
def test_what_is_no_json_is_refused(one: Running, body: bytes) -> None:
    assert one.post(PATH, body).status_code == 400
    assert one.harvest.letters() == {}


def test_other_paths_and_methods_are_none(one: Running) -> None:
    base = f"http://127.0.0.1:{one.settings.webhook.port}"
    assert one.post("/v1/other", b"{}").status_code == 404
    assert httpx.get(base + PATH, trust_env=False).status_code == 405


def test_a_large_body_is_refused_also_when_its_size_is_not_told(one: Running) -> None:
    body = encoded({**FEEDBACK, "noiDung": "x" * (17 << 10)})
    assert one.post(PATH, body).status_code == 413
    parts = (body[start : start + 1000] for start in range(0, len(body), 1000))
    url = f"http://127.0.0.1:{one.settings.webhook.port}{PATH}"
    answer = httpx.post(url, content=parts, headers=signed(body), trust_env=False)
    assert answer.request.headers["transfer-encoding"] == "chunked"
    assert answer.status_code == 413
    small = encoded({**report(77), "noiDung": "x" * (14 << 10)})
    assert one.post(PATH, small).status_code == 202


def test_a_replay_is_refused_and_published_once() -> None:
    body = encoded(FEEDBACK)
    headers = signed(body)
    with Running(settings()) as running:
        assert running.post(PATH, body, headers).status_code == 202
        assert running.post(PATH, body, headers).status_code == 409
        assert running.post(PATH, body, signed(body, at_s=time.time() - 10)).status_code == 202
    assert len(running.harvest.events()) == 1


def test_after_a_restart_a_replay_is_accepted_and_is_the_same_version() -> None:
    body = encoded(FEEDBACK)
    headers = signed(body)
    publisher = MemoryPublisher()
    chosen = settings()
    for _ in range(2):
        with Running(chosen, publisher) as running:
            assert running.post(PATH, body, headers).status_code == 202
    assert len(running.harvest.events()) == 2
    assert len(running.harvest.versions()) == 1


def test_while_it_is_in_hand_it_is_a_replay_and_after_a_failure_it_is_not() -> None:
    gate = Gate(EVENTS)
    body = encoded(FEEDBACK)
    headers = signed(body)
    with Running(settings(timeout_s=0.3), MemoryPublisher(disturb=gate)) as running, ThreadPoolExecutor() as pool:
        first = pool.submit(running.post, PATH, body, headers)
        assert gate.reached.wait(10)
        assert running.post(PATH, body, headers).status_code == 409
        late = first.result(10)
        assert late.status_code == 503
        assert int(late.headers["Retry-After"]) >= 1
        gate.opened.set()
        assert running.post(PATH, body, headers).status_code == 202
    assert len(running.harvest.versions()) == 1


def test_too_many_requests_are_told_to_come_again() -> None:
    gate = Gate(EVENTS)
    with Running(settings(max_waiting=3), MemoryPublisher(disturb=gate)) as running, ThreadPoolExecutor() as pool:
        waiting = [pool.submit(running.post, PATH, encoded(report(0)))]
        assert gate.reached.wait(10)
        (inbox,) = (s._inbox for s in running.system.streams if s.stream == "feedback")  # type: ignore[attr-defined]
        waiting += [pool.submit(running.post, PATH, encoded(report(number))) for number in (1, 2)]
        running.until(lambda: len(inbox) == 2)
        refused = running.post(PATH, encoded(report(3)))
        assert refused.status_code == 503
        assert "Retry-After" in refused.headers
        gate.opened.set()
        assert [answer.result(10).status_code for answer in waiting] == [202] * 3
        assert running.post(PATH, encoded(report(3))).status_code == 202
    assert entities(running) == [f"CaMau-G/PA{number}" for number in range(4)]


def test_requests_that_wait_are_published_together() -> None:
    gate = Gate(EVENTS)
    with Running(settings(), MemoryPublisher(disturb=gate)) as running, ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(running.post, PATH, encoded(report(0)))]
        assert gate.reached.wait(10)
        (inbox,) = (s._inbox for s in running.system.streams if s.stream == "feedback")  # type: ignore[attr-defined]
        waiting += [pool.submit(running.post, PATH, encoded(report(number))) for number in range(1, 13)]
        running.until(lambda: len(inbox) == 12)
        pages_before = running.harvest.metrics.registry.get_sample_value(
            "ioc_step_seconds_count", {"stage": "ingest", "step": "publish"}
        )
        gate.opened.set()
        assert {answer.result(10).status_code for answer in waiting} == {202}
    assert pages_before is not None
    messages = [m for m in running.publisher.messages if m.topic == EVENTS]
    assert len(running.harvest.events()) == 13
    assert len(messages) < 13


def test_a_client_that_has_gone_away_is_published_all_the_same() -> None:
    gate = Gate(EVENTS)
    body = encoded(FEEDBACK)
    with Running(settings(), MemoryPublisher(disturb=gate)) as running:
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in signed(body).items())
        with socket.create_connection(("127.0.0.1", running.settings.webhook.port)) as client:
            client.sendall(head.encode() + b"\r\n" + body)
            assert gate.reached.wait(10)
        gate.opened.set()
        running.until(lambda: running.publisher._pending == set())
        assert running.post(PATH, encoded(report(2))).status_code == 202
    assert entities(running) == ["CaMau-G/PA1", "CaMau-G/PA2"]


def test_a_body_that_does_not_come_is_given_up() -> None:
    body = encoded(FEEDBACK)
    with Running(settings(timeout_s=0.3)) as running:
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in signed(body).items())
        with socket.create_connection(("127.0.0.1", running.settings.webhook.port), 10) as client:
            client.sendall(head.encode() + b"\r\n" + body[:10])
            assert client.recv(100).startswith(b"HTTP/1.1 408 ")
        with socket.create_connection(("127.0.0.1", running.settings.webhook.port), 10) as client:
            client.sendall(head.encode() + b"\r\n" + body[:10])
        assert running.post(PATH, body).status_code == 202
    assert len(running.harvest.events()) == 1


def test_a_stream_that_stops_answers_503_and_its_sibling_goes_on() -> None:
    bad = encoded({**FEEDBACK, "kenh": "CANARY-KENH"})
    with Running(settings(), flood=FloodSettings(run=1)) as running:
        assert running.post(PATH, bad).status_code == 503
        running.until(lambda: running.harvest.ended_well == [False])
        assert running.post(PATH, encoded(FEEDBACK)).status_code == 503
        assert running.post("/v1/security", encoded(ALERT)).status_code == 202
    assert entities(running) == ["SOC-1"]


def test_what_waits_at_a_stop_is_not_accepted() -> None:
    asked = threading.Event()

    def fail(what: str) -> None:
        if what == f"wait {EVENTS}":
            asked.set()
            raise RetriableError(what)

    # It is answered when its time is up, which is well before the client's is.
    waiting = settings(timeout_s=2.0)
    with Running(waiting, MemoryPublisher(disturb=fail), grace_s=0.0) as running, ThreadPoolExecutor() as pool:
        answer = pool.submit(running.post, PATH, encoded(FEEDBACK))
        assert asked.wait(10)
        running.stop.set()
        assert answer.result(10).status_code == 503


def test_bad_records_are_accepted_into_the_dead_letters_and_cost_no_other() -> None:
    body = encoded(report(1), {**FEEDBACK, "maPhanAnh": ""}, report(2))
    with_junk = body[:-1] + b', 17, {"a": "\xff"}]'
    with Running(settings()) as running:
        assert running.post(PATH, with_junk).json() == {"records": 5}
    assert entities(running) == ["CaMau-G/PA1", "CaMau-G/PA2"]
    assert sorted(letter.reason for letter in running.harvest.letters().values()) == [
        "missing_field",
        "undecodable",
        "undecodable",
    ]


def test_nothing_personal_leaves() -> None:
    bodies = [
        encoded(FEEDBACK, {**FEEDBACK, "linhVuc": None}, {**FEEDBACK, "heThong": "CANARY của ai", "CANARY của ai": 1}),
        b'{"noiDung": "CANARY-1',
        b'["CANARY-2"]',
        encoded({"noiDung": "CANARY" * 1000}),
    ]
    answers = []
    with capture_logs() as logs, Running(settings(max_kb=4)) as running:
        for body in bodies:
            answers.append(running.post(PATH, body))
            answers.append(running.post(PATH, body, signed(b"other")))
        answers.append(running.post("/v1/security", encoded(ALERT, {**ALERT, "mucDo": "CANARY"})))
    letters = running.harvest.letters().values()
    assert len(letters) == 4
    opened = b"".join(Sealer(KEY).open(letter) for letter in letters)
    assert b"CANARY-SDT" in opened
    left = [m.value for m in running.publisher.messages] + [m.key or b"" for m in running.publisher.messages]
    left += [repr(logs).encode(), generate_latest(running.harvest.metrics.registry)]
    left += [answer.content for answer in answers]
    assert not [text for text in left if b"canary" in text.lower()]


def test_unknown_fields_are_counted() -> None:
    with Running(settings()) as running:
        running.post(PATH, encoded({**FEEDBACK, "mucDoKhan": 1}))
    labels = {"source": "hub", "stream": "feedback", "field": "mucdokhan"}
    assert running.harvest.metrics.registry.get_sample_value("ioc_unknown_fields_total", labels) == 1


def test_an_address_that_is_taken_is_tried_again() -> None:
    chosen = settings()
    with socket.create_server(("127.0.0.1", chosen.webhook.port)):
        system = push_system(chosen)
        with pytest.raises(RetriableError, match=str(chosen.webhook.port)):
            next(iter(system.streams[0].pages(None)))
    page = next(iter(system.streams[0].pages(None)))
    assert page.records == []
    system.close()


def test_without_a_port_there_is_no_webhook_and_without_a_secret_no_start() -> None:
    assert push_system(HubSourceSettings()).streams == []
    open_door = settings()
    with pytest.raises(ConfigError, match=r"webhook\.secret"):
        push_system(
            open_door.model_copy(
                update={"webhook": open_door.webhook.model_copy(update={"secret": type(open_door.webhook.secret)("")})}
            )
        )


def test_answers_are_json(one: Running) -> None:
    for body in (encoded(report(90)), b"{"):
        answer = one.post(PATH, body)
        assert answer.headers["content-type"] == "application/json"
        json.loads(answer.content)
