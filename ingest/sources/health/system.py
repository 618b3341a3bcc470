"""The healthcare records as one system: the parts that the settings name."""

from collections.abc import Callable

from ingest.source import System
from ingest.sources.health.fhir import fhir_part
from ingest.sources.health.insurance import insurance_part
from ingest.sources.health.records import record_part
from ingest.sources.part import Part
from ioc.settings.sources import HealthSourceSettings

PARTS: tuple[Callable[[HealthSourceSettings], Part | None], ...] = (
    insurance_part,
    fhir_part,
    record_part,
)
"""Each makes a part from the settings, or None when it is not configured."""


def health_system(settings: HealthSourceSettings) -> System:
    """The streams that the settings name; what has no address or folder is left out.

    Raises:
        ConfigError: an address is none, or the folder is a file.
    """
    parts = [part for make in PARTS if (part := make(settings)) is not None]

    def close() -> None:
        for part in parts:
            part.close()

    return System([s for part in parts for s in part.streams], settings.poll_s, settings.requests_per_s, close)
