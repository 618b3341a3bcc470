"""One typed tree of settings: a TOML file and the environment over it; unknown keys are refused.

The file is `ioc.toml` in the working directory or the one that `IOC_SETTINGS` names; `IOC_KAFKA__BOOTSTRAP=…`
overrides `kafka.bootstrap`. Secrets are `SecretStr`: they never show in a log or a traceback.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from ioc.errors import ConfigError

Port = Annotated[int, Field(ge=1, le=65535)]


class Section(BaseModel):
    """A part of the tree; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class KafkaSettings(Section):
    """The broker."""

    bootstrap: str = "127.0.0.1:19092"
    replication: Annotated[int, Field(ge=1)] = 1


class Login(Section):
    """A ClickHouse user."""

    user: str
    password: SecretStr = SecretStr("")


class ClickHouseSettings(Section):
    """The ClickHouse server and the users that the parts log in as."""

    host: str = "127.0.0.1"
    native_port: Port = 19000
    http_port: Port = 18123
    database: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] = "ioc"
    cluster: str = ""
    """Name of the cluster for ON CLUSTER and Replicated engines; empty on one node."""
    admin: Login = Login(user="ioc_admin")
    writer: Login = Login(user="ioc_writer")
    wall: Login = Login(user="ioc_wall")
    analyst: Login = Login(user="ioc_analyst")


class CatalogueSettings(Section):
    """Which catalogue and province profile are in force."""

    directory: Path | None = None
    """Folder of the catalogue's TOML; None takes the one in the package."""
    province: str = "ca_mau"


class DossierSourceSettings(Section):
    """The dossier system, in one of its two real shapes."""

    enabled: bool = True
    shape: Literal["national", "rest"] = "national"
    url: str = "http://127.0.0.1:18080"
    user: str = "ioc"
    password: SecretStr = SecretStr("")
    dstcode: str = "VN:GOV:000.00.00.H12:vpdt"
    unit_code: str = "000.00.00.H12"
    poll_s: Annotated[float, Field(gt=0)] = 1.0
    page_size: Annotated[int, Field(ge=1, le=1000)] = 500
    overlap_s: Annotated[int, Field(ge=0)] = 300
    """Seconds before the cursor that each poll reads again, for records that the source shows late."""
    requests_per_s: Annotated[float, Field(gt=0)] = 50.0
    timeout_s: Annotated[float, Field(gt=0)] = 15.0


class SourcesSettings(Section):
    """The systems that are read."""

    dossier: DossierSourceSettings = DossierSourceSettings()


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


class WorkerSettings(Section):
    """The fold."""

    instance: str = "worker-1"
    """Stable name of this worker: with it a restarted worker is back in seconds (static membership)."""
    take: Annotated[int, Field(ge=1)] = 100
    emit_s: Annotated[float, Field(gt=0)] = 1.0
    checkpoint_s: Annotated[float, Field(gt=0)] = 10.0


class SinkSettings(Section):
    """The writer of tables."""

    instance: str = "sink-1"
    batch_rows: Annotated[int, Field(ge=1)] = 50_000
    batch_s: Annotated[float, Field(gt=0)] = 0.5
    snapshot_s: Annotated[float, Field(gt=0)] = 1.0
    """`indicator_now` is refreshed at most once in so many seconds."""


class WallSettings(Section):
    """The embedded wall."""

    host: str = "127.0.0.1"
    port: Port = 13000
    refresh_s: Annotated[float, Field(gt=0)] = 5.0


class MetricsSettings(Section):
    """Ports that each process shows its Prometheus metrics on; 0 turns one off."""

    host: str = "127.0.0.1"
    ingest: Annotated[int, Field(ge=0, le=65535)] = 19101
    worker: Annotated[int, Field(ge=0, le=65535)] = 19102
    sink: Annotated[int, Field(ge=0, le=65535)] = 19103


class SimulatorSettings(Section):
    """The simulated source systems of the embedded stack."""

    enabled: bool = True
    host: str = "127.0.0.1"
    port: Port = 18080
    log: Path | None = None
    """The real log (receipt.csv); None: generated dossiers only."""
    speed: str = "max"
    """How fast the log is lived through: a factor of real time, or `max`."""
    rate: Annotated[float, Field(ge=0)] = 1.0
    """Generated dossier versions a second; 0 for none."""
    seed: int = 1


class EmbeddedSettings(Section):
    """The one-machine stack."""

    data_dir: Path = Path("var")
    kafka: bool = True
    """Run a broker here; false: `kafka.bootstrap` is somebody else's."""
    clickhouse: bool = True
    """Run the ClickHouse front here; false: `clickhouse` is somebody else's."""
    kafka_controller_port: Port = 19093
    kafka_heap_mb: Annotated[int, Field(ge=128)] = 512
    simulator: SimulatorSettings = SimulatorSettings()


class Settings(BaseSettings):
    """The whole tree."""

    model_config = SettingsConfigDict(env_prefix="IOC_", env_nested_delimiter="__", extra="forbid", frozen=True)

    kafka: KafkaSettings = KafkaSettings()
    clickhouse: ClickHouseSettings = ClickHouseSettings()
    catalogue: CatalogueSettings = CatalogueSettings()
    sources: SourcesSettings = SourcesSettings()
    privacy: PrivacySettings = PrivacySettings()
    flood: FloodSettings = FloodSettings()
    worker: WorkerSettings = WorkerSettings()
    sink: SinkSettings = SinkSettings()
    wall: WallSettings = WallSettings()
    metrics: MetricsSettings = MetricsSettings()
    embedded: EmbeddedSettings = EmbeddedSettings()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_json: bool = False

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments over the environment over the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, settings_file())


SETTINGS_VARIABLE = "IOC_SETTINGS"
"""Environment variable that names the settings file. It is not itself a setting."""


def settings_file() -> Path:
    """The file that settings are read from; it need not exist unless `IOC_SETTINGS` names it."""
    return Path(os.environ.get(SETTINGS_VARIABLE, "ioc.toml"))


def load_settings() -> Settings:
    """Reads the settings.

    Raises:
        ConfigError: the file that `IOC_SETTINGS` names is missing, is not TOML, or keys are unknown or out of range;
            all faults are listed at once.
    """
    path = settings_file()
    if SETTINGS_VARIABLE in os.environ and not path.is_file():
        raise ConfigError(f"settings file {path} does not exist; set {SETTINGS_VARIABLE} to one that does, or unset it")
    try:
        return Settings()
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"settings file {path} is not TOML: {error}") from error
    except ValidationError as refused:
        faults = "; ".join(f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in refused.errors(include_input=False))
        raise ConfigError(f"settings ({path} and environment IOC_*): {faults}") from refused
