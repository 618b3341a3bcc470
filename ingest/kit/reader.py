"""A record's fields read as its contract asks: types from the contract, keys and codes from the connector.

Whatever a source does to its format, nothing turns into null by itself: a value that is there is read or refused. Null is read only
where the source says null, an empty text, or nothing, and the contract allows it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ingest.kit.fields import Field, fields_of
from ingest.source import Target
from ingest.sources.values import coded, invalid, required, text, utc
from ioc.errors import ConfigError, SkippableError

Moment = Callable[[str, str], int | None]
"""From a key (for messages) and a text to milliseconds since the epoch; None for empty."""

_DIGITS = 18


class ContractReader:
    """Reads the data of one target.

    Attributes:
        known: keys of a record, in lower case, that it reads.
    """

    def __init__(
        self, target: Target, keys: Mapping[str, str], codes: Mapping[str, Mapping[str, str]], moment: Moment
    ) -> None:
        """Args say where the source differs from the contract.

        Args:
            target: whose contract it is.
            keys: the source's key of a field; a path by dots leads into objects. Others are read from the key of their own name.
            codes: what the source's codes stand for, by field.
            moment: reads a moment.

        Raises:
            ConfigError: the contract has no such field, or no such code.
        """
        self._fields = fields_of(target)
        self._moment = moment
        by_name = {field.name: field for field in self._fields}
        for what, named in (("keys", keys), ("codes", codes)):
            if strange := sorted(set(named) - set(by_name)):
                raise ConfigError(
                    f"{what}: {', '.join(strange)}: no field of {'/'.join(target)}; it has {', '.join(by_name)}"
                )
        for name, meanings in codes.items():
            allowed = set(by_name[name].codes)
            if allowed and (strange := sorted(set(meanings.values()) - allowed)):
                raise ConfigError(f"codes of {name}: {', '.join(strange)}: not among {', '.join(by_name[name].codes)}")
        self._keys = {name: keys.get(name, name).lower() for name in by_name}
        self._codes = codes
        self.known = frozenset(key.partition(".")[0] for key in self._keys.values())

    def data(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The contract's fields.

        Raises:
            SkippableError: one is missing or cannot be.
        """
        return {field.name: self._value(field, fields) for field in self._fields}

    def _value(self, field: Field, fields: Mapping[str, Any]) -> Any:
        key = self._keys[field.name]
        value = at(fields, key)
        if value is None or value == "":
            if field.optional:
                return None
            if field.personal:
                return ""
            raise SkippableError("missing_field", f"{key}: missing or empty")
        codes = self._codes.get(field.name)
        if codes is not None:
            # JSON's true is Python's True: codes are written as JSON writes them.
            said = str(value).lower() if isinstance(value, bool) else text({key: value}, key)
            return self._meant(field, coded(key, said, codes))
        if field.shape == "number":
            return _number(key, value)
        if field.shape == "yes":
            if not isinstance(value, bool):
                raise invalid(key, value, "true or false")
            return value
        found = required({key: value}, key)
        return self._at(key, found) if field.shape == "moment" else found

    def _meant(self, field: Field, meaning: str) -> Any:
        if field.shape == "yes":
            return meaning == "true"
        return int(meaning) if field.shape == "number" else meaning

    def _at(self, key: str, value: str) -> datetime:
        moment = utc(self._moment(key, value))
        if moment is None:
            raise invalid(key, value, "a moment")
        return moment


def at(fields: Mapping[str, Any], path: str) -> Any:
    """The value at a path of keys in lower case, by dots; None where a part of the way is null or missing.

    Raises:
        SkippableError: a part of the way is no object.
    """
    value: Any = fields
    for depth, key in enumerate(path.split(".")):
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise invalid(path, value, "an object")
        if depth:
            value = {str(name).lower(): member for name, member in value.items()}
        value = value.get(key)
    return value


def _number(key: str, value: Any) -> int:
    """A whole number, as a number or as digits."""
    said = text({key: value}, key) if not isinstance(value, float) else ""
    digits = said.removeprefix("-")
    if digits.isdigit() and digits.isascii() and len(digits) <= _DIGITS:
        return int(said)
    raise invalid(key, value, "a whole number")
