"""What is pushed to the hub's connector, as a system of its own: it is answered at once, not at the next poll of the portal."""

from ingest.source import System
from ingest.sources.hub.mqtt import mqtt_part
from ingest.sources.hub.webhook import webhook_part
from ioc.settings.sources import HubSourceSettings

POLL_S = 0.01
PAGES_PER_S = 1000.0


def push_system(settings: HubSourceSettings) -> System:
    """The webhook's and the broker's streams; what has no port or host is left out.

    Raises:
        ConfigError: the webhook's secret is too short, or the broker's topic is none that can be divided into streams.
    """
    parts = [part for part in (webhook_part(settings), mqtt_part(settings)) if part is not None]

    def close() -> None:
        for part in parts:
            part.close()

    return System([stream for part in parts for stream in part.streams], POLL_S, PAGES_PER_S, close)
