"""Settings of the systems that are read."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, SecretStr

from ioc.settings.section import Port, Section


class DossierSourceSettings(Section):
    """The dossier system, in one of its two real shapes."""

    enabled: bool = True
    """Read this source."""
    shape: Literal["national", "rest"] = "national"
    """`national`: the sync services with a session; `rest`: the paged REST with a token."""
    url: str = "http://127.0.0.1:18080"
    """Where the system listens."""
    user: str = "ioc"
    """User, or client id."""
    password: SecretStr = SecretStr("")
    """Password, or client secret."""
    dstcode: str = "VN:GOV:000.00.00.H12:vpdt"
    """Header `dstcode` of the national shape."""
    unit_code: str = "000.00.00.H12"
    """`madonvi`: the unit that asks."""
    poll_s: Annotated[float, Field(gt=0)] = 1.0
    """Seconds between two polls."""
    page_size: Annotated[int, Field(ge=1, le=1000)] = 500
    """Records a page."""
    overlap_s: Annotated[int, Field(ge=0)] = 300
    """Seconds before the cursor that are read again from time to time, for records that the source shows late."""
    updated_key: str = "NgayCapNhat"
    """National shape: the key of the update time; systems differ."""
    requests_per_s: Annotated[float, Field(gt=0)] = 50.0
    """No more requests a second than this."""
    timeout_s: Annotated[float, Field(gt=0)] = 15.0
    """Seconds that an answer may take."""


class SystemSettings(Section):
    """What the settings of every system but the dossiers' begin with."""

    enabled: bool = False
    """Read this source."""
    drop_dir: Path | None = None
    """Folder that files are dropped into; None: no files are read."""
    settle_s: Annotated[float, Field(ge=0)] = 1.0
    """A dropped file is read when nothing about it has changed for so many seconds."""
    max_file_mb: Annotated[int, Field(ge=1)] = 512
    """Larger files are refused, MiB."""
    user: str = "ioc"
    """User of its HTTP services."""
    password: SecretStr = SecretStr("")
    """Password of that user."""
    poll_s: Annotated[float, Field(gt=0)] = 2.0
    """Seconds between two polls."""
    page_size: Annotated[int, Field(ge=1, le=1000)] = 500
    """Records a page."""
    requests_per_s: Annotated[float, Field(gt=0)] = 50.0
    """No more requests a second than this."""
    timeout_s: Annotated[float, Field(gt=0)] = 15.0
    """Seconds that an answer may take."""


class OfficeSourceSettings(SystemSettings):
    """iOffice: edXML documents and status messages, work files, accounts."""

    url: str = "http://127.0.0.1:18080/ioffice"
    """The document exchange and the REST of work files and accounts; empty: none is read."""
    organ_id: str = "000.00.00.H12"
    """The organisation that asks: `systemid` of the exchange, whose requests `password` signs."""
    overlap_s: Annotated[int, Field(ge=0)] = 600
    """Seconds before the cursor that are read again from time to time, for records that the source shows late."""


class HealthSourceSettings(SystemSettings):
    """Healthcare records: insurance files from the folder, FHIR and REST by HTTP."""

    fhir_url: str = "http://127.0.0.1:18080/fhir"
    """FHIR R4 base; empty: none is read."""
    records_url: str = "http://127.0.0.1:18080/health"
    """REST of health records, bookings and check-ins; empty: none is read."""
    fhir_login: Literal["bearer", "basic"] = "bearer"
    """`bearer`: a token by OAuth 2 client credentials; `basic`: user and password with each request."""
    fhir_token_url: str = ""
    """Where that token is had; empty: `oauth/token` below `fhir_url`."""
    overlap_s: Annotated[int, Field(ge=0)] = 300
    """Seconds before the cursor that are read again from time to time, for resources that show late."""


class WebhookSettings(Section):
    """The webhook that senders push to."""

    host: str = "127.0.0.1"
    """Where it listens."""
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Its port; 0: there is no webhook."""
    secret: SecretStr = SecretStr("")
    """Key of the HMAC that senders sign with."""
    max_kb: Annotated[int, Field(ge=1)] = 1024
    """Larger requests are refused, KiB."""
    clock_skew_s: Annotated[int, Field(ge=1)] = 300
    """A request signed longer ago, or further ahead, is refused."""
    max_waiting: Annotated[int, Field(ge=1, le=10_000)] = 64
    """So many requests may be read or wait for their answer at once; others are told to come again."""


class MqttSettings(Section):
    """The broker that sensors push to."""

    host: str = ""
    """Its name or address; empty: there is none."""
    port: Port = 1883
    """Its port."""
    user: str = ""
    """User; empty: no login."""
    password: SecretStr = SecretStr("")
    """Password of that user."""
    topic: str = "sensors/#"
    """What is subscribed to: the level before `#` has one level below it for each stream."""
    client_id: str = "ioc-ingest"
    """Stable name, followed by the stream's: the broker keeps messages for the session of that name."""
    session_days: Annotated[int, Field(ge=1, le=49_000)] = 7
    """Days that the broker keeps messages while the connector is away."""
    max_payload_kb: Annotated[int, Field(ge=1, le=1024)] = 64
    """Larger messages are refused, KiB."""


class HubSourceSettings(SystemSettings):
    """The data hub: CKAN, LGSP counters, dropped CSV and XLSX, webhook, sensors by MQTT."""

    ckan_url: str = "http://127.0.0.1:18080/ckan"
    """CKAN portal; empty: none is read."""
    lgsp_url: str = "http://127.0.0.1:18080/lgsp"
    """Call counters of the shared services; empty: none are read."""
    webhook: WebhookSettings = WebhookSettings()
    mqtt: MqttSettings = MqttSettings()


class SourcesSettings(Section):
    """The systems that are read."""

    dossier: DossierSourceSettings = DossierSourceSettings()
    """The dossier system."""
    ioffice: OfficeSourceSettings = OfficeSourceSettings()
    """iOffice."""
    health: HealthSourceSettings = HealthSourceSettings()
    """Healthcare records."""
    hub: HubSourceSettings = HubSourceSettings()
    """The data hub."""
    directory: Path | None = None
    """Folder of further connectors, a file `<name>.py` each; None: there are none."""
    # A connector's own secrets stand here as plain text: they are shown neither as text nor as JSON.
    more: Annotated[dict[str, dict[str, Any]], Field(repr=False), PlainSerializer(list, when_used="json")] = {}
    """Settings of further connectors: a table `[sources.more.NAME]` each, with the keys of its own `Settings`."""
