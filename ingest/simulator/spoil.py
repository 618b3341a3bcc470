"""What the faults do to records and bodies. No true record is lost by it: bad ones come beside the true ones."""

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from ingest.simulator.faults import RECORDS, Faults
from ingest.simulator.model import Version
from ingest.simulator.records import keyed, spoil_by

Record = dict[str, Any]

BOGUS_HEAD = "000.00.98.H12-"
"""Head of the codes of dossiers that a fault made up."""

_KEY_CASES: tuple[Callable[[str], str], ...] = (str.upper, str.lower, lambda key: key[:1].lower() + key[1:])
_VIETNAMESE_TONES = "\u0300\u0301\u0303\u0309\u0323"


class Spoiler:
    """Applies the record faults that fire to one shape's records.

    Args:
        faults: says what fires.
        render: makes this shape's record of a dossier version.
        identity: keys without which a record names no dossier.
        note: the key that a huge record fills.
        national: whether keys may change their case.
    """

    def __init__(
        self, faults: Faults, render: Callable[[Version], Record], identity: Sequence[str], note: str, *, national: bool
    ) -> None:
        self._faults = faults
        self._render = render
        self._form = keyed(identity, note)
        self._national = national

    def spoil(self, records: list[Record], versions: Sequence[Version]) -> list[Record]:
        """The records that are sent instead of these; `versions` are theirs where they are dossiers', else empty."""
        spoiled = list(records)
        if not records or not self._faults.settings:
            return spoiled
        for name in RECORDS:
            if name in ("due_before_received", "huge_record") and not versions:
                continue
            if name == "key_case" and not self._national:
                continue
            if not self._faults.draw(name):
                continue
            if name == "due_before_received":
                spoiled = self._due_before_received(spoiled, versions)
            elif name == "key_case":
                spoiled = self._key_case(spoiled)
            else:
                spoiled = spoil_by(name, spoiled, self._form, self._faults)
        return spoiled

    def _due_before_received(self, records: list[Record], versions: Sequence[Version]) -> list[Record]:
        model = versions[-1]
        number = self._faults.fired["due_before_received"]
        received_s = model.updated_ms // 1000
        bogus = msgspec.structs.replace(
            model,
            dossier=msgspec.structs.replace(
                model.dossier, code=f"{BOGUS_HEAD}{number:06d}", serial=f"LOI-{number:06d}"
            ),
            received_s=received_s,
            due_s=received_s - 3 * 86400,
        )
        return [*records, self._render(bogus)]

    def _key_case(self, records: list[Record]) -> list[Record]:
        change = _KEY_CASES[self._faults.fired["key_case"] % len(_KEY_CASES)]
        return [{change(key): value for key, value in record.items()} for record in records]


def wrong_encoding(body: bytes, turn: int) -> bytes:
    """A UTF-8 body in another encoding: windows-1258 and UTF-16 by turns. Nothing is lost to who knows which."""
    text = body.decode("utf-8")
    if turn % 2:
        try:
            return _tones_apart(text).encode("cp1258")
        except UnicodeEncodeError:  # a sign that windows-1258 has not
            pass
    return text.encode("utf-16")


def _tones_apart(text: str) -> str:
    """Vietnamese as windows-1258 holds it: the vowel with its shape, then the tone as a mark of its own."""
    marks: list[str] = []
    for char in text:
        parts = unicodedata.normalize("NFD", char)
        tones = "".join(part for part in parts if part in _VIETNAMESE_TONES)
        marks.append(
            unicodedata.normalize("NFC", "".join(part for part in parts if part not in _VIETNAMESE_TONES)) + tones
        )
    return "".join(marks)
