"""The flags of `python -m ingest.simulator`."""

import argparse
from datetime import date
from pathlib import Path

from ingest.simulator.moments import read_iso
from ingest.simulator.systems import SYSTEMS

WEBHOOK_SECRET = "SIMULATOR_WEBHOOK_SECRET"  # noqa: S105 (the names of variables)
MQTT_USER = "SIMULATOR_MQTT_USER"
MQTT_PASSWORD = "SIMULATOR_MQTT_PASSWORD"  # noqa: S105
"""Environment variables of what must not stand in a command line."""


def parser() -> argparse.ArgumentParser:
    """What reads the command line."""
    found = argparse.ArgumentParser(
        prog="python -m ingest.simulator", description="The source systems, simulated: docs/simulator.md"
    )
    add = found.add_argument
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
    add("--systems", type=_systems, default=tuple(SYSTEMS), metavar="A,B", help="the other systems (default all)")
    add("--times", type=_positive, default=1.0, help="volume of the other systems, beside that of a province")
    add("--history-days", type=_not_negative, default=2.0, help="days before the base time in which they have data")
    add("--drop-dir", type=Path, help="folder that they drop files into, each in its own (default: no files)")
    add("--keep-days", type=_positive, help="days after which dropped files are removed (default: never)")
    add("--webhook", metavar="URL", help="where they push by HTTP (default: nowhere)")
    add("--webhook-secret-file", type=Path, help=f"holds the key that pushes are signed with; else {WEBHOOK_SECRET}")
    add(
        "--mqtt",
        type=_address,
        metavar="HOST:PORT",
        help=f"broker that they publish to (default: none); login: {MQTT_USER}, {MQTT_PASSWORD}",
    )
    add("--user", default="connector", help="user or client id")
    add("--password", default="simulator", help="password or client secret")
    add(
        "--login",
        type=_login,
        action="append",
        default=[],
        metavar="SYSTEM=USER:PASSWORD",
        help="the login of one of the other systems (default: --user and --password)",
    )
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
    return found


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    speed = float(text)
    if not 0 < speed < 1e9:
        raise argparse.ArgumentTypeError(f"{text}: give a number above 0, or max")
    return speed


def _fault(text: str) -> tuple[str, float]:
    name, _, probability = text.partition("=")
    if not 0 <= float(probability or "nan") <= 1:
        raise argparse.ArgumentTypeError(f"{text}: give NAME=PROBABILITY, 0 to 1")
    return name, float(probability)


def _not_negative(text: str) -> float:
    number = float(text)
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text}: give a number from 0")
    return number


def _positive(text: str) -> float:
    number = _not_negative(text)
    if number == 0:
        raise argparse.ArgumentTypeError(f"{text}: give a number above 0")
    return number


def _systems(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name for name in text.split(",") if name))
    unknown = [name for name in names if name not in SYSTEMS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: there are {', '.join(SYSTEMS) or 'none'}")
    return names


def _login(text: str) -> tuple[str, tuple[str, str]]:
    name, equals, login = text.partition("=")
    user, colon, password = login.partition(":")
    if not (name and equals and user and colon):
        raise argparse.ArgumentTypeError("give SYSTEM=USER:PASSWORD")
    return name, (user, password)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise argparse.ArgumentTypeError(f"{text}: give HOST:PORT")
    return host, int(port)
