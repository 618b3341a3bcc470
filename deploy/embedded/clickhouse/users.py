"""Who may log in: names, passwords, who may only read, and how much."""

import hmac
import json
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, RootModel, SecretStr, ValidationError

from deploy.embedded.clickhouse.errors import authentication_failed
from ioc.errors import ConfigError
from ioc.settings.limits import ReaderLimits


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    password: SecretStr
    readonly: bool = False
    limits: ReaderLimits | None = None


class _File(RootModel[dict[str, _Entry]]):
    pass


@dataclass(frozen=True, slots=True)
class User:
    """A user who has logged in."""

    name: str
    readonly: bool
    limits: ReaderLimits | None = None
    """None: those of the server alone."""

    @property
    def caps(self) -> dict[str, int]:
        """The greatest value that the user may give each of these settings; empty: whatever it likes."""
        return {} if self.limits is None else self.limits.query_settings


class Users:
    """The users of the front, fixed for as long as it runs."""

    def __init__(
        self, passwords: Mapping[str, tuple[str, bool]], limits: Mapping[str, ReaderLimits] | None = None
    ) -> None:
        self._users = {name: (password.encode("utf-8"), readonly) for name, (password, readonly) in passwords.items()}
        self._limits = dict(limits or {})

    @classmethod
    def from_file(cls, path: Path) -> "Users":
        """Reads `{"name": {"password": "…", "readonly": false, "limits": {…}}}`; limits are those of `ReaderLimits`.

        Raises:
            ConfigError: the file is missing, others may read it, or it is not of this form.
        """
        try:
            if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise ConfigError(f"users file {path}: others may read it; set its mode to 0600")
            entries = _File.model_validate(json.loads(path.read_text(encoding="utf-8"))).root
        except OSError as error:
            raise ConfigError(f"users file {path}: {error.strerror}") from None
        except ValidationError as error:
            first = error.errors()[0]
            raise ConfigError(
                f"users file {path}: {'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
            ) from None
        except ValueError as error:
            raise ConfigError(f"users file {path}: not JSON: {error}") from None
        if not entries:
            raise ConfigError(f"users file {path}: it names no user; nobody could log in")
        return cls(
            {name: (entry.password.get_secret_value(), entry.readonly) for name, entry in entries.items()},
            {name: entry.limits for name, entry in entries.items() if entry.limits is not None},
        )

    def login(self, name: str, password: str) -> User:
        """The user of that name and password; an empty name means `default`.

        Takes the same time for a wrong password as for an unknown user.

        Raises:
            ServerError: 516.
        """
        name = name or "default"
        expected, readonly = self._users.get(name, (b"\x00", True))
        matches = hmac.compare_digest(expected, password.encode("utf-8"))
        if not matches or name not in self._users:
            raise authentication_failed(name)
        return User(name, readonly, self._limits.get(name))
