"""One typed tree of settings: a TOML file and the environment over it; unknown keys are refused.

The file is `ioc.toml` in the working directory or the one that `IOC_SETTINGS` names; `IOC_KAFKA__BOOTSTRAP=…`
overrides `kafka.bootstrap`. Secrets are `SecretStr`: they never show in a log or a traceback.
"""

import difflib
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from ioc.errors import ConfigError
from ioc.settings.limits import ReaderLimits
from ioc.settings.people import BriefSettings, MailSettings, RemindersSettings
from ioc.settings.report import ReportSettings
from ioc.settings.section import Port, Section
from ioc.settings.sources import SourcesSettings


class KafkaSettings(Section):
    """The broker."""

    bootstrap: str = "127.0.0.1:19092"
    """Addresses of brokers, `host:port`, by comma."""
    replication: Annotated[int, Field(ge=1)] = 1
    """Copies of each topic that is created."""


class Login(Section):
    """A ClickHouse user."""

    user: str
    """Name of the user."""
    password: SecretStr = SecretStr("")
    """Its password."""


class ClickHouseSettings(Section):
    """The ClickHouse server and the users that the parts log in as."""

    host: str = "127.0.0.1"
    """Name or address of the server."""
    native_port: Port = 19000
    """Port of the native protocol."""
    http_port: Port = 18123
    """Port of the HTTP interface."""
    database: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] = "ioc"
    """Database that holds all tables."""
    cluster: str = ""
    """Name of the cluster for ON CLUSTER and Replicated engines; empty on one node."""
    admin: Login = Login(user="ioc_admin")
    """Migrates, and reads for `ioc reconcile`."""
    writer: Login = Login(user="ioc_writer")
    """The sink's."""
    wall: Login = Login(user="ioc_wall")
    """The wall's and Grafana's; reads only."""
    analyst: Login = Login(user="ioc_analyst")
    """For people with SQL; reads only."""
    analyst_limits: ReaderLimits = ReaderLimits()


class CatalogueSettings(Section):
    """Which catalogue and province profile are in force."""

    directory: Path | None = None
    """Folder of the catalogue's TOML; None takes the one in the package."""
    province: str = "ca_mau"
    """Profile of the province: the folder `provinces/<name>` of the catalogue."""


class PrivacySettings(Section):
    """Keys for what must not stand in clear."""

    hash_key: SecretStr = SecretStr("")
    """Key of the HMAC that replaces identifiers of persons."""
    dead_letter_key: SecretStr = SecretStr("")
    """Fernet key (44 characters, URL-safe base64) that dead letters' payloads are encrypted with."""


