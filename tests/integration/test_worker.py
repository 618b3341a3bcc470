"""The worker on a real broker: killed, paused, fed with poison; what stands downstream equals the naive fold."""

import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from kafka import KafkaAdminClient, TopicPartition
from pydantic import SecretStr

from ioc import clock
from ioc.catalogue.load import load_catalogue
from ioc.contracts.control import DeadLetter, Seal
from ioc.contracts.decoder import decoder
from ioc.deadletters import Sealer
from ioc.kafka.admin import ensure_topics
from ioc.kafka.producer import Producer
from ioc.topics import FIXED_TOPICS, PARTIALS, PARTITIONS, SEALS, events
from streams.seals import KEPT_DAYS
from tests.bench.dossier_load import BASE, Dossiers, messages
from tests.kafka_broker import KafkaProcess
from tests.naive_fold import NaiveFold, local_day
from tests.worker_process import (
    EVENTS,
    KEY,
    Downstream,
    WorkerProcess,
    downstream,
    ends,
    generation_of,
    publish,
    read_all,
    wait_until,
)

EVENT_COUNT = 40_000
SMALL = 5
"""Events a message: many messages, so that a kill lands in the middle of them."""


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaProcess]:
    """A broker of this module's own: the topics' names are the pipeline's, and one test kills it."""
    with KafkaProcess(tmp_path_factory.mktemp("worker-kafka")) as process:
        yield process


@pytest.fixture
def broker(own_broker: KafkaProcess) -> KafkaProcess:
    """The broker with empty topics; new ids, so that each test is a generation of its own."""
    admin = KafkaAdminClient(bootstrap_servers=own_broker.bootstrap)
    try:
        old = {topic.name for topic in FIXED_TOPICS} & set(admin.list_topics())
        admin.delete_topics(sorted(old))
        wait_until(lambda: not old & set(admin.list_topics()), "topics deleted")
    finally:
        admin.close()
    ensure_topics(own_broker.bootstrap, [events("dossier")])
    return own_broker


