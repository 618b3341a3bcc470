"""`python -m ingest.simulator`: reads the flags, builds the journal, serves it until a signal comes."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from functools import partial

from aiohttp import web

from ingest.simulator import control, receipt, start
from ingest.simulator.clock import SimulatedClock, wall_ms
from ingest.simulator.errors import RequestError
from ingest.simulator.faults import COMMON, Faults
from ingest.simulator.flags import MQTT_PASSWORD, MQTT_USER, WEBHOOK_SECRET, parser
from ingest.simulator.generator import BACKFILL_DAYS, Generator
from ingest.simulator.journal import Journal
from ingest.simulator.model import Version
from ingest.simulator.moments import DAY_MS, from_ms
from ingest.simulator.population import PROCEDURES
from ingest.simulator.server import Access, DossierServer
from ingest.simulator.system import Login, Mqtt, SimulatedSystem, Webhook, World
from ingest.simulator.systems import SYSTEMS
from ingest.simulator.tidy import remove_old
from ioc.errors import ConfigError, FatalError

Run = Callable[[asyncio.Event], Coroutine[None, None, None]]

_SHUTDOWN_S = 0.01
"""Patience with answers under way at a stop; to aiohttp 0 means for ever."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the simulator; the exit code: 0 after a signal, 2 when it could not start."""
    flags = parser().parse_args(arguments)
    try:
        server, beside = build(flags)
        asyncio.run(_serve(server, _runs(beside, flags), flags.host, flags.port))
    except FatalError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def build(flags: argparse.Namespace) -> tuple[DossierServer, list[SimulatedSystem]]:
    """The server that the flags ask for, its journal filled as far as the clock has come; and the other systems.

    Raises:
        ConfigError: the flags, the log or the data directory do not fit.
    """
    cases = receipt.read_log(flags.log) if flags.log else []
    chosen = _choose(flags, cases)
    log: list[Version] = receipt.versions(cases, chosen.shift_days or 0)
    generator = None
    if flags.rate or flags.backfill:
        generator = Generator(seed=flags.seed, rate=flags.rate, backfill=flags.backfill, base_ms=chosen.base_ms)
    clock = SimulatedClock(chosen.origin_ms, chosen.base_ms, flags.speed)
    faults = Faults(flags.fault_seed)
    worlds = _worlds(flags, chosen, clock)
    beside = [(world, SYSTEMS[world.name](world)) for world in worlds]
    try:
        control.configure({name: {"probability": odds} for name, odds in flags.fault}, faults, beside)
    except RequestError as error:
        raise ConfigError(f"--fault: {error}") from error
    server = DossierServer(
        Journal(log, generator),
        clock,
        faults,
        access=Access(flags.user, flags.password, flags.dstcode, flags.session_ttl),
        procedures=(receipt.PROCEDURE, *PROCEDURES),
        updated_key=flags.updated_key,
        shift_days=chosen.shift_days,
        beside=beside,
    )
    server.advance()
    return server, [system for _, system in beside]


def _worlds(flags: argparse.Namespace, chosen: start.Start, clock: SimulatedClock) -> list[World]:
    webhook, mqtt = _webhook(flags), _mqtt(flags.mqtt)
    logins = {name: Login(user, password, flags.session_ttl) for name, (user, password) in flags.login}
    return [
        World(
            name=name,
            seed=chosen.seed,
            base_ms=chosen.base_ms,
            clock=clock,
            data_dir=flags.data_dir / name,
            times=chosen.times,
            history_days=chosen.history_days,
            drop_dir=flags.drop_dir / name if flags.drop_dir else None,
            faults=Faults(flags.fault_seed, names=COMMON),
            login=logins.get(name, Login(flags.user, flags.password, flags.session_ttl)),
            webhook=webhook,
            mqtt=mqtt,
        )
        for name in flags.systems
    ]


def _webhook(flags: argparse.Namespace) -> Webhook | None:
    if not flags.webhook:
        return None
    secret = os.environ.get(WEBHOOK_SECRET, "")
    if flags.webhook_secret_file:
        try:
            secret = flags.webhook_secret_file.read_text("utf-8").strip()
        except OSError as error:
            raise ConfigError(
                f"--webhook-secret-file {flags.webhook_secret_file}: {error.strerror}; give a readable file"
            ) from error
    if not secret:
        raise ConfigError(f"--webhook: no key to sign with; give --webhook-secret-file or {WEBHOOK_SECRET}")
    return Webhook(flags.webhook, secret)


def _mqtt(address: tuple[str, int] | None) -> Mqtt | None:
    if address is None:
        return None
    user, password = os.environ.get(MQTT_USER, ""), os.environ.get(MQTT_PASSWORD, "")
    return Mqtt(*address, user=user, password=password, until_heard=True)


def _choose(flags: argparse.Namespace, cases: list[receipt.LogCase]) -> start.Start:
    """The choices of the first start: kept ones, or new ones that are kept from now on."""
    log_sha256 = start.digest(flags.log)
    earlier = start.load(flags.data_dir)
    base_ms = wall_ms()
    shift_days, origin_ms = None, base_ms - (BACKFILL_DAYS * DAY_MS if flags.backfill else 0)
    if cases:
        shift_days = ((flags.end_date or from_ms(base_ms).date()) - receipt.last_day(cases)).days
        origin_ms = min(origin_ms, receipt.versions(cases, shift_days)[0].updated_ms)
    chosen = start.Start(
        shift_days=shift_days,
        log_sha256=log_sha256,
        base_ms=base_ms,
        origin_ms=origin_ms if flags.start is None else flags.start,
        rate=flags.rate,
        seed=flags.seed,
        backfill=flags.backfill,
        times=flags.times,
        history_days=flags.history_days,
    )
    if earlier is not None:
        start.same_data(earlier, chosen, flags.data_dir)
        return earlier
    start.save(flags.data_dir, chosen)
    return chosen


async def _serve(server: DossierServer, runs: Sequence[Run], host: str, port: int) -> None:
    runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise ConfigError(f"--host {host} --port {port}: {error.strerror}; give an address that is free") from error
        bound = runner.addresses[0]
        sys.stdout.write(f"ready http://{bound[0]}:{bound[1]}\n")
        sys.stdout.flush()
        await _run(runs, stop)
    finally:
        await runner.cleanup()


def _runs(beside: Sequence[SimulatedSystem], flags: argparse.Namespace) -> list[Run]:
    """What runs beside the server."""
    runs: list[Run] = [system.run for system in beside]
    if flags.drop_dir and flags.keep_days:
        runs += [partial(remove_old, flags.drop_dir / name, flags.keep_days * 86_400) for name in flags.systems]
    return runs


async def _run(runs: Sequence[Run], stop: asyncio.Event) -> None:
    """Runs all until `stop` is set; one that fails ends the process, which shows what it was."""
    async with asyncio.TaskGroup() as group:
        for run in runs:
            group.create_task(run(stop))
        await stop.wait()


if __name__ == "__main__":
    sys.exit(main())
