"""A CKAN portal's action API: which resources carry a kind, and their rows in pages.

Format: CKAN's API guide (action API v3) and the datastore extension. Times of the portal are UTC without saying so.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from ingest.source import Record
from ingest.sources.body import BodyReader
from ingest.sources.hub.columns import folded
from ingest.sources.web import SessionExpiredError, Web
from ioc.contracts.event import unix_ms
from ioc.errors import FatalError, RetriableError, SkippableError

MARK = "ioc_"
"""Extras that begin so say how a package is read; tags begin with `ioc-`."""

PACKAGES_A_PAGE = 100
_NUMERIC = frozenset(
    {"numeric", "int", "int2", "int4", "int8", "float", "float4", "float8", "integer", "double precision"}
)
_MAX_CHARS = 40
_HALVES = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Halves of surrogate pairs, without those that stand for bytes that are not UTF-8."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A table of the portal.

    Attributes:
        id: its id.
        state: changes whenever the table, or how it is to be read, may have changed.
        mapping: field by folded heading, as the package says it.
        constants: fields that hold for all rows.
    """

    id: str
    state: str
    mapping: Mapping[str, str]
    constants: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of a table.

    Attributes:
        columns: names, in lower case.
        records: in the order of `_id`; numbers of numeric columns are numbers.
        total: rows of the whole table.
        limit: rows that a page has at most.
    """

    columns: tuple[str, ...]
    records: list[Record]
    total: int
    limit: int


class Portal:
    """One portal; streams share it."""

    def __init__(self, url: str, timeout_s: float) -> None:
        """Raises `ConfigError`: `url` is no address."""
        self._web = Web(url, timeout_s)

    def resources(self, kind: str) -> list[Resource]:
        """The tables of all packages that carry a kind, by id.

        Raises:
            RetriableError: no answer, or one that cannot be read; a package that says wrongly how it is read.
        """
        found: dict[str, Resource] = {}
        for package in self._packages(kind):
            told = _extras(package)
            tags = {tag.get("name") for tag in package.get("tags") or () if isinstance(tag, dict)}
            if told.get("kind") == kind or f"ioc-{kind}" in tags:
                for resource in package.get("resources") or ():
                    if isinstance(resource, dict) and resource.get("datastore_active", True):
                        table = _resource(package, told, resource)
                        found[table.id] = table
        return [found[name] for name in sorted(found)]

    def updated_ms(self, resource: str) -> int:
        """When a table was changed last, milliseconds since the epoch.

        Raises:
            RetriableError: no answer, or one that cannot be read.
        """
        shown = self._action("resource_show", {"id": resource}, dict[str, Any])
        return max(_ms(shown.get(name)) for name in ("last_modified", "metadata_modified", "created"))

    def rows(self, resource: str, offset: int, limit: int, reader: BodyReader) -> Rows:
        """The rows of a table from `offset` on, at most `limit`.

        Raises:
            RetriableError: no answer, or one that cannot be read.
        """
        asked = {"resource_id": resource, "limit": str(limit), "offset": str(offset), "sort": "_id"}
        envelope = reader.read(self._result("datastore_search", asked))
        members = envelope.members
        fields, total = members.get("fields"), members.get("total")
        if not isinstance(total, int) or not isinstance(fields, list):
            raise RetriableError(f"{self._web.url}: datastore_search without total or fields")
        types = {str(f.get("id")).lower(): f.get("type") for f in fields if isinstance(f, dict)}
        numeric = [name for name, kind in types.items() if kind in _NUMERIC]
        for record in envelope.records:
            _numbers(record, numeric)
        capped = members.get("limit")
        limit = min(capped, limit) if isinstance(capped, int) and capped > 0 else len(envelope.records)
        if not envelope.records and offset < total:
            raise RetriableError(
                f"{self._web.url}: resource {resource}: no rows from {offset} on, although it has {total}"
            )
        return Rows(tuple(types), envelope.records, total, limit)

    def close(self) -> None:
        """Closes the connections."""
        self._web.close()

    def _packages(self, kind: str) -> Iterator[dict[str, Any]]:
        start, count = 0, 1
        while start < count:
            query = {
                "q": "*:*",
                "fq": f'extras_ioc_kind:{kind} OR tags:"ioc-{kind}"',
                "rows": str(PACKAGES_A_PAGE),
                "start": str(start),
                "sort": "id asc",
            }
            found = self._action("package_search", query, _Packages)
            yield from found.results
            start, count = start + PACKAGES_A_PAGE, found.count

    def _action(self, action: str, query: dict[str, str], shape: type[msgspec.Struct] | type[dict[str, Any]]) -> Any:
        try:
            return msgspec.json.decode(self._result(action, query), type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RetriableError(f"{self._web.url}: {action}: {error}") from error

    def _result(self, action: str, query: dict[str, str]) -> bytes:
        """The bytes of an action's result."""
        place = f"{self._web.url}: {action}"
        try:
            body = self._web.ask("GET", f"/api/3/action/{action}", params=query).body
        except SessionExpiredError as error:
            raise FatalError(f"{error}; the portal must be open to this connector") from error
        try:
            answer = msgspec.json.decode(body, type=_Answer)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return _lenient_result(body, place, error)
        if not answer.success:
            raise RetriableError(f"{place} did not succeed")
        return bytes(answer.result)


