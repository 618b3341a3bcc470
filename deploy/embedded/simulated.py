"""The simulator of the stack: which systems' settings follow it, and the flags that it is run with.

A system is simulated as a whole or not at all: as soon as the user names one address of it, nothing of that system is derived, so that no
made-up record ever stands beside a true one.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from deploy.embedded.mosquitto import HOST, find_mosquitto
from ioc.settings import Settings
from ioc.settings.section import Section

Tree = dict[str, Any]

WEBHOOK_PORT = 18090
"""Port of the webhook where the simulator runs and the user names none."""

MQTT_USER = "ioc"
"""Who connects to the stack's MQTT broker."""

_ADDRESSES = {
    "ioffice": ("url", "drop_dir"),
    "health": ("fhir_url", "records_url", "drop_dir"),
    "hub": ("ckan_url", "lgsp_url", "drop_dir", "mqtt.host"),
}
"""The settings of each system that say where it is. The webhook's port is none: it is where senders find us."""


def drop_dir(data_dir: Path) -> Path:
    """Folder that holds each system's folder of dropped files."""
    return data_dir.absolute() / "drop"


def derived(settings: Settings, data_dir: Path) -> Tree:
    """The settings of the sources that follow from the simulator's: it is what they read. Empty when it does not run.

    Args:
        settings: the user's settings.
        data_dir: the stack's folder.
    """
    simulator = settings.embedded.simulator
    if not simulator.enabled:
        return {}
    base = f"http://{simulator.host}:{simulator.port}"
    tree: Tree = {
        "ioffice": {"url": f"{base}/ioffice"},
        "health": {"fhir_url": f"{base}/fhir", "records_url": f"{base}/health"},
        "hub": {
            "ckan_url": f"{base}/ckan",
            "lgsp_url": f"{base}/lgsp",
            "webhook": {"port": WEBHOOK_PORT},
        },
    }
    if settings.embedded.mqtt and find_mosquitto():
        tree["hub"]["mqtt"] = {"host": HOST, "port": settings.embedded.mqtt_port, "user": MQTT_USER}
    for name, section in tree.items():
        section |= {"enabled": True, "drop_dir": str(drop_dir(data_dir) / name)}
    others = {name: section for name, section in tree.items() if not _is_theirs(settings, name, section)}
    return {"dossier": {"url": base}, **others}


def simulated(settings: Settings) -> list[str]:
    """The systems beside the dossiers' that are read and dropped into the stack's own folder, so that the simulator plays them.

    Args:
        settings: those in force.
    """
    own = drop_dir(settings.embedded.data_dir)
    sections = {name: getattr(settings.sources, name) for name in _ADDRESSES}
    return [name for name, section in sections.items() if section.enabled and section.drop_dir == own / name]


def flags(settings: Settings, known: Iterable[str]) -> list[str]:
    """The simulator's command line, without its secrets of pushes; see `environment`.

    Args:
        settings: those in force.
        known: names of the systems that the simulator can play beside the dossiers'.
    """
    simulator, sources = settings.embedded.simulator, settings.sources
    played = [name for name in simulated(settings) if name in set(known)]
    arguments: dict[str, object] = {
        "--host": simulator.host,
        "--port": simulator.port,
        "--data-dir": settings.embedded.data_dir / "simulator",
        "--log": simulator.log,
        "--speed": simulator.speed,
        "--rate": simulator.rate,
        "--seed": simulator.seed,
        "--times": simulator.times,
        "--history-days": simulator.history_days,
        "--keep-days": simulator.keep_days,
        "--drop-dir": drop_dir(settings.embedded.data_dir),
        "--systems": ",".join(played),
        "--user": sources.dossier.user,
        "--password": sources.dossier.password.get_secret_value(),
        "--dstcode": sources.dossier.dstcode,
    }
    if "hub" in played:
        webhook, mqtt = sources.hub.webhook, sources.hub.mqtt
        arguments["--webhook"] = f"http://{webhook.host}:{webhook.port}" if webhook.port else None
        arguments["--mqtt"] = f"{mqtt.host}:{mqtt.port}" if mqtt.host else None
    written = [f"{flag}={value}" for flag, value in arguments.items() if value is not None]
    logins = {name: getattr(sources, name) for name in played}
    return written + [f"--login={name}={one.user}:{one.password.get_secret_value()}" for name, one in logins.items()]


def environment(settings: Settings) -> dict[str, str]:
    """The secrets that the simulator takes from its environment, by variable."""
    hub = settings.sources.hub
    return {
        "SIMULATOR_WEBHOOK_SECRET": hub.webhook.secret.get_secret_value(),
        "SIMULATOR_MQTT_USER": hub.mqtt.user,
        "SIMULATOR_MQTT_PASSWORD": hub.mqtt.password.get_secret_value(),
    }


def _is_theirs(settings: Settings, name: str, section: Tree) -> bool:
    """Whether the user has said where this system is: an address is neither the default nor what would be derived."""
    theirs = getattr(settings.sources, name)
    usual = type(theirs)()
    return any(_at(theirs, path) not in {_at(usual, path), _derived_at(section, path)} for path in _ADDRESSES[name])


def _at(section: Section, path: str) -> str:
    value: object = section
    for part in path.split("."):
        value = getattr(value, part)
    return str(value)


def _derived_at(section: Tree, path: str) -> str:
    value: Any = section
    for part in path.split("."):
        value = value.get(part, {}) if isinstance(value, dict) else {}
    return str(value)
