"""One HOSO of an insurance file: which tables (XML1 … XML15) it holds, and the fields of XML1.

Only XML1 is decoded. It has all that the indicators need, referral and revisit included; prescriptions, results, courses of
illness and certificates (XML2 … XML15) stay as they are.
"""

import re
from collections import Counter
from collections.abc import Mapping

from ingest.source import Record
from ingest.sources.health.insurance_xml1 import xml1
from ioc.errors import SkippableError

MAX_HOSO_BYTES = 1 << 20
"""A visit has about 20 KiB, a long stay 300."""

TABLES = frozenset(f"xml{number}" for number in range(1, 16))
"""LOAIHOSO that there are, in lower case."""

_MAX_NAMES = 50
_TABLE = re.compile(r"[a-z]{2,6}_?[0-9]{1,3}")
_NO_TABLE = "hoso.loaihoso"
"""A LOAIHOSO that does not look like one is counted under this name: unknown ones are shown, and it could be a person's name."""


class Hoso:
    """A HOSO that is being read."""

    def __init__(self) -> None:
        self._tables: Counter[str] = Counter()
        self._contents: list[str] = []
        self._table = ""
        self._content: str | None = None
        self._unknown: set[str] = set()
        self._fault: SkippableError | None = None

    def too_large(self) -> None:
        """It has more than 1 MiB: its contents are let go."""
        self._contents.clear()
        self._content = None
        self._fault = SkippableError("too_large", f"the HOSO has more than {MAX_HOSO_BYTES} bytes")

    def began(self, name: str) -> bool:
        """An element begins; whether its text is needed."""
        if name == "filehoso":
            self._table, self._content = "", None
        elif name == "loaihoso":
            return True
        elif name == "noidungfile":
            # LOAIHOSO comes first; where it does not, the text is kept until it is known.
            return self._table in {"", "xml1"} and self._fault is None
        elif len(self._unknown) < _MAX_NAMES:
            self._unknown.add(f"hoso.{name}")
        return False

    def ended(self, name: str, text: str) -> None:
        """An element has ended; `text` is its text where that is needed."""
        if name == "loaihoso":
            table = text.strip().lower()
            self._table = table if _TABLE.fullmatch(table) else _NO_TABLE
        elif name == "noidungfile":
            self._content = text
        elif name == "filehoso" and (len(self._tables) < _MAX_NAMES or self._table in self._tables):
            self._tables[self._table] += 1
            if self._table == "xml1" and self._fault is None:
                self._contents.append(self._content or "")
            self._content = None

    def record(self, raw: bytes, header: Mapping[str, object]) -> Record:
        """The HOSO as a record: the fields of XML1, how many of each table there are, and what the file says of itself."""
        try:
            return Record(raw, {**self._xml1(), **self._tables, **dict.fromkeys(self._unknown), **header})
        except SkippableError as fault:
            return Record(raw, {}, fault)

    def _xml1(self) -> dict[str, str]:
        if self._fault is not None:
            raise self._fault
        if not self._contents:
            raise SkippableError("missing_field", "LOAIHOSO: no XML1 in the HOSO")
        if len(self._contents) > 1:
            raise SkippableError("contradiction", f"LOAIHOSO: {len(self._contents)} times XML1 in one HOSO")
        return xml1(self._contents[0])
