"""Every system that there is, switched on or not, built in or beside the package: for the command line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ingest.kit.load import folder_of, is_on, load, own_system
from ingest.source import System
from ioc.errors import ConfigError
from ioc.settings.sources import SourcesSettings

BUILT_IN = tuple(
    name
    for name, info in SourcesSettings.model_fields.items()
    if "enabled" in getattr(info.annotation, "model_fields", ())
)
"""The systems of the package."""


class Line(NamedTuple):
    """A stream in the list of all."""

    name: str
    stream: str
    about: str
    enabled: bool
    home: str


def system_named(settings: SourcesSettings, name: str) -> System:
    """A system by its name, whether it is switched on or not.

    Raises:
        ConfigError: there is none, or its settings are wrong.
    """
    if name in BUILT_IN:
        return _built_in(settings, name)
    if name not in settings.more:
        known = ", ".join((*BUILT_IN, *settings.more))
        raise ConfigError(f"there is no source {name!r} in the settings; there are {known}; see `ioc connector list`")
    return own_system(name, folder_of(settings), settings.more[name])


def listed(settings: SourcesSettings, directory: Path) -> Iterator[Line]:
    """A line for each stream; one that says what is wrong for a source that cannot be loaded."""
    for name in BUILT_IN:
        yield from _lines(
            name, getattr(settings, name).enabled, "built in", lambda name=name: _built_in(settings, name)
        )
    files = {file.stem: file for file in sorted(directory.glob("[a-z]*.py")) if not file.stem.startswith("test_")}
    for name in sorted(files.keys() | settings.more.keys()):
        file = files.get(name, directory / f"{name}.py")
        table = settings.more.get(name)
        if table is not None:
            yield from _lines(name, is_on(name, table), str(file), lambda n=name, t=table: own_system(n, directory, t))
            continue
        try:
            streams: list[Any] = list(getattr(load(file), "STREAMS", ()))
        except ConfigError as error:
            yield Line(name, "-", str(error), False, str(file))
            continue
        for one in streams or [None]:
            about = ", ".join("/".join(target) for target in getattr(one, "targets", ())) or "-"
            yield Line(name, getattr(one, "stream", "-"), about, False, f"{file}, without a table of settings")


def _lines(name: str, enabled: bool, home: str, make: Any) -> Iterator[Line]:
    try:
        system: System = make()
    except ConfigError as error:
        yield Line(name, "-", str(error), enabled, home)
        return
    try:
        for stream in system.streams:
            yield Line(name, stream.stream, ", ".join("/".join(target) for target in stream.targets), enabled, home)
        if not system.streams:
            yield Line(name, "-", "its settings configure no stream", enabled, home)
    finally:
        system.close()


def _built_in(settings: SourcesSettings, name: str) -> System:
    from ingest.systems import enabled

    only = {one: getattr(settings, one).model_copy(update={"enabled": one == name}) for one in BUILT_IN}
    made = enabled(settings.model_copy(update={**only, "more": {}}))
    return made[0] if made else System((), 1.0, 1.0, lambda: None)
