"""Yes and no as the REST and the export write them."""

from collections.abc import Mapping
from typing import Any, Final

from ingest.sources.values import coded, invalid, required, text

_SAID: Final = {"1": True, "0": False, "true": True, "false": False, "có": True, "không": False, "x": True}


def flag(fields: Mapping[str, Any], name: str) -> bool:
    """A flag that must be told.

    Raises:
        SkippableError: it is missing or none.
    """
    value = fields.get(name)
    if isinstance(value, bool):
        return value
    return coded(name, required(fields, name).lower(), _SAID)


def flag_or_none(fields: Mapping[str, Any], name: str) -> bool | None:
    """A flag; None where it is not told.

    Raises:
        SkippableError: it is none.
    """
    value = fields.get(name)
    if value is None or isinstance(value, bool):
        return value
    if not isinstance(value, str | int):
        raise invalid(name, value, "yes or no")
    return coded(name, said.lower(), _SAID) if (said := text(fields, name)) else None
