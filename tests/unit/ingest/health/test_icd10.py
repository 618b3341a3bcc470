"""ICD-10 codes: every border of every chapter, what is in none, and how codes are spelt."""

import pytest

from ingest.sources.health.icd10 import chapter, icd10
from ioc.errors import SkippableError

BORDERS = {
    1: ("A00", "B99"), 2: ("C00", "D48"), 3: ("D50", "D89"), 4: ("E00", "E90"), 5: ("F00", "F99"), 6: ("G00", "G99"),
    7: ("H00", "H59"), 8: ("H60", "H95"), 9: ("I00", "I99"), 10: ("J00", "J99"), 11: ("K00", "K93"), 12: ("L00", "L99"),
    13: ("M00", "M99"), 14: ("N00", "N99"), 15: ("O00", "O99"), 16: ("P00", "P96"), 17: ("Q00", "Q99"),
    18: ("R00", "R99"), 19: ("S00", "T98"), 20: ("V01", "Y98"), 21: ("Z00", "Z99"), 22: ("U00", "U99"),
}  # fmt: skip


@pytest.mark.parametrize("number", BORDERS)
def test_first_and_last_category_of_a_chapter(number: int) -> None:
    first, last = BORDERS[number]
    assert chapter(first) == chapter(first + "9") == chapter(last) == chapter(last + "99") == number


@pytest.mark.parametrize("code", ["D49", "D90", "E91", "H96", "K94", "P97", "T99", "V00", "Y99"])
def test_categories_between_chapters_are_in_none(code: str) -> None:
    assert chapter(code) == 0


@pytest.mark.parametrize(
    ("written", "code"),
    [("J18.9", "J189"), ("j18.9", "J189"), (" A09 ", "A09"), ("G63.2*", "G632"), ("E11.4†", "E114"), ("U071", "U071")],
)
def test_codes_are_written_in_one_way(written: str, code: str) -> None:
    assert icd10("MA_BENH_CHINH", written) == code


@pytest.mark.parametrize("written", ["", "J1", "189", "J18..9", "viêm phổi", "J18.9;I10", "J18.99999", "Ｊ18"])
def test_what_is_no_code_is_refused_and_not_repeated(written: str) -> None:
    with pytest.raises(SkippableError, match="MA_BENH_CHINH") as caught:
        icd10("MA_BENH_CHINH", written)
    assert caught.value.reason == "invalid_value"
    assert len(written) <= 4 or written not in str(caught.value)
