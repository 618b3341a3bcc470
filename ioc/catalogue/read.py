"""Reads a TOML file as a model; every fault names file, key, value and what is allowed."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from ioc.catalogue.row import Row
from ioc.errors import ConfigError

RowT = TypeVar("RowT", bound=Row)


class CatalogueError(ConfigError):
    """The catalogue or a profile is wrong; `faults` holds one line for each thing that is."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


def read(file: Path, model: type[RowT]) -> RowT:
    """Reads a file as a model.

    Raises:
        CatalogueError: it is not TOML, a key is unknown, or a value is not allowed; one line for each fault.
    """
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError([f"{file}: not TOML: {error}"]) from error
    try:
        return model.model_validate(table)
    except ValidationError as refused:
        faults = [_sentence(table, fault["loc"], fault["msg"], fault["input"]) for fault in refused.errors()]
        raise CatalogueError(f"{file}: {fault}" for fault in faults) from refused


def _sentence(table: object, loc: tuple[int | str, ...], message: str, value: object) -> str:
    """`DVC-003.filter.0.field: …`: positions in lists of tables are shown by the table's code where it has one."""
    parts: list[str] = []
    at = table
    for step in loc:
        if isinstance(at, (list, dict)):
            try:
                at = at[step]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                at = None
        code = at.get("code") if isinstance(at, dict) and isinstance(step, int) else None
        parts = [str(code)] if code else [*parts, str(step)]
    shown = "" if isinstance(value, dict) else f" (value {value!r})"
    return f"{'.'.join(parts) or 'file'}: {message.removeprefix('Value error, ')}{shown}"
