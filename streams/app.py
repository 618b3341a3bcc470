"""Faust's part: it joins the group, is given partitions, and delivers messages. What is applied the worker decides.

No tables, one shared agent over all topics of events, automatic acknowledgements: Faust's commit and recovery can skip,
repeat and commit past what was processed, so its committed offset is only a hint where to begin delivering.
"""

import asyncio
from pathlib import Path
from typing import Any

import faust

from ioc.generations import fold_group
from ioc.settings import Settings
from streams.log import Place, Record
from streams.worker import TEND_S, Worker

WITHIN_S = 0.1
"""A batch that is not full is taken after so long."""


def build(settings: Settings, generation: str, topics: list[str], directory: Path, worker: Worker) -> faust.App:
    """The Faust application of one generation.

    Args:
        settings: the whole settings.
        generation: name of the generation.
        topics: topics of events; they must exist.
        directory: Faust's own folder.
        worker: what takes the messages.
    """
    app = faust.App(
        fold_group(generation),
        broker=[f"kafka://{address}" for address in settings.kafka.bootstrap.split(",")],
        store="memory://",
        datadir=str(directory),
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=8 << 20,
        consumer_group_instance_id=settings.worker.instance or None,
        # Waiting for unacknowledged events hangs a rebalance; what is applied does not depend on them.
        stream_wait_empty=False,
        broker_session_timeout=10.0,
        broker_heartbeat_interval=1.0,
        broker_request_timeout=15.0,
    )
    source = app.topic(*topics, value_serializer="raw", key_serializer="raw", value_type=bytes, key_type=bytes)

    async def fold(stream: Any) -> None:
        async for events in stream.take_events(settings.worker.take, within=WITHIN_S):
            by_place: dict[Place, list[Record]] = {}
            for event in events:
                message = event.message
                record = Record(message.offset, message.key, message.value)
                by_place.setdefault(Place(message.topic, message.partition), []).append(record)
            await worker.deliver(by_place, behind=len(events) >= settings.worker.take)

    def end_of(place: Place) -> int | None:
        try:
            end = app.consumer.highwater(faust.types.TP(place.topic, place.partition))
        except AssertionError:
            # aiokafka's word for a partition that was revoked while its turn was taken.
            return None
        return int(end) if end else None

    async def tend() -> None:
        while not app.should_stop:
            await worker.tend(end_of)
            await asyncio.sleep(TEND_S)

    async def assigned(_sender: Any, /, *given: Any, **_rest: Any) -> None:
        (assigned,) = given
        worker.assign(Place(at.topic, at.partition) for at in assigned if at.topic in topics)

    async def revoked(_sender: Any, /, *_given: Any, **_rest: Any) -> None:
        worker.revoke()

    async def before_shutdown(_sender: Any, /, *_given: Any, **_rest: Any) -> None:
        await worker.close()

    app.agent(source, name="fold")(fold)
    app.task(tend)
    app.on_partitions_assigned.connect(assigned, weak=False)
    app.on_partitions_revoked.connect(revoked, weak=False)
    app.on_before_shutdown.connect(before_shutdown, weak=False)
    return app


def run(settings: Settings, generation: str, topics: list[str], directory: Path, worker: Worker) -> int:
    """Builds the application (see `build`) and runs it until SIGTERM or SIGINT; gives the exit code.

    Raises:
        Exception: what made Faust itself crash.
    """
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    app = build(settings, generation, topics, directory, worker)
    process = faust.Worker(app, loop=loop, quiet=True, redirect_stdouts=False, override_logging=False)
    process.spinner = None
    try:
        process.execute_from_commandline()
    except SystemExit as ended:
        return int(ended.code or 0)