class FloodSettings(Section):
    """When bad records stop a stream instead of costing only themselves."""

    run: Annotated[int, Field(ge=1)] = 200
    """So many bad records in a row."""
    ratio: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Such a share of bad records among the last `window`."""
    window: Annotated[int, Field(ge=10)] = 1000
    """How many records `ratio` is taken over."""


class ListingSettings(Section):
    """When a listing of a source that has lost much is refused instead of deleting so much."""

    max_lost: Annotated[int, Field(ge=0)] = 50
    """So many entities may be gone at once, whatever share they are."""
    max_lost_share: Annotated[float, Field(ge=0, le=1)] = 0.2
    """More than these are refused when they are also more than this share of what was there before."""


class WorkerSettings(Section):
    """The fold."""

    instance: str = "worker-1"
    """Stable name of this worker: with it a restarted worker is back in seconds (static membership). Empty: none, it leaves at once."""
    generation: Annotated[str, Field(pattern=r"^([0-9a-f]{12})?$")] = ""
    """Fold this generation, whatever is live; empty: the live one."""
    take: Annotated[int, Field(ge=1)] = 400
    """Messages that are folded at once."""
    emit_s: Annotated[float, Field(gt=0)] = 1.0
    """Touched cells are sent at most once in so many seconds."""
    checkpoint_s: Annotated[float, Field(gt=0)] = 10.0
    """State is saved at most once in so many seconds."""


class SinkSettings(Section):
    """The writer of tables."""

    instance: str = "sink-1"
    """Stable name of this sink."""
    batch_rows: Annotated[int, Field(ge=1)] = 50_000
    """Rows that are stored at once."""
    batch_s: Annotated[float, Field(gt=0)] = 0.5
    """A smaller batch is stored after so many seconds."""
    snapshot_s: Annotated[float, Field(gt=0)] = 1.0
    """`indicator_now` is refreshed at most once in so many seconds."""
    seal_s: Annotated[float, Field(gt=0)] = 60.0
    """Late events are looked for, and days that have become old are sealed, once in so many seconds."""


class KeeperSettings(Section):
    """Living entities that nobody speaks of are published again, so that the log holds them."""

    every_h: Annotated[float, Field(ge=0)] = 24.0
    """Hours between two rounds; 0: there are none."""
    older_than_days: Annotated[float, Field(gt=0)] = 30.0
    """Entities that were not heard of for so many days: half of what Kafka keeps, so that a round may be missed."""


class WallSettings(Section):
    """The embedded wall."""

    host: str = "127.0.0.1"
    """Where the wall listens."""
    port: Port = 13000
    """Its port."""
    refresh_s: Annotated[float, Field(gt=0)] = 5.0
    """Seconds between two refreshes of the panels."""
    prometheus_url: str = ""
    """Address of the Prometheus that the dashboard of the pipeline reads, such as `http://127.0.0.1:9090`; empty: it says that there is none."""


class MetricsSettings(Section):
    """Ports that each process shows its Prometheus metrics on; 0 turns one off."""

    host: str = "127.0.0.1"
    """Where the metrics are shown."""
    ingest: Annotated[int, Field(ge=0, le=65535)] = 19101
    """The connectors' port."""
    worker: Annotated[int, Field(ge=0, le=65535)] = 19102
    """The worker's port."""
    sink: Annotated[int, Field(ge=0, le=65535)] = 19103
    """The sink's port."""
    brief: Annotated[int, Field(ge=0, le=65535)] = 19104
    """The port of the process that makes briefs and reminders."""


class SimulatorSettings(Section):
    """The simulated source systems of the embedded stack."""

    enabled: bool = True
    """Run the simulator beside the stack."""
    host: str = "127.0.0.1"
    """Where it listens."""
    port: Port = 18080
    """Its port."""
    log: Path | None = None
    """The real log (receipt.csv); None: generated dossiers only."""
    speed: str = "max"
    """How fast the log is lived through: a factor of real time, or `max`."""
    rate: Annotated[float, Field(ge=0)] = 1.0
    """Generated dossier versions a second; 0 for none."""
    seed: int = 1
    """Seed of the generator, and of the other systems."""
    times: Annotated[float, Field(gt=0)] = 1.0
    """Volume of the systems beside the dossiers'; 1 is a province of 1.2 million people."""
    history_days: Annotated[float, Field(ge=0)] = 2.0
    """Days before the first start in which those systems have data."""
    keep_days: Annotated[float, Field(gt=0)] = 3.0
    """Files that they dropped are removed after so many days."""


class EmbeddedSettings(Section):
    """The one-machine stack."""

    data_dir: Path = Path("var")
    """Folder of everything that the stack keeps."""
    kafka: bool = True
    """Run a broker here; false: `kafka.bootstrap` is somebody else's."""
    clickhouse: bool = True
    """Run the ClickHouse front here; false: `clickhouse` is somebody else's."""
    kafka_controller_port: Port = 19093
    """Port of the broker's controller."""
    kafka_heap_mb: Annotated[int, Field(ge=128)] = 512
    """Memory of the broker's Java heap, MiB."""
    mqtt: bool = True
    """Run an MQTT broker here where `sources.hub.mqtt` names this machine and `mqtt_port`, and mosquitto is installed."""
    mqtt_port: Port = 18883
    """Port of that broker; where the simulator runs, `sources.hub.mqtt` follows it."""
    simulator: SimulatorSettings = SimulatorSettings()


