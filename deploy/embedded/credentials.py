"""Settings that a stack makes for itself at its first start: passwords and keys, drawn at random, kept in its folder.

`<data>/secrets.toml` (mode 0600) holds what was drawn. At each start it is laid under the user's own settings file, and the
result goes to `<data>/run/settings.toml`, which `IOC_SETTINGS` names for every component; the environment wins over
both. The front's users go to `<data>/run/users.json`.
"""

import base64
import json
import os
import secrets
import tomllib
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from deploy.embedded import prometheus, simulated
from ioc.errors import ConfigError
from ioc.settings import SETTINGS_VARIABLE, Settings, load_settings, settings_file

Tree = dict[str, Any]

USERS = {"admin": False, "writer": False, "wall": True, "analyst": True}
"""The logins in `clickhouse`, and whether each may only read."""


def generated_file(data_dir: Path) -> Path:
    """What was drawn at the first start."""
    return data_dir / "secrets.toml"


def effective_file(data_dir: Path) -> Path:
    """The settings file that the components of a stack read."""
    return data_dir / "run" / "settings.toml"


def users_file(data_dir: Path) -> Path:
    """The users of the ClickHouse front: `{name: {"password": …, "readonly": …, "limits": …}}`."""
    return data_dir / "run" / "users.json"


def draw() -> Tree:
    """New passwords and keys."""
    logins = {login: {"password": secrets.token_urlsafe(24)} for login in USERS}
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return {
        "clickhouse": logins,
        "privacy": {"hash_key": secrets.token_hex(32), "dead_letter_key": key},
        "sources": {
            "dossier": {"password": secrets.token_urlsafe(24)},
            "ioffice": {"password": secrets.token_urlsafe(24)},
            "health": {"password": secrets.token_urlsafe(24)},
            "hub": {
                "password": secrets.token_urlsafe(24),
                "webhook": {"secret": secrets.token_urlsafe(48)},
                "mqtt": {"password": secrets.token_urlsafe(24)},
            },
        },
    }


def prepare(settings: Settings, data_dir: Path, defaults: Tree | None = None) -> Settings:
    """Draws what was not drawn yet, writes the components' files, and returns the settings in force.

    From here on `IOC_SETTINGS` of this process names the effective file.

    Args:
        settings: the user's settings, without what is drawn.
        data_dir: the stack's folder, which exists.
        defaults: settings for what the user says nothing of.

    Raises:
        ConfigError: the kept file is damaged.
    """
    kept = generated_file(data_dir)
    earlier = _read(kept) if kept.is_file() else {}
    drawn = overlay(draw(), earlier)
    if drawn != earlier:  # at the first start; and where a folder of an earlier version lacks what is drawn since
        _write(kept, _HEAD + to_toml(drawn))
    tree = overlay(overlay(drawn, _derived(settings, data_dir)), defaults or {})
    if not settings.embedded.clickhouse:  # somebody else's server knows none of our passwords
        tree.pop("clickhouse", None)
    own = settings_file()
    if own.is_file() and own.resolve() != effective_file(data_dir).resolve():
        tree = overlay(tree, _read(own))
    tree = overlay(tree, {"embedded": {"data_dir": str(data_dir.absolute())}})
    _write(effective_file(data_dir), to_toml(tree))
    os.environ[SETTINGS_VARIABLE] = str(effective_file(data_dir).absolute())
    os.environ.pop("IOC_EMBEDDED__DATA_DIR", None)  # said in the file now, as an absolute path
    in_force = load_settings()
    # With what the environment says, so that `ioc status --data` from another shell asks the right ports.
    _write(effective_file(data_dir), to_toml(_spelt_out(in_force.model_dump())))
    _write(users_file(data_dir), json.dumps(front_users(in_force), indent=1) + "\n")
    return in_force


def _spelt_out(tree: Tree) -> Tree:
    """A dump of settings as TOML holds it: secrets and paths as text, what is not set left out."""
    plain: Tree = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            plain[key] = _spelt_out(value)
        elif isinstance(value, SecretStr):
            plain[key] = value.get_secret_value()
        elif value is not None:
            plain[key] = str(value) if isinstance(value, Path) else value
    return plain


def front_users(settings: Settings) -> dict[str, Tree]:
    """The users that the front must know."""
    users: dict[str, Tree] = {}
    for name, readonly in USERS.items():
        login = getattr(settings.clickhouse, name)
        users[login.user] = {"password": login.password.get_secret_value(), "readonly": readonly}
    users[settings.clickhouse.analyst.user]["limits"] = settings.clickhouse.analyst_limits.model_dump()
    return users


def overlay(below: Tree, above: Tree) -> Tree:
    """Both trees in one; where both say something, `above` wins."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        merged[key] = overlay(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return merged


def to_toml(tree: Tree, prefix: str = "") -> str:
    """A tree of tables, texts, numbers, booleans and lists of these as TOML."""
    plain = [f"{key} = {_value(value)}\n" for key, value in tree.items() if not isinstance(value, dict)]
    text = (f"[{prefix}]\n" if prefix and plain else "") + "".join(plain)
    for key, value in tree.items():
        if isinstance(value, dict):
            text += to_toml(value, f"{prefix}.{key}" if prefix else key)
    return text


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # JSON's escapes are TOML's; only DEL must be escaped in TOML and not in JSON.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    raise ConfigError(f"{value!r} cannot stand in a settings file; use text, numbers, true or false")


def _derived(settings: Settings, data_dir: Path) -> Tree:
    """What follows from the user's settings: the logins that passwords belong to; the connectors read the simulator, the wall the stack's Prometheus."""
    logins = {login: {"user": getattr(settings.clickhouse, login).user} for login in USERS}
    tree: Tree = {"clickhouse": logins, "sources": simulated.derived(settings, data_dir)}
    if prometheus.is_wanted(settings) and prometheus.find_prometheus():
        tree["wall"] = {"prometheus_url": prometheus.url(settings)}
    return tree


def _read(path: Path) -> Tree:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"settings file {path} is not TOML: {error}; mend it or move it away") from error


def _write(path: Path, text: str) -> None:
    """Replaces a file as a whole; only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.touch(0o600)
    scratch.write_text(text, "utf-8")
    scratch.replace(path)


_HEAD = """\
# Drawn at the first start of the stack in this folder, and kept: the tables' users and the keys of what is stored depend
# on it. Your own settings belong in ./ioc.toml or in the environment (IOC_…); they win over these.
"""
