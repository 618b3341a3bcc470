"""iOffice as the settings name it."""

from ingest.source import Source, System
from ingest.sources.ioffice.accounts_csv import AccountFiles
from ingest.sources.ioffice.dropped import DroppedMessages
from ingest.sources.ioffice.exchange import Exchange, ExchangedMessages
from ingest.sources.ioffice.rest import OfficeRest, rest_streams
from ioc.settings.sources import OfficeSourceSettings


def ioffice_system(settings: OfficeSourceSettings) -> System:
    """The streams whose folder or address is there.

    Raises:
        ConfigError: the address is none, the folder is no folder.
    """
    streams: list[Source] = []
    closing: list[Exchange | OfficeRest] = []
    if settings.drop_dir is not None:
        streams += [DroppedMessages(settings), AccountFiles(settings)]
    if settings.url:
        exchange, rest = Exchange(settings), OfficeRest(settings)
        closing += [exchange, rest]
        streams += [
            ExchangedMessages("exchange", "edoc", settings, exchange),
            ExchangedMessages("exchange_status", "status", settings, exchange),
            *rest_streams(settings, rest),
        ]

    def close() -> None:
        for one in closing:
            one.close()

    return System(streams, settings.poll_s, settings.requests_per_s, close)
