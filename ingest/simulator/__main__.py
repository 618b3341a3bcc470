"""`python -m ingest.simulator`: reads the flags, builds the journal, serves it until a signal comes."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from aiohttp import web

from ingest.simulator import receipt, start
from ingest.simulator.clock import SimulatedClock, wall_ms
from ingest.simulator.faults import NAMES, Faults
from ingest.simulator.generator import BACKFILL_DAYS, Generator
from ingest.simulator.journal import Journal
from ingest.simulator.model import Version
from ingest.simulator.moments import DAY_MS, from_ms, read_iso
from ingest.simulator.population import PROCEDURES
from ingest.simulator.server import Access, DossierServer
from ioc.errors import ConfigError, FatalError

_SHUTDOWN_S = 0.01
"""Patience with answers under way at a stop; to aiohttp 0 means for ever."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the simulator; the exit code: 0 after a signal, 2 when it could not start."""
    flags = _parser().parse_args(arguments)
    try:
        server = build(flags)
        asyncio.run(_serve(server, flags.host, flags.port))
    except FatalError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def build(flags: argparse.Namespace) -> DossierServer:
    """The server that the flags ask for, its journal filled as far as the clock has come.

    Raises:
        ConfigError: the flags, the log or the data directory do not fit.
    """
    cases = receipt.read_log(flags.log) if flags.log else []
    chosen = _choose(flags, cases)
    log: list[Version] = receipt.versions(cases, chosen.shift_days or 0)
    generator = None
    if flags.rate or flags.backfill:
        generator = Generator(seed=flags.seed, rate=flags.rate, backfill=flags.backfill, base_ms=chosen.base_ms)
    server = DossierServer(
        Journal(log, generator),
        SimulatedClock(chosen.origin_ms, chosen.base_ms, flags.speed),
        Faults(flags.fault_seed, dict(flags.fault)),
        access=Access(flags.user, flags.password, flags.dstcode, flags.session_ttl),
        procedures=(receipt.PROCEDURE, *PROCEDURES),
        updated_key=flags.updated_key,
        shift_days=chosen.shift_days,
    )
    server.advance()
    return server


def _choose(flags: argparse.Namespace, cases: list[receipt.LogCase]) -> start.Start:
    """The choices of the first start: kept ones, or new ones that are kept from now on."""
    log_sha256 = start.digest(flags.log)
    earlier = start.load(flags.data_dir)
    if earlier is not None:
        start.same_data(
            earlier,
            log_sha256=log_sha256,
            rate=flags.rate,
            seed=flags.seed,
            backfill=flags.backfill,
            data_dir=flags.data_dir,
        )
        return earlier
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
    )
    start.save(flags.data_dir, chosen)
    return chosen


async def _serve(server: DossierServer, host: str, port: int) -> None:
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
        await stop.wait()
    finally:
        await runner.cleanup()


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    speed = float(text)
    if not 0 < speed < 1e9:
        raise argparse.ArgumentTypeError(f"{text}: give a number above 0, or max")
    return speed


def _fault(text: str) -> tuple[str, float]:
    name, _, probability = text.partition("=")
    if name not in NAMES:
        raise argparse.ArgumentTypeError(f"{name}: there are {', '.join(NAMES)}")
    if not 0 <= float(probability or "nan") <= 1:
        raise argparse.ArgumentTypeError(f"{text}: give NAME=PROBABILITY, 0 to 1")
    return name, float(probability)


def _not_negative(text: str) -> float:
    number = float(text)
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text}: give a number from 0")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ingest.simulator", description="The dossier source, simulated: docs/simulator.md"
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on")
    add("--port", type=int, default=8091, help="port to listen on; 0 takes a free one")
    add("--data-dir", type=Path, required=True, help="keeps the choices of the first start")
    add("--log", type=Path, help="the receipt log as CSV; absent: generator only")
    add(
        "--end-date",
        type=date.fromisoformat,
        help="local day of the log's last moment (first start only; default today)",
    )
    add("--speed", type=_speed, default=None, metavar="X|max", help="simulated time per real time (default max)")
    add("--start", type=read_iso, help="where the simulated clock begins (first start only; ISO 8601)")
    add("--rate", type=_not_negative, default=0.0, help="generated versions a second")
    add("--seed", type=int, default=1, help="seed of the generator")
    add(
        "--backfill",
        type=lambda text: int(_not_negative(text)),
        default=0,
        help="generated versions before the base time",
    )
    add("--user", default="connector", help="user or client id")
    add("--password", default="simulator", help="password or client secret")
    add("--dstcode", default="H12", help="header that the login must carry")
    add("--session-ttl", type=_not_negative, default=1800.0, help="seconds that a session or token lives")
    add("--updated-key", default="NgayCapNhat", help="update-time key of the national shape")
    add(
        "--fault",
        type=_fault,
        action="append",
        default=[],
        metavar="NAME=PROBABILITY",
        help="a fault from the start on",
    )
    add("--fault-seed", type=int, default=1, help="seed of the faults' draws")
    return parser


if __name__ == "__main__":
    sys.exit(main())
