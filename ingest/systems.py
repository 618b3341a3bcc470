"""The systems that the settings switch on."""

from ingest.kit.load import more_systems
from ingest.source import System
from ingest.sources.dossier_national import national_system
from ingest.sources.dossier_rest import rest_system
from ingest.sources.health.system import health_system
from ingest.sources.hub.push import push_system
from ingest.sources.hub.system import hub_system
from ingest.sources.ioffice.system import ioffice_system
from ioc.settings.sources import SourcesSettings


def enabled(settings: SourcesSettings) -> list[System]:
    """Every system that is to be read, in the shape that it speaks.

    Raises:
        ConfigError: an address is none, or a connector beside the package cannot be loaded.
    """
    systems = []
    if settings.dossier.enabled:
        make = {"national": national_system, "rest": rest_system}[settings.dossier.shape]
        systems.append(make(settings.dossier))
    if settings.health.enabled:
        systems.append(health_system(settings.health))
    if settings.hub.enabled:
        systems += [hub_system(settings.hub), push_system(settings.hub)]
    if settings.ioffice.enabled:
        systems.append(ioffice_system(settings.ioffice))
    return [*systems, *more_systems(settings)]
