"""Records of the health REST in JSON. Persons are made up: every such text contains the word CANARY."""

from collections.abc import Callable, Sequence
from typing import Any

from ingest.simulator.health.changes import Version
from ingest.simulator.health.fhir_world import MINUTE_MS, facility, visit
from ingest.simulator.moments import DAY_MS, iso_ms
from ingest.simulator.world import Event

Write = Callable[[Event, int, Version], dict[str, Any]]
"""Writes a version of an event about a citizen, by the citizen's number among all."""

METHODS = {"chip-card": "CHIP_CARD", "vneid": "VNEID", "insurance-card": "INSURANCE_CARD", "other": "OTHER"}
"""By what the patient was identified, as this REST writes it."""


def booking_steps(event: Event) -> Sequence[int]:
    """When a booking is told: booked, confirmed, and closed after the hour that it was for."""
    draws = event.draws("booking")
    confirmed_ms = event.at_ms + int(draws.uniform(2, 120) * MINUTE_MS)
    return (event.at_ms, confirmed_ms, confirmed_ms + int(draws.uniform(2, 60) * 60 * MINUTE_MS))


def check_in_steps(event: Event) -> Sequence[int]:
    """When the check-in of a visit is told: at the counter, and when the visit ends and is paid; never for most visits."""
    seen = visit(event)
    return (event.at_ms, seen.steps_ms[-1]) if seen.at_counter else ()


def health_record(event: Event, citizen: int, version: Version) -> dict[str, Any]:
    """A citizen's record after a change."""
    draws = event.draws("record")
    created_ms = event.at_ms - (citizen * 7919 % 2_000 + 1) * DAY_MS
    return {
        "id": f"hs-{citizen}",
        **_person(citizen),
        "createdDate": iso_ms(created_ms),
        "updatedDate": iso_ms(version.updated_ms),
        "healthBook": citizen % 100 < 62,
        "vaccinations": citizen % 17 + draws.randrange(2),
    }


def booking(event: Event, citizen: int, version: Version) -> dict[str, Any]:
    """A booking by VnCare."""
    draws = event.draws("vncare")
    steps = booking_steps(event)
    closed = draws.choices(("DONE", "CHECKED_IN", "NO_SHOW", "CANCELLED"), (70, 8, 12, 10))[0]
    return {
        "id": f"dl-{event.number}",
        "number": f"VNC{event.number}",
        "facility": facility(draws),
        **_person(citizen),
        "reason": f"CANARY: ho, sốt {citizen}",
        "bookedDate": iso_ms(steps[0]),
        "plannedDate": iso_ms(steps[2] - 10 * MINUTE_MS),
        "closedDate": iso_ms(steps[2]) if version.step == len(steps) - 1 else None,
        "state": ("BOOKED", "CONFIRMED", closed)[version.step],
        "type": "TELE" if draws.random() < 0.12 else "IN_PERSON",
        "updatedDate": iso_ms(version.updated_ms),
    }


def check_in(event: Event, citizen: int, version: Version) -> dict[str, Any]:
    """A check-in at a station."""
    seen = visit(event)
    return {
        "id": f"ci-{event.number}",
        "facility": seen.facility,
        "linkKey": seen.link_key,
        **_person(citizen),
        "checkedInDate": iso_ms(event.at_ms),
        "method": METHODS[seen.how],
        "payment": {"paid": bool(version.step), "cashless": seen.cashless if version.step else None},
        "updatedDate": iso_ms(version.updated_ms),
    }


def _person(citizen: int) -> dict[str, Any]:
    return {
        "citizenId": f"CANARY-CCCD-{citizen:06}",
        "fullName": f"CANARY Trần Thị Đẹp {citizen}",
        "dateOfBirth": f"CANARY-{1940 + citizen % 84}-01-01",
        "phoneNumber": f"CANARY-SDT-{citizen}",
        "email": f"canary.{citizen}@example.invalid",
        "address": f"CANARY ấp {citizen % 40}, xã Tân Ân",
        "insuranceCard": f"CANARY-BHYT-{citizen}",
    }