def log_of(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Dossiers with everything that may happen to a log: old versions again, deletions, ratings in a facet of their own."""
    rnd = random.Random(seed)
    dossiers = Dossiers(count // 12, seed)
    recent: list[dict[str, Any]] = []
    for number in range(count):
        draw = rnd.random()
        if draw < 0.1 and recent:
            yield rnd.choice(recent)
            continue
        event = dossiers.next()
        if draw < 0.2:
            rating = {"rating": rnd.randint(1, 5), "rated_at": event["observed_at"]}
            event |= {"facet": "rating", "data": rating, "version": number}
        elif draw < 0.25:
            event |= {"deleted": True, "data": None, "version": event["version"] + 1}
        elif draw < 0.35:
            event |= {"unit": f"000.00.{rnd.randrange(40):02d}.H12", "version": event["version"] + 2}
        recent = [*recent[-200:], event]
        yield event


def expected(written: list[tuple[int, bytes]]) -> Downstream:
    """What the naive fold says of the messages, partition by partition."""
    rollups = [r for r in load_catalogue().compiled.rollups.values() if r.kind == "dossier"]
    decode = decoder("dossier")
    cells: Downstream = {}
    for part in range(PARTITIONS):
        naive = NaiveFold("dossier", rollups)
        for message in (message for partition, message in written if partition == part):
            for event in decode(message):
                naive.apply(event)
        cells |= {(*cell, part): vector for cell, vector in naive.cells().items() if any(vector)}
    return cells


def test_killed_at_any_moment_the_figures_are_those_of_an_undisturbed_run(broker: KafkaProcess, tmp_path: Path) -> None:
    written = list(messages(log_of(EVENT_COUNT, seed=3), PARTITIONS, SMALL))
    publish(broker.bootstrap, written)
    rnd = random.Random(5)
    for kill in range(3):
        with WorkerProcess(broker.bootstrap, tmp_path) as worker:
            goal = rnd.randrange(500, 9_000) if kill else 2_000
            wait_until(lambda goal=goal, worker=worker: worker.applied() >= goal, f"{goal} events", worker)  # type: ignore[misc]
            worker.end(signal.SIGKILL)
    with WorkerProcess(broker.bootstrap, tmp_path) as worker:
        worker.wait_stored(ends(broker.bootstrap))
        assert worker.end() == 0
        assert downstream(broker.bootstrap, generation_of(worker)) == expected(written)


def test_a_paused_worker_that_wakes_up_does_no_harm(broker: KafkaProcess, tmp_path: Path) -> None:
    first, second = (
        list(messages(log_of(6_000, 7), PARTITIONS, SMALL)),
        list(messages(log_of(6_000, 8), PARTITIONS, SMALL)),
    )
    with (
        WorkerProcess(broker.bootstrap, tmp_path, "worker-a") as sleeper,
        WorkerProcess(broker.bootstrap, tmp_path, "worker-b") as waker,
    ):
        sleeper.wait_ready()
        waker.wait_ready()
        publish(broker.bootstrap, first)
        wait_until(lambda: sleeper.applied() > 500, "500 events", sleeper)
        sleeper.process.send_signal(signal.SIGSTOP)
        publish(broker.bootstrap, second)
        waker.wait_stored(ends(broker.bootstrap))
        sleeper.process.send_signal(signal.SIGCONT)
        more = list(messages(log_of(2_000, 9), PARTITIONS, SMALL))
        publish(broker.bootstrap, more)
        all_ends = ends(broker.bootstrap)

        def stored() -> bool:
            both = [worker.metric("ioc_stored_offset") for worker in (sleeper, waker)]
            return all(max(one.get(f"{EVENTS}-{at}", -1) for one in both) >= end for at, end in all_ends.items())

        wait_until(stored, "both at the end", waker)
        assert (sleeper.end(), waker.end()) == (0, 0)
        assert downstream(broker.bootstrap, generation_of(waker)) == expected(first + second + more)


def test_a_broker_that_dies_and_comes_back_costs_nothing(broker: KafkaProcess, tmp_path: Path) -> None:
    first, second = (list(messages(log_of(10_000, seed), PARTITIONS, SMALL)) for seed in (31, 32))
    publish(broker.bootstrap, first)
    with WorkerProcess(broker.bootstrap, tmp_path) as worker:
        wait_until(lambda: worker.applied() >= 1_000, "1000 events", worker)
        broker.kill()
        broker.start()
        publish(broker.bootstrap, second)
        worker.wait_stored(ends(broker.bootstrap))
        assert worker.end() == 0
        assert downstream(broker.bootstrap, generation_of(worker)) == expected(first + second)


def test_what_was_acknowledged_but_never_checkpointed_is_read_again(broker: KafkaProcess, tmp_path: Path) -> None:
    written = list(messages(log_of(2_000, 21), PARTITIONS, SMALL))
    publish(broker.bootstrap, written)
    wanted = ends(broker.bootstrap)
    with WorkerProcess(broker.bootstrap, tmp_path, IOC_WORKER__CHECKPOINT_S="1000") as worker:
        worker.wait_ready()
        group = f"ioc-fold-{generation_of(worker)}"
        admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
        try:
            wait_until(lambda: committed(admin, group) == wanted, "Faust's commits at the end", worker)
        finally:
            admin.close()
        worker.end(signal.SIGKILL)
    assert not read_all(broker.bootstrap, f"state.dossier.{group.removeprefix('ioc-fold-')}")
    with WorkerProcess(broker.bootstrap, tmp_path) as worker:
        worker.wait_stored(wanted)
        assert worker.applied() == 2_000
        assert worker.end() == 0
        assert downstream(broker.bootstrap, generation_of(worker)) == expected(written)


def committed(admin: KafkaAdminClient, group: str) -> dict[int, int]:
    """The offsets that a group committed, by partition."""
    found = admin.list_group_offsets({group: None})
    return {at.partition: offset.offset for at, offset in found.get(group, {}).items() if at.topic == EVENTS}


def test_poison_costs_only_itself(broker: KafkaProcess, tmp_path: Path) -> None:
    good = list(log_of(30, seed=11))
    mixed = [*good[:3], {**good[3], "unit": 7}, {**good[4], "facet": "nonsense"}, *good[5:]]
    poison = [(1, b"\xff\xfe not JSON"), (1, msgspec.json.encode(mixed)), (1, b"[]")]
    rest = [(1, msgspec.json.encode(good))]
    with WorkerProcess(broker.bootstrap, tmp_path) as worker:
        publish(broker.bootstrap, poison + rest)
        worker.wait_stored(ends(broker.bootstrap))
        letters = [DeadLetter.model_validate_json(record.value) for record in read_all(broker.bootstrap, "deadletter")]
        assert [(letter.place, letter.reason) for letter in letters] == [
            ("offset 0, the whole message", "undecodable"),
            ("offset 1, element 3", "invalid_value"),
            ("offset 1, element 4", "unknown_kind"),
        ]
        assert Sealer(SecretStr(KEY)).open(letters[0]) == poison[0][1]
        assert {letter.stream for letter in letters} == {"events.dossier-1"}
        assert downstream(broker.bootstrap, generation_of(worker)) == expected(
            [(1, msgspec.json.encode(good[:3] + good[5:])), *rest]
        )


def test_a_flood_of_poison_stops_the_worker_and_leaves_its_letters(broker: KafkaProcess, tmp_path: Path) -> None:
    publish(broker.bootstrap, [(2, b"nonsense")] * 30)
    with WorkerProcess(broker.bootstrap, tmp_path, IOC_FLOOD__RUN="20") as worker:
        assert worker.process.wait(60) == 1
        assert "events.dossier-2: 20 bad records in a row (flood.run)" in worker.said()
    assert len(read_all(broker.bootstrap, "deadletter")) == 20


def test_a_log_that_lost_what_comes_next_asks_for_a_new_generation(broker: KafkaProcess, tmp_path: Path) -> None:
    publish(broker.bootstrap, messages(log_of(400, 13), PARTITIONS, SMALL))
    with WorkerProcess(broker.bootstrap, tmp_path) as worker:
        worker.wait_stored(ends(broker.bootstrap))
        assert worker.end() == 0
    publish(broker.bootstrap, messages(log_of(400, 14), PARTITIONS, SMALL))
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    try:
        admin.delete_records({TopicPartition(EVENTS, at): end for at, end in ends(broker.bootstrap).items()})
    finally:
        admin.close()
    with WorkerProcess(broker.bootstrap, tmp_path) as worker:
        assert worker.process.wait(60) == 1
        assert "after the checkpoint at" in worker.said()
        assert "new generation" in worker.said()


def test_what_is_sealed_is_forgotten_and_never_said_again(broker: KafkaProcess, tmp_path: Path) -> None:
    written = list(messages(log_of(8_000, 17), PARTITIONS, SMALL))
    half = len(written) // 2
    horizon = local_day(BASE) - 30
    with WorkerProcess(broker.bootstrap, tmp_path) as worker:
        generation = generation_of(worker)
        # Seals are looked for with the first checkpoint, and then not again for a while.
        seal(broker.bootstrap, generation, horizon + KEPT_DAYS)
        publish(broker.bootstrap, written[:half])
        worker.wait_stored(ends(broker.bootstrap))
        worker.end(signal.SIGKILL)
    said = ends(broker.bootstrap, PARTIALS.name)
    with WorkerProcess(broker.bootstrap, tmp_path) as worker:
        publish(broker.bootstrap, written[half:])
        worker.wait_stored(ends(broker.bootstrap))
        assert worker.end() == 0
    flows = {r.rollup_id for r in load_catalogue().compiled.rollups.values() if r.mode == "flow"}

    def forgotten(rollup_id: str, grain: str, bucket: int) -> bool:
        return rollup_id in flows and (bucket if grain == "day" else (bucket + 7) // 24) < horizon

    def kept(found: Downstream) -> Downstream:
        return {cell: vector for cell, vector in found.items() if not forgotten(cell[0], cell[1], cell[3])}

    assert kept(downstream(broker.bootstrap, generation)) == kept(expected(written))
    assert len(kept(expected(written))) < len(expected(written))
    for record in read_all(broker.bootstrap, PARTIALS.name):
        batch = msgspec.json.decode(record.value)
        if record.offset >= said[record.partition]:
            assert not any(forgotten(batch["rollup_id"], batch["grain"], bucket) for bucket in batch["buckets"])


def seal(bootstrap: str, generation: str, until: int) -> None:
    """What the sink says once the days of all flows of dossiers before `until` are sealed."""
    rollups = [r.rollup_id for r in load_catalogue().compiled.rollups.values() if r.kind == "dossier"]
    with Producer(bootstrap) as producer:
        for rollup_id in rollups:
            said = Seal(generation=generation, rollup_id=rollup_id, sealed_until=until, sealed_at=clock.now())
            producer.publish(SEALS.name, 0, said.model_dump_json().encode(), said.key).wait(10)