class Settings(BaseSettings):
    """The whole tree."""

    model_config = SettingsConfigDict(
        env_prefix="IOC_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        nested_model_default_partial_update=True,  # a file may name one key of a login and leave the others as they are
    )

    kafka: KafkaSettings = KafkaSettings()
    clickhouse: ClickHouseSettings = ClickHouseSettings()
    catalogue: CatalogueSettings = CatalogueSettings()
    sources: SourcesSettings = SourcesSettings()
    privacy: PrivacySettings = PrivacySettings()
    flood: FloodSettings = FloodSettings()
    listing: ListingSettings = ListingSettings()
    worker: WorkerSettings = WorkerSettings()
    sink: SinkSettings = SinkSettings()
    keeper: KeeperSettings = KeeperSettings()
    wall: WallSettings = WallSettings()
    report: ReportSettings = ReportSettings()
    mail: MailSettings = MailSettings()
    brief: BriefSettings = BriefSettings()
    reminders: RemindersSettings = RemindersSettings()
    metrics: MetricsSettings = MetricsSettings()
    embedded: EmbeddedSettings = EmbeddedSettings()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Records below this level are not logged."""
    log_json: bool = False
    """Log JSON instead of text."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (the signature is pydantic's)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments over the environment over the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, settings_file())


_PREFIX = "IOC_"
_MORE = "IOC_SOURCES__MORE__"
"""Settings of connectors beside the package: each checks its own."""

SETTINGS_VARIABLE = "IOC_SETTINGS"
"""Environment variable that names the settings file. It is not itself a setting."""


def settings_file() -> Path:
    """The file that settings are read from; it need not exist unless `IOC_SETTINGS` names it."""
    return Path(os.environ.get(SETTINGS_VARIABLE, "ioc.toml"))


def load_settings() -> Settings:
    """Reads the settings.

    Raises:
        ConfigError: the file that `IOC_SETTINGS` names is missing, is not TOML, or keys are unknown or out of range, in the file
            or in the environment; all faults are listed at once.
    """
    path = settings_file()
    if SETTINGS_VARIABLE in os.environ and not path.is_file():
        raise ConfigError(f"settings file {path} does not exist; set {SETTINGS_VARIABLE} to one that does, or unset it")
    faults = [f"{name}: no such setting{_hint(name)}" for name in unknown_variables()]
    try:
        settings = Settings()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"settings file {path} is not TOML: {error}") from error
    except SettingsError as error:
        # pydantic-settings stops at the first variable that should be JSON and is not.
        raise ConfigError(f"settings (environment IOC_*): {error}: {error.__cause__}") from error
    except ValidationError as refused:
        found = refused.errors(include_input=False, include_url=False)
        faults += [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in found]
        raise ConfigError(f"settings ({path} and environment IOC_*): {'; '.join(faults)}") from None
    if faults:
        raise ConfigError(f"settings (environment): {'; '.join(faults)}; docs/settings.md lists all")
    return settings


def setting_names(model: type[BaseModel] = Settings, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every section and setting, for example `("kafka", "bootstrap")`."""
    for name, info in model.model_fields.items():
        yield (*path, name)
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from setting_names(info.annotation, (*path, name))


def unknown_variables() -> list[str]:
    """Variables of the environment that look like settings and are none: most are spelt wrongly."""
    known = {_PREFIX + "__".join(path).upper() for path in setting_names()} | {SETTINGS_VARIABLE}
    return sorted(
        name
        for name in os.environ
        if name.upper().startswith(_PREFIX) and name.upper() not in known and not name.upper().startswith(_MORE)
    )


def _hint(name: str) -> str:
    known = [_PREFIX + "__".join(path).upper() for path in setting_names()]
    near = difflib.get_close_matches(name.upper(), known, n=1)
    return f" (did you mean {near[0]}?)" if near else ""
