"""The data hub as one system: the parts that the settings name."""

from collections.abc import Callable

from ingest.source import System
from ingest.sources.hub.ckan import ckan_part
from ingest.sources.hub.lgsp import lgsp_part
from ingest.sources.hub.reports import reports_part
from ingest.sources.part import Part
from ioc.settings.sources import HubSourceSettings

PARTS: tuple[Callable[[HubSourceSettings], Part | None], ...] = (ckan_part, lgsp_part, reports_part)
"""Each makes a part from the settings, or None when it is not configured."""


def hub_system(settings: HubSourceSettings) -> System:
    """The streams that the settings name; what has no address, folder or port is left out.

    Raises:
        ConfigError: an address is none, or a part's settings contradict one another.
    """
    parts = [part for make in PARTS if (part := make(settings)) is not None]

    def close() -> None:
        for part in parts:
            part.close()

    return System([s for part in parts for s in part.streams], settings.poll_s, settings.requests_per_s, close)