class _Answer(msgspec.Struct):
    success: bool
    result: msgspec.Raw = msgspec.Raw(b"{}")


class _Packages(msgspec.Struct):
    count: int
    results: list[dict[str, Any]]


def _lenient_result(body: bytes, place: str, refused: Exception) -> bytes:
    """The result of an answer that is JSON to the standard library only: see `BodyReader`."""
    try:
        answer = json.loads(body.decode("utf-8", "surrogateescape"), strict=False)
        result, success = answer["result"], answer["success"]
        text = json.dumps(result, ensure_ascii=False)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise RetriableError(f"{place}: the answer ({len(body)} bytes) is not JSON: {refused}") from refused
    if success is not True:
        raise RetriableError(f"{place} did not succeed")
    text = _HALVES.sub(lambda half: f"\\u{ord(half[0]):04x}", text)
    return text.encode("utf-8", "surrogateescape")


def _extras(package: Mapping[str, Any]) -> dict[str, str]:
    """What a package says of how it is read, without the mark."""
    pairs = ((e.get("key"), e.get("value")) for e in package.get("extras") or () if isinstance(e, dict))
    return _marked({key: value for key, value in pairs if isinstance(key, str)})


def _marked(told: Mapping[str, Any]) -> dict[str, str]:
    return {k.removeprefix(MARK): v for k, v in told.items() if k.startswith(MARK) and isinstance(v, str)}


def _resource(package: Mapping[str, Any], told: Mapping[str, str], resource: Mapping[str, Any]) -> Resource:
    name = resource.get("id")
    if not isinstance(name, str) or not name:
        raise RetriableError(f"package {package.get('name')}: a resource without id")
    constants = {**told, **_marked(resource)}
    constants.pop("kind", None)
    try:
        mapping = json.loads(constants.pop("columns", "{}"))
        mapping = {folded(heading): str(field) for heading, field in mapping.items()}
    except (ValueError, AttributeError) as error:
        raise RetriableError(
            f'package {package.get("name")}: ioc_columns is no JSON object such as {{"Tên cột": "value"}}'
        ) from error
    times = [package.get("metadata_modified"), resource.get("last_modified"), resource.get("metadata_modified")]
    return Resource(name, "|".join(str(time or "") for time in times), mapping, constants)


def _ms(value: object) -> int:
    """A time of the portal, milliseconds since the epoch; 0 when it tells none."""
    if not isinstance(value, str) or not value:
        return 0
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return 0
    return unix_ms(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))


def _numbers(record: Record, numeric: list[str]) -> None:
    """Makes numbers of the texts that some portals write for numbers."""
    fields = record.fields
    for name in numeric:
        value = fields.get(name)
        if isinstance(value, str) and value:
            try:
                fields[name] = Decimal(value[:_MAX_CHARS])
            except InvalidOperation:
                record.fault = SkippableError(
                    "invalid_value", f"{folded(name)[:_MAX_CHARS]}: not a number, in a column of numbers"
                )
