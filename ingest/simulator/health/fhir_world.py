"""What happens at the health facilities: visits, bookings, vaccinations and findings, drawn event by event."""

import random
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from ingest.simulator.moments import from_ms
from ingest.simulator.world import OFFICE, Event, Profile

MINUTE_MS = 60_000

FACILITIES = tuple(f"96{number:03}" for number in range(1, 126))
"""Codes (MACSKCB) of the province's 125 health facilities: hospitals first, then centres, then stations of communes."""

STATIONS = frozenset(FACILITIES[24:])
"""Those of communes."""

UNKNOWN_FACILITY = "96999"
"""A code that nobody has mapped; one event in a thousand names it."""

_WEIGHTS = tuple(accumulate([40.0] * 3 + [14.0] * 9 + [5.0] * 12 + [1.0] * 101))

VISITS = "fhir visits"
VISITS_A_DAY = 9_000
"""The process that Encounters, insurance files and check-ins tell of."""

COMMUNES = tuple(f"{number:05}" for number in range(32002, 32248, 3))
"""Codes (MAXA_CU_TRU) of communes."""

VACCINES = ("08", "20", "17", "10", "03", "120", "133", "141", "208", "39")
"""CVX codes of the vaccines of the national programme and of some that are paid for."""

DISEASES = ("A91", "B084", "B01", "A15", "J11", "B26", "A09", "B05", "A39", "A82")
"""What is found and must be notified (A09 need not), the most frequent first."""

ILLNESSES = ("J06.9", "I10", "E11.9", "K29.7", "M54.5", "J20.9", "A91", "N39.0", "S61.9", "O80", "Z00.0", "H10.9")
"""Main diseases of visits."""

_SEASON = (0.4, 0.3, 0.3, 0.4, 0.7, 1.2, 1.7, 1.9, 1.8, 1.6, 1.2, 0.6)
"""Infectious diseases by month: dengue and hand, foot and mouth follow the rains."""

VACCINATION = Profile(hours=OFFICE.hours, weekdays=(0.9, 1, 1.1, 1.1, 0.9, 0, 0), holiday=0)
"""Vaccinations: on weekdays only."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit, as it was drawn.

    Attributes:
        facility: its code.
        link_key: MA_LK of the insurance file that tells of it; empty for who is not insured.
        setting: class of the Encounter.
        how: by what the patient was identified; empty where the facility does not tell.
        cashless: how the bill was paid.
        illness: main disease.
        ends: how it ends: `finished`, `cancelled` or `entered-in-error`.
        steps_ms: when it was told: arrived, in progress, ended.
    """

    facility: str
    link_key: str
    setting: str
    how: str
    cashless: bool
    illness: str
    ends: str
    steps_ms: Sequence[int]

    @property
    def at_counter(self) -> bool:
        """Whether the REST of check-ins tells how the patient came, and not the Encounter: insured, at a commune's station."""
        return bool(self.link_key) and bool(self.how) and self.facility in STATIONS

    @property
    def facts(self) -> Sequence[int]:
        """How many facets a connector can tell of its Encounter, by its step."""
        here = (1 if self.how and not self.at_counter else 0) + (0 if self.link_key else 1)
        gone = 1 if self.link_key else 2
        return (here, here, here if self.ends == "finished" else gone)


def facility(draws: random.Random) -> str:
    """A facility, hospitals more often than stations."""
    if draws.random() < 0.001:
        return UNKNOWN_FACILITY
    return FACILITIES[bisect(_WEIGHTS, draws.random() * _WEIGHTS[-1])]


def visit(event: Event) -> Visit:
    """The visit of an event."""
    draws = event.draws()
    place = facility(draws)
    setting = draws.choices(("AMB", "IMP", "EMER", "SS"), (86, 9, 4, 1))[0]
    stay_ms = int(draws.uniform(1, 9) * 24 * 60 * MINUTE_MS if setting == "IMP" else draws.uniform(40, 240) * MINUTE_MS)
    called_ms = event.at_ms + int(draws.uniform(3, 30) * MINUTE_MS)
    return Visit(
        facility=place,
        link_key=f"{place}{event.number}" if draws.random() < 0.88 else "",
        setting=setting,
        how=draws.choices(("chip-card", "vneid", "insurance-card", "other", ""), (58, 14, 16, 4, 8))[0],
        cashless=draws.random() < 0.41,
        illness=draws.choice(ILLNESSES),
        ends=draws.choices(("finished", "cancelled", "entered-in-error"), (985, 12, 3))[0],
        steps_ms=(event.at_ms, called_ms, called_ms + stay_ms),
    )


def booking_steps(event: Event) -> Sequence[int]:
    """When an appointment is told: booked, and closed after the hour that it was for."""
    draws = event.draws("booking")
    planned_ms = event.at_ms + int(draws.uniform(1, 72) * 60 * MINUTE_MS)
    return (event.at_ms, planned_ms + int(draws.uniform(5, 90) * MINUTE_MS))


def finding_steps(event: Event) -> Sequence[int]:
    """When a finding is told: as preliminary, and for most as final some hours later."""
    draws = event.draws("finding")
    final_ms = event.at_ms + int(draws.uniform(1, 30) * 60 * MINUTE_MS)
    return (event.at_ms, final_ms) if draws.random() < 0.8 else (event.at_ms,)


def once(event: Event) -> Sequence[int]:
    """When a vaccination is told: once."""
    return (event.at_ms,)


def disease(event: Event) -> str:
    """The disease that a finding tells of, more often in the season; empty for a plain measurement."""
    draws = event.draws("disease")
    share = 0.03 * _SEASON[from_ms(event.at_ms).month - 1]
    return draws.choices(DISEASES, range(len(DISEASES), 0, -1))[0] if draws.random() < share else ""
