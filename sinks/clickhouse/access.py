"""Users, roles and quotas for a server that keeps them itself.

The embedded engine has no access control: there the front knows the users from the settings and enforces what it can.
"""

import hashlib

from ioc.errors import ConfigError
from ioc.settings import ClickHouseSettings, Login
from sinks.clickhouse.client import Database
from sinks.clickhouse.render import MIGRATIONS, Target, numbered


def access_statements(target: Target, settings: ClickHouseSettings) -> list[str]:
    """The statements; passwords stand in them as SHA-256 hashes.

    Raises:
        ConfigError: a user's name cannot stand in a statement.
    """
    values: dict[str, str] = {}
    for role in ("writer", "wall", "analyst"):
        login: Login = getattr(settings, role)
        if not login.user or "`" in login.user or "\\" in login.user:
            raise ConfigError(f"clickhouse.{role}.user: {login.user!r} is not a name of a user")
        values[role] = login.user
        values[f"{role}_hash"] = hashlib.sha256(login.password.get_secret_value().encode()).hexdigest()
    limits = settings.analyst_limits
    values |= {name: str(most) for name, most in limits.query_settings.items()}
    values |= {name: str(getattr(limits, name)) for name in ("concurrent", "queries_per_hour", "seconds_per_hour")}
    return [s for script in numbered(MIGRATIONS / "access") for s in script.statements(target, values)]


def apply_access(database: Database, target: Target, settings: ClickHouseSettings) -> list[str]:
    """Makes users, roles and quotas as the settings name them; passwords follow the settings. Returns what was applied.

    Raises:
        FatalError: the administrator may not grant access.
    """
    for statement in access_statements(target, settings):
        database.execute(statement)
    return ["access"]
