"""Puts the values of variables into texts, by Grafana's rules, and into SQL so that no value can become SQL.

`$x`, `${x}` and `[[x]]` name a variable, `${x:format}` says how it is written. In SQL

- `${x:sqlstring}` is a text in quotes. Quotes within it are doubled as in Grafana, and backslashes too: ClickHouse would read one
  before the closing quote as its escape.
- `${x}` and `${x:raw}` put the value as it stands. That is done for numbers, for values that the dashboard's own file lists, and for
  plain names that a variable's query gave (of a view, say); what else came from a viewer or from a table is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from ioc.errors import IocError

_NAMED = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(\w+)\b|\[\[(\w+)(?::(\w+))?\]\]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")


class FillError(IocError):
    """A text asks for a variable in a way that the wall does not do: the words are for the viewer."""


@dataclass(frozen=True)
class Value:
    """The value of a variable, and the text it is shown as."""

    value: str
    text: str
    free: bool = False
    """It is not from the dashboard's own file."""
    listed: bool = False
    """The variable's query gave it."""

    @property
    def harmless(self) -> bool:
        """It may stand in SQL as it is."""
        named = self.listed and _NAME.fullmatch(self.value)
        return bool(not self.free or named or _NUMBER.fullmatch(self.value))


def sqlstring(value: str) -> str:
    """A text literal of ClickHouse."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def fill_sql(sql: str, values: Mapping[str, Value]) -> str:
    """SQL with the values put in; what is no known variable stays as it is.

    Raises:
        FillError: a format that is not known, or a free value where it would be read as SQL.
    """

    def put(found: re.Match[str]) -> str:
        name, how = _asked(found)
        if name not in values:
            return found[0]
        value = values[name]
        if how == "sqlstring":
            return sqlstring(value.value)
        if how not in ("", "raw", "text"):
            raise FillError(f"Chưa hỗ trợ: {found[0]}")
        if how == "text" or not value.harmless:
            raise FillError(f"{found[0]}: chỉ dùng được dưới dạng ${{{name}:sqlstring}}")
        return value.value

    return _NAMED.sub(put, sql)


def fill_text(text: str, values: Mapping[str, Value]) -> str:
    """A title or a text with the variables' texts; what is no known variable stays as it is."""

    def put(found: re.Match[str]) -> str:
        name, how = _asked(found)
        if name not in values:
            return found[0]
        value = values[name]
        if how == "queryparam":
            return f"var-{name}={quote(value.value, safe='')}"
        if how == "percentencode":
            return quote(value.value, safe="")
        return value.value if how in ("raw", "sqlstring") else value.text

    return _NAMED.sub(put, text)


def _asked(found: re.Match[str]) -> tuple[str, str]:
    return found[1] or found[3] or found[4], found[2] or found[5] or ""
