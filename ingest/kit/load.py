"""Connectors beside the package: a file `<name>.py` in a folder of the operator's, loaded when its settings switch it on.

The file has a class `Settings(SystemSettings)` and a list `STREAMS` of what makes a stream from these settings, as a rule its classes.
A source that shares a login or a server among its streams has a function `system(settings) -> System` instead of the list.

A fault in a connector or in its settings is a `ConfigError` and stops the start, as any other fault of the settings does: a source
that was switched on and is not read would be missed by nobody until its figures are old.
"""

import importlib.util
import re
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ingest.source import Source, System
from ioc.errors import ConfigError
from ioc.settings.sources import SourcesSettings, SystemSettings

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

_SWITCH = TypeAdapter(bool)


def more_systems(settings: SourcesSettings) -> list[System]:
    """The systems of every connector beside the package that its table switches on.

    Raises:
        ConfigError: one of them cannot be loaded, or its settings are wrong.
    """
    return [own_system(name, folder_of(settings), table) for name, table in settings.more.items() if is_on(name, table)]


def is_on(name: str, table: Mapping[str, Any]) -> bool:
    """Whether a connector's table says `enabled = true`.

    Raises:
        ConfigError: it says neither true nor false.
    """
    try:
        return _SWITCH.validate_python(table.get("enabled", False))
    except ValidationError as refused:
        raise ConfigError(f"settings: sources.more.{name}.enabled: write true or false") from refused


def folder_of(settings: SourcesSettings) -> Path:
    """The folder of further connectors.

    Raises:
        ConfigError: the settings name none.
    """
    if settings.directory is None:
        raise ConfigError(
            "settings: sources.more names connectors, and sources.directory names no folder that they are in; "
            'write directory = "connectors" under [sources]'
        )
    return settings.directory


def check_name(name: str) -> str:
    """The name of a connector.

    Raises:
        ConfigError: it is not one that can stand in a file's name, a topic's key and a metric.
    """
    if not NAME.fullmatch(name):
        raise ConfigError(f"connector {name!r}: a name is a small letter, then small letters, digits and _, at most 40")
    if name in set(SourcesSettings.model_fields) - {"directory", "more"}:
        raise ConfigError(f"connector {name!r}: that is the name of a system that is built in; choose another")
    return name


def own_system(name: str, directory: Path, table: Mapping[str, Any]) -> System:
    """The system of one connector with these settings.

    Raises:
        ConfigError: file, settings or streams are wrong; says where.
    """
    file = directory / f"{check_name(name)}.py"
    if not file.is_file():
        raise ConfigError(
            f"settings: sources.more.{name}: there is no {file}; write it with `ioc connector new {name}`"
        )
    module = load(file)
    return system_of(module, file, validated(module, file, table))


def load(file: Path) -> ModuleType:
    """Imports a connector's file anew.

    Raises:
        ConfigError: it cannot be imported; says which line.
    """
    name = f"ioc_connector_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Its own annotations are looked up by the name of the module.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise ConfigError(f"connector {file}{_line(error, file)}: {type(error).__name__}: {error}") from error
    return module


def validated(module: ModuleType, file: Path, table: Mapping[str, Any]) -> SystemSettings:
    """A connector's settings, by its own class.

    Raises:
        ConfigError: it has no such class, or the table does not fit it; all faults are told at once.
    """
    wanted = getattr(module, "Settings", None)
    if not (isinstance(wanted, type) and issubclass(wanted, SystemSettings)):
        raise ConfigError(f"connector {file}: it has no class `Settings(SystemSettings)`")
    try:
        return wanted.model_validate(table)
    except ValidationError as refused:
        faults = refused.errors(include_input=False, include_url=False, include_context=False)
        listed = "; ".join(
            f"sources.more.{file.stem}.{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults
        )
        raise ConfigError(f"settings: {listed}; {file} says what its settings are") from None


def system_of(module: ModuleType, file: Path, settings: SystemSettings) -> System:
    """The system that a connector makes from its settings; its streams bear the file's name.

    Raises:
        ConfigError: it has no streams, or one of them cannot be made.
    """
    try:
        make: Callable[[SystemSettings], System] | None = getattr(module, "system", None)
        if make is not None:
            made = make(settings)
            _check_names([_named(one, file.stem) for one in made.streams], file.stem)
            return made
        streams = [_named(one(settings), file.stem) for one in getattr(module, "STREAMS", ())]
        _check_names(streams, file.stem)
    except ConfigError as error:
        raise ConfigError(f"connector {file}: {error}") from error
    except Exception as error:
        raise ConfigError(f"connector {file}{_line(error, file)}: {type(error).__name__}: {error}") from error
    if not streams:
        raise ConfigError(f"connector {file}: it has no streams; write `STREAMS = [...]` with its stream classes")

    def close() -> None:
        with ExitStack() as ends:
            for stream in streams:
                if callable(end := getattr(stream, "close", None)):
                    ends.callback(end)

    return System(streams, settings.poll_s, settings.requests_per_s, close)


def _named(stream: Any, name: str) -> Source:
    if not hasattr(stream, "name"):
        stream.name = name
    for attribute in ("stream", "targets", "pages", "read"):
        if not hasattr(stream, attribute):
            raise ConfigError(f"{type(stream).__name__} has no `{attribute}`, so it is no stream")
    found: Source = stream
    return found


def _check_names(streams: Sequence[Source], name: str) -> None:
    """Cursors are kept by source and stream: two that share a name would move one another's."""
    for stream in streams:
        if stream.name != name:
            raise ConfigError(
                f"stream {stream.stream} calls its source {stream.name!r}; leave `name` out, it is {name!r}"
            )
    told = [stream.stream for stream in streams]
    if twice := sorted({stream for stream in told if told.count(stream) > 1}):
        raise ConfigError(f"two streams are called {twice[0]!r}; give each a name of its own")


def _line(error: BaseException, file: Path) -> str:
    """`:line` of the file that an error comes from."""
    names = {str(file), str(file.absolute())}
    if isinstance(error, SyntaxError) and error.filename in names:
        return f":{error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename in names]
    return f":{lines[-1]}" if lines else ""
