"""From a FHIR searchset Bundle to records: one a resource, each with its own bytes and checked by the models of FHIR.

A resource that breaks the specification costs only itself. Elements that the specification does not know are not refused but
counted, by their path: a server of a later release sends them, and nobody here reads them. Narratives and contained resources
are left out before anything is looked at: they hold persons' data and nothing that is counted.
"""

import copy
import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from ingest.source import Record
from ingest.sources.body import BodyReader
from ingest.sources.values import shown
from ioc.errors import Reason, RetriableError, SkippableError

RELEASE = "fhir.resources.R4B"
"""Release R4B (4.3.0): in the resources read here it does not differ from R4 (4.0.1), which the library no longer carries."""

UNREAD = frozenset({"text", "contained"})
"""Elements that are left out unread."""

_MISSING = frozenset({"missing", "model_field_validation.missing"})
_PASSES = 3
"""So often unknown elements are taken out; what is then still unknown hides within them."""


@dataclass(slots=True)
class Bundle:
    """A page of a search.

    Attributes:
        records: of the resource that was asked for, in the server's order.
        distinct: how many different resources they are.
        next: address of the next page; None: there is none.
        total: how many resources the search has found, when the server says so.
    """

    records: list[Record]
    distinct: int
    next: str | None
    total: int | None


@cache
def model(resource: str) -> type[BaseModel]:
    """The model of a resource; loaded when it is first needed, for that takes a second."""
    found: type[BaseModel] = getattr(importlib.import_module(f"{RELEASE}.{resource.lower()}"), resource)
    return found


def elements(resource: str) -> frozenset[str]:
    """The elements that the specification knows of a resource, with `_element` for what extends primitive ones."""
    fields = model(resource).model_fields
    return frozenset(field.alias or name for name, field in fields.items()) | {"resourceType"}


class BundleReader:
    """Reads the Bundles of one stream, one after another."""

    def __init__(self, resource: str) -> None:
        """`resource` is the type that is asked for."""
        self._resource = resource
        self._model = model(resource)
        self._elements = elements(resource) - UNREAD
        self._body = BodyReader("entry")

    def read(self, body: bytes) -> Bundle:
        """An answer's records.

        Raises:
            RetriableError: the answer as a whole cannot be read, or is no searchset.
        """
        envelope = self._body.read(body)
        members = envelope.members
        if members.get("resourcetype") != "Bundle" or members.get("type") != "searchset":
            raise RetriableError(f"the answer ({len(body)} bytes) is no searchset Bundle")
        records = [record for entry in envelope.records if (record := self._record(entry)) is not None]
        ids = {record.fields.get("id", number) for number, record in enumerate(records) if not _unhashable(record)}
        total = members.get("total")
        return Bundle(records, len(ids), _next(members.get("link")), total if isinstance(total, int) else None)

    def _record(self, entry: Record) -> Record | None:
        """The resource of an entry; None for what the server says about the search itself."""
        if entry.fault is not None:
            return entry
        search, resource = entry.fields.get("search"), entry.fields.get("resource")
        if isinstance(search, dict) and search.get("mode") in ("outcome", "include"):
            return None
        if resource is None:
            return Record(entry.raw, {}, SkippableError("missing_field", "entry.resource: missing"))
        if not isinstance(resource, dict):
            return Record(
                entry.raw, {}, SkippableError("undecodable", f"entry.resource: {shown(resource)} is no object")
            )
        told = resource.get("resourceType")
        if told != self._resource:
            reason: Reason = "missing_field" if told is None else "unknown_kind"
            return Record(entry.raw, {}, SkippableError(reason, f"resourceType: {shown(told)} is not {self._resource}"))
        return self._checked(entry.raw, resource)

    def _checked(self, raw: bytes, resource: dict[str, Any]) -> Record:
        fields = {name.lower(): value for name, value in resource.items() if name not in UNREAD}
        plain = {name: value for name, value in resource.items() if name in self._elements}
        try:
            for unknown in _check(self._model, plain):
                fields.setdefault(unknown.lower(), None)
        except SkippableError as fault:
            return Record(raw, fields, fault)
        return Record(raw, fields)


def _check(checks: type[BaseModel], resource: dict[str, Any]) -> list[str]:
    """Checks a resource against its model; paths of the elements within it that the model does not know.

    Raises:
        SkippableError: it breaks the specification; the message names the element and no value.
    """
    unknown: list[str] = []
    for _ in range(_PASSES):
        try:
            checks.model_validate(resource)
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            extra = [fault["loc"] for fault in found if fault["type"] == "extra_forbidden"]
            refused = next((fault for fault in found if fault["type"] != "extra_forbidden"), None)
            if refused is not None:
                reason: Reason = "missing_field" if refused["type"] in _MISSING else "invalid_value"
                raise SkippableError(
                    reason, f"{_path(refused['loc'])}: refused by FHIR R4 ({refused['type']})"
                ) from None
            if not unknown:
                resource = copy.deepcopy(resource)
            for loc in extra:
                _take_out(resource, loc)
                unknown.append(_path(loc))
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            # The library's own code gives up on values that its types do not foresee.
            raise SkippableError(
                "invalid_value", f"the resource is not one of FHIR R4 ({type(error).__name__})"
            ) from None
        else:
            return unknown
    raise SkippableError("invalid_value", f"{unknown[-1]}: unknown elements within unknown ones")


def _path(loc: Sequence[int | str]) -> str:
    return ".".join(part for part in loc if isinstance(part, str))


def _take_out(at: Any, loc: Sequence[int | str]) -> None:
    for part in loc[:-1]:
        at = at[part]
    del at[loc[-1]]


def _next(links: object) -> str | None:
    """The address of the next page.

    Raises:
        RetriableError: the links are none.
    """
    if links is None:
        return None
    if not isinstance(links, list) or not all(isinstance(link, dict) for link in links):
        raise RetriableError("the Bundle's links cannot be read")
    urls = [link.get("url") for link in links if link.get("relation") == "next"]
    if not urls:
        return None
    if not isinstance(urls[0], str):
        raise RetriableError("the Bundle's next link has no address")
    return urls[0]


def _unhashable(record: Record) -> bool:
    return not isinstance(record.fields.get("id", ""), str)
