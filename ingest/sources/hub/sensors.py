"""What stations, cameras and vessels' devices push: readings, counts, positions.

Readings and counts are facts that never change: their moment is part of the identifier, and is the update time too.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ingest.source import Change, Record, Target
from ingest.sources.hub.payload import flag, required_ms, required_scaled, scaled, second_of
from ingest.sources.values import required, text, utc, whole
from ioc.errors import SkippableError

MILLI, MICRO = 3, 6


@dataclass(frozen=True)
class Sensors:
    """One sort of what is pushed by MQTT.

    Attributes:
        stream: its name.
        level: its level of the topic: `sensors/<level>/<device>`.
        device: the field that names the device, as the topic's last level does.
        target: what its events are about.
        read: what a record says.
        known: fields that somebody has looked at.
    """

    stream: str
    level: str
    device: str
    target: Target
    read: Callable[[Record], Change]
    known: frozenset[str]


def reading(record: Record) -> Change:
    """A reading of a station.

    Raises:
        SkippableError: a field is missing or wrong; the message names it.
    """
    fields = record.fields
    station, quantity = required(fields, "tram"), required(fields, "dailuong")
    at_ms = required_ms(fields, "thoidiem")
    data = {
        "station": station,
        "quantity": quantity,
        "measured_at": utc(at_ms),
        "value_milli": required_scaled(fields, "giatri", MILLI),
        "breach": flag(fields, "vuotnguong", default=False),
    }
    return Change(f"{station}/{quantity}/{second_of(at_ms)}", text(fields, "donvi"), at_ms, data)


def count(record: Record) -> Change:
    """What a camera has counted in an interval.

    Raises:
        SkippableError: a field is missing or wrong; the message names it.
    """
    fields = record.fields
    camera = required(fields, "camera")
    at_ms = required_ms(fields, "batdau")
    data = {
        "camera": camera,
        "started_at": utc(at_ms),
        "vehicles": whole("soxe", required(fields, "soxe")),
        "speed_kmh_milli": scaled(fields, "tocdotb", MILLI),
        "incidents": whole("suco", text(fields, "suco") or "0"),
    }
    return Change(f"{camera}/{second_of(at_ms)}", text(fields, "donvi"), at_ms, data)


def position(record: Record) -> Change:
    """Where a fishing vessel's device was.

    Raises:
        SkippableError: a field is missing or wrong; the message names it.
    """
    fields = record.fields
    at_ms = required_ms(fields, "thoidiem")
    data = {
        "last_seen_at": utc(at_ms),
        "latitude_udeg": required_scaled(fields, "vido", MICRO),
        "longitude_udeg": required_scaled(fields, "kinhdo", MICRO),
        "at_sea": flag(fields, "trenbien"),
        "beyond_border": flag(fields, "vuotranhgioi", default=False),
    }
    return Change(required(fields, "sodangky"), text(fields, "donvi"), at_ms, data)


def check_device(record: Record, device: str, topic: str) -> None:
    """Gives a record a fault when it speaks for another device than the one whose topic it came by.

    A broker lets each device publish to its own topic only; a record must not get round that.
    """
    named = record.fields.get(device)
    if record.fault is None and isinstance(named, str) and named.strip() != topic.rpartition("/")[2]:
        record.fault = SkippableError("contradiction", f"{device} is not the last level of the topic")


READINGS = Sensors(
    "readings",
    "reading",
    "tram",
    Target("sensor_reading", "reading"),
    reading,
    frozenset({"tram", "dailuong", "thoidiem", "giatri", "vuotnguong", "donvi"}),
)
TRAFFIC = Sensors(
    "traffic",
    "traffic",
    "camera",
    Target("traffic_count", "count"),
    count,
    frozenset({"camera", "batdau", "soxe", "tocdotb", "suco", "donvi"}),
)
VESSELS = Sensors(
    "vessel_positions",
    "vessel",
    "sodangky",
    Target("vessel", "position"),
    position,
    frozenset({"sodangky", "thoidiem", "vido", "kinhdo", "trenbien", "vuotranhgioi", "donvi"})
    | {"chutau", "sdtchutau", "thuyentruong", "thuyenvien"},
)
ALL = (READINGS, TRAFFIC, VESSELS)
