"""Settings of the front: a JSON file, flags over it."""

import json
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ioc.errors import ConfigError

Port = Annotated[int, Field(ge=1, le=65535)]


class FrontSettings(BaseModel):
    """How the front serves; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: Path
    """Directory of the data; made if it is not there."""
    users: Path
    """JSON file of users: `{"name": {"password": "…", "readonly": false}}`, mode 0600."""
    host: str = "127.0.0.1"
    native_port: Port = 9000
    http_port: Port = 8123
    memory_limit_mib: Annotated[int, Field(ge=256)] = 2048
    """What all queries together may hold; one query three quarters of it."""
    max_queries: Annotated[int, Field(ge=1)] = 32
    """Queries that run at once; the next one gets error 202."""
    max_connections: Annotated[int, Field(ge=1)] = 256
    """Connections of the native protocol at once; the next one is closed."""
    body_max_mib: Annotated[int, Field(ge=1)] = 256
    """Largest body of an HTTP request."""
    drain_s: Annotated[float, Field(ge=0)] = 5.0
    """How long a stop waits for queries under way."""

    @classmethod
    def load(cls, path: Path | None, flags: dict[str, str]) -> Self:
        """Reads the file, if one is named, and lays the flags over it.

        Raises:
            ConfigError: the file cannot be read, or a value is missing, unknown or out of range.
        """
        values: dict[str, object] = {}
        where = "flags"
        if path is not None:
            where = f"settings file {path}"
            try:
                values = json.loads(path.read_text(encoding="utf-8"))
            except OSError as error:
                raise ConfigError(f"{where}: {error.strerror}") from None
            except ValueError as error:
                raise ConfigError(f"{where}: not JSON: {error}") from None
        try:
            return cls.model_validate({**values, **flags})
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            raise ConfigError(f"{where}: {problems}") from None
