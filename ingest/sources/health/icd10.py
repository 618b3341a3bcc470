"""ICD-10 codes (WHO, the edition that Decision 4469/QĐ-BYT puts into force), and the chapter that a code stands in."""

import re
from bisect import bisect_right
from functools import lru_cache

from ingest.sources.values import invalid

_RANGES = (
    ("A00", "B99", 1),
    ("C00", "D48", 2),
    ("D50", "D89", 3),
    ("E00", "E90", 4),
    ("F00", "F99", 5),
    ("G00", "G99", 6),
    ("H00", "H59", 7),
    ("H60", "H95", 8),
    ("I00", "I99", 9),
    ("J00", "J99", 10),
    ("K00", "K93", 11),
    ("L00", "L99", 12),
    ("M00", "M99", 13),
    ("N00", "N99", 14),
    ("O00", "O99", 15),
    ("P00", "P96", 16),
    ("Q00", "Q99", 17),
    ("R00", "R99", 18),
    ("S00", "T98", 19),
    ("U00", "U99", 22),
    ("V01", "Y98", 20),
    ("Z00", "Z99", 21),
)
"""First and last category of each chapter; no chapter holds a category between two ranges."""

_FIRST = [first for first, _, _ in _RANGES]
_CODE = re.compile(r"[A-Z][0-9]{2}[0-9A-Z]{0,4}")
_MARKS = "*†+"
"""Asterisk and dagger: which of two codes of one disease is the cause, and which shows where."""


@lru_cache(maxsize=16384)
def icd10(field: str, value: str) -> str:
    """A code in upper case, without its dot and without asterisk or dagger: `j18.9` is `J189`.

    Raises:
        SkippableError: it is no code.
    """
    code = value.strip().rstrip(_MARKS).replace(".", "", 1).upper()
    if not _CODE.fullmatch(code):
        raise invalid(field, value, "an ICD-10 code")
    return code


def chapter(code: str) -> int:
    """The chapter of a code as `icd10` gives it, 1 to 22; 0 when it is in none."""
    category = code[:3]
    at = bisect_right(_FIRST, category) - 1
    if at < 0:
        return 0
    _, last, number = _RANGES[at]
    return number if category <= last else 0
