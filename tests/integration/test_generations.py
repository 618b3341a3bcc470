"""A catalogue is deployed beside the live one: nothing is disturbed, nothing is lost, whoever is killed."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, TopicPartition

from ioc.generations import fold_group, read_register
from ioc.kafka.groups import members
from ioc.topics import PARTITIONS
from sinks.clickhouse.generations import point_to
from sinks.clickhouse.render import Target
from tests.integration.generations_rig import LOOK_S, OPEN, RECEIVED, GenerationsRig, by_channel, wait
from tests.worker_process import EVENTS, WorkerProcess, ends, wait_until


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GenerationsRig]:
    made = GenerationsRig(tmp_path_factory.mktemp("generations"))
    made.write(by_channel("post"), RECEIVED)
    with made:
        made.start_sink()
        yield made


def deploy(rig: GenerationsRig) -> str:
    return rig.ioc("catalogue", "deploy", "--yes", "--timeout", "90")


def went_over(worker: WorkerProcess, generation: str) -> bool:
    return f"to={generation}" in worker.said()


def test_beside_the_live_one_over_and_back(rig: GenerationsRig) -> None:
    first = rig.live
    with rig.worker() as worker:
        rig.tell(rig.log(1, 300))
        rig.wait_for("DVC-001", post := rig.cases(channel="post"))
        wait(rig.is_folded, "the first generation is folded")

        # A filter changes, an indicator comes; the live figures stay what they are and are told as they are.
        rig.write({**by_channel("online_full"), "name": "Trực tuyến"}, {**RECEIVED, "name": "Đã nhận"}, OPEN)
        assert rig.ioc("catalogue", "diff", code=1).splitlines()[:3] == [
            "+ DVC-003  Chưa xong", "! DVC-001  counts something else: name, filter", "~ DVC-002  name",
        ]  # fmt: skip
        assert "ioc catalogue deploy" in rig.ioc("migrate")
        assert (rig.live, rig.names()) == (first, ["Theo kênh", "Đã nhận", "Chưa xong"])
        wait(lambda: rig.figure("DVC-003") in (0, None), "what is not folded yet shows nothing")

        with rig.start("catalogue", "deploy", "--yes", "--timeout", "90") as killed:
            assert killed.stdout is not None
            second = next(name for name in read_register(rig.kafka.bootstrap).records if name != first)
            wait(lambda: bool(members(rig.kafka.bootstrap, fold_group(second))), "the second worker is at work")
            killed.send_signal(signal.SIGKILL)
        wait(lambda: not members(rig.kafka.bootstrap, fold_group(second)), "its worker has gone with it")
        assert (rig.live, rig.figure("DVC-001")) == (first, post)

        with rig.start("catalogue", "deploy", "--yes", "--timeout", "90") as process:
            while process.poll() is None:
                shown = rig.figure("DVC-001")
                assert rig.live == second or shown == post
                time.sleep(LOOK_S)
            assert process.stdout is not None
            said = process.stdout.read()
        assert process.returncode == 0, said
        assert f"generation {second} is live" in said
        assert "the worker has gone over" in said
        assert went_over(worker, second)
        rig.wait_for("DVC-001", rig.cases(channel="online_full"))
        rig.wait_for("DVC-003", rig.cases(finished_at=None))
        assert rig.names() == ["Trực tuyến", "Đã nhận", "Chưa xong"]

        rig.tell(rig.log(2, 200))
        rig.wait_for("DVC-003", rig.cases(finished_at=None))
        wait(rig.is_folded, "the worker folds the second one")

        assert "the worker has gone over" in rig.ioc("catalogue", "back")
        assert rig.live == first
        rig.wait_for("DVC-001", rig.cases(channel="post"))

        # A deploy that died between the row and the note: the sink tells the workers.
        with rig.client() as client:
            point_to(client, Target("ioc"), second, "", {})
        wait(lambda: worker.said().count(f"to={second}") == 2, "the worker follows the row")
        rig.wait_for("DVC-001", rig.cases(channel="online_full"))
        rig.ioc("catalogue", "back", "--at-once")
        assert rig.live == first
        rig.wait_for("DVC-001", rig.cases(channel="post"))

        listed = rig.ioc("catalogue", "generations")
        assert [line.split()[1:4:2] for line in listed.splitlines() if "│" in line and first in line] == [
            [first, "live"]
        ]

        assert "is live; deploy another" in rig.ioc("catalogue", "drop", first, code=1)
        assert f"generation {second} is gone" in rig.ioc("catalogue", "drop", second)
        with rig.client() as client:
            assert client.query(f"SELECT count() FROM ioc.partials WHERE generation = '{second}'") == [(0,)]
            assert client.query(f"SELECT count() FROM ioc.generations WHERE generation = '{second}'") == [(0,)]
        assert second not in rig.ioc("catalogue", "generations")
        assert second not in read_register(rig.kafka.bootstrap).records


def stored(rig: GenerationsRig) -> bool:
    """Whether all dossiers are in the tables."""
    with rig.client() as client:
        return client.query("SELECT count() FROM ioc.dossier") == [(sum(f == "case" for _, f in rig.known),)]


def cut_log(rig: GenerationsRig) -> None:
    """Has Kafka forget all that it holds of dossiers, as it does in time."""
    admin = KafkaAdminClient(bootstrap_servers=rig.kafka.bootstrap)
    try:
        admin.delete_records({TopicPartition(EVENTS, at): end for at, end in ends(rig.kafka.bootstrap).items()})
    finally:
        admin.close()


def test_what_lives_longer_than_the_log_is_in_a_new_generation(rig: GenerationsRig) -> None:
    rig.tell(rig.log(3, 100))
    with rig.worker() as worker:
        worker.wait_stored(ends(rig.kafka.bootstrap))
        wait(lambda: stored(rig), "all is stored")
        cut_log(rig)
        rig.write(by_channel("online_full"), RECEIVED, OPEN)
        said = deploy(rig)
        kept = int(said.split(" living entities")[0].split()[-1])
        assert rig.cases(finished_at=None) <= kept
        rig.wait_for("DVC-003", rig.cases(finished_at=None))
        assert rig.is_folded()

        # What is published again changes nothing.
        told = rig.ioc("keep", "--older-than", "0").splitlines()[-1]
        assert rig.cases(finished_at=None) <= int(told.split(" entities kept")[0])
        worker.wait_stored(ends(rig.kafka.bootstrap))
        assert rig.is_folded()


def reads(admin: KafkaAdminClient, topic: str) -> bool:
    """Whether the sink is given a topic."""
    (sink,) = admin.describe_groups(["ioc-sink-events"])["ioc-sink-events"]["members"]
    return any(found["topic"] == topic for found in sink["member_assignment"]["assigned_partitions"])


def test_a_topic_that_was_made_again_is_refused_and_costs_nothing(rig: GenerationsRig, tmp_path: Path) -> None:
    live = rig.live
    rig.tell(rig.log(4, 50))
    wait(lambda: stored(rig), "all is stored")
    admin = KafkaAdminClient(bootstrap_servers=rig.kafka.bootstrap)
    try:
        admin.delete_topics([EVENTS])
        wait_until(lambda: EVENTS not in admin.list_topics(), "the topic is deleted")
        # Meanwhile the sinks have shared what is left among them, and one that is started again at once is given just that.
        wait(lambda: not reads(admin, EVENTS), "the topic is taken from the sink")
    finally:
        admin.close()
    with rig.worker() as worker:
        assert worker.process.wait(60) == 1
        assert rig.process is not None
        assert rig.process.wait(60) == 1, "the sink would leave out what lies before its old offsets"
        assert f"{EVENTS} was deleted and made again while the sink read it" in rig.sink_log.read_text("utf-8")
        assert f"generation {live} cannot go on: {EVENTS} was deleted and made again since it began" in worker.said()
    assert sum(ends(rig.kafka.bootstrap).values()) == 0
    assert len(ends(rig.kafka.bootstrap)) == PARTITIONS
    rig.end_sink()
    rig.start_sink()
    deploy(rig)
    assert rig.live != live
    rig.wait_for("DVC-003", rig.cases(finished_at=None))
    assert rig.is_folded()
