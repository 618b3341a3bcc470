"""One typed tree of settings: a TOML file and the environment over it; unknown keys are refused.

The file is `ioc.toml` in the working directory or the one that `IOC_SETTINGS` names; `IOC_KAFKA__BOOTSTRAP=…`
overrides `kafka.bootstrap`. Secrets are `SecretStr`: they never show in a log or a traceback.
"""

import difflib
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from ioc.errors import ConfigError
from ioc.settings.embedded import EmbeddedSettings, SimulatorSettings
from ioc.settings.people import BriefSettings, MailSettings, RemindersSettings
from ioc.settings.report import ReportSettings
from ioc.settings.section import Section
from ioc.settings.servers import ClickHouseSettings, KafkaSettings, Login
from ioc.settings.sources import SourcesSettings
from ioc.settings.stages import (
    FloodSettings,
    KeeperSettings,
    ListingSettings,
    MetricsSettings,
    SinkSettings,
    WallSettings,
    WorkerSettings,
)

__all__ = [
    "SETTINGS_VARIABLE",
    "CatalogueSettings",
    "ClickHouseSettings",
    "EmbeddedSettings",
    "FloodSettings",
    "KafkaSettings",
    "ListingSettings",
    "Login",
    "MetricsSettings",
    "Settings",
    "SimulatorSettings",
    "SinkSettings",
    "WallSettings",
    "WorkerSettings",
    "load_settings",
    "setting_names",
    "settings_file",
    "unknown_variables",
]


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
