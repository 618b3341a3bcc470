"""A rig over a folder of insurance files that the simulator has made."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest.simulator.drops import drop
from ingest.simulator.faults import Faults
from ingest.simulator.health import insurance_spoil
from ingest.simulator.health.insurance_plan import FilePlan, Plan
from ingest.simulator.health.insurance_xml import document, hoso
from ingest.simulator.moments import DAY_MS
from ingest.simulator.reporting import Reporting
from ingest.simulator.world import HOSPITAL, Process
from ingest.source import System
from ingest.sources.health.system import health_system
from ingest.testing import Fault
from ioc.settings.sources import HealthSourceSettings

END_MS = 1_795_366_800_000
"""23/11/2026, 0 o'clock local time."""

FAULTS = (
    *(Fault(name) for name in ("unknown_field", "duplicate", "out_of_order", "wrong_encoding")),
    *(
        Fault(name, frozenset({"undecodable"}))
        for name in ("bad_base64", "bad_xml", "inner_dtd", "outer_dtd", "not_xml")
    ),
    *(Fault(name, frozenset({"missing_field"})) for name in ("missing_required", "no_general")),
    *(Fault(name, frozenset({"invalid_value"})) for name in ("wrong_code", "fractional_money")),
    *(Fault(name, frozenset({"contradiction"})) for name in ("discharged_first", "parts_over_total", "wrong_count")),
    Fault("huge_record", frozenset({"too_large"})),
    Fault("truncated", frozenset({"undecodable"})),
    Fault("other_root", frozenset({"unknown_kind"})),
)

POISON = Fault("missing_required", frozenset({"missing_field"}))


def files(visits_a_day: float) -> list[FilePlan]:
    """The files of three days."""
    begin_ms = END_MS - 4 * DAY_MS
    process = Process("health:fhir visits", visits_a_day, HOSPITAL, 5, 1.0, begin_ms)
    return Plan(process, Reporting("health:insurance", 5), Reporting("hours", 5, 900_000)).files(begin_ms, END_MS)


def mixed(visits_a_day: float) -> list[FilePlan]:
    """The six longest files of three days, and the last eighteen of one visit each."""
    every = files(visits_a_day)
    longest = sorted(every, key=lambda plan: -len(plan.sent))[:6]
    short = [plan for plan in every if len(plan.sent) == 1][-18:]
    return sorted(longest + short, key=lambda plan: plan.at_ms)


@dataclass
class FilesRig:
    """A folder, and what of it a fault has spoiled."""

    folder: Path
    plans: Sequence[FilePlan]
    streams: int = 1
    canaries: Sequence[str] = ("canary",)
    faults: Sequence[Fault] = FAULTS
    garbage: str = "gone"
    poison: Fault = POISON

    def fill(self) -> None:
        for plan in self.plans:
            texts = [hoso(visit, plan.style) for visit in plan.visits()]
            drop(self.folder / plan.name, document(plan.facility, plan.compiled, texts, plan.style))

    @property
    def versions(self) -> int:
        return sum(len(plan.visits()) for plan in self.plans)

    def system(self) -> System:
        settings = HealthSourceSettings(drop_dir=self.folder, settle_s=0, page_size=5, fhir_url="", records_url="")
        return health_system(settings)

    @contextmanager
    def misbehave(self, name: str, probability: float) -> Iterator[Callable[[], int]]:
        if name == self.garbage:
            away = self.folder.with_name("away")
            self.folder.rename(away)
            self.folder.mkdir()
            (self.folder / "a.xml").symlink_to(self.folder / "nowhere")
            try:
                yield lambda: 1
            finally:
                shutil.rmtree(self.folder)
                away.rename(self.folder)
            return
        faults = Faults(7, {name: probability}, insurance_spoil.NAMES)
        made = []
        for plan in self.plans:
            if faults.draw(name):
                body = insurance_spoil.spoiled(name, plan.facility, plan.compiled, plan.visits(), faults)
                path = self.folder / plan.name
                made.append(path.with_name(f"{path.stem}-{name}.xml"))
                drop(made[-1], body)
        try:
            yield lambda: len(made)
        finally:
            for path in made:
                path.unlink()
