"""Names of files: composed, without what a system forbids, told in UTF-8 and in ASCII."""

import unicodedata
from datetime import UTC, datetime

import pytest

from dashboards.wall.downloads import disposition, file_name

AT = datetime(2026, 1, 31, 18, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["Đơn vị", "Hồ sơ quá hạn"], "Đơn vị - Hồ sơ quá hạn - 2026-02-01 0105.csv"),
        ([unicodedata.normalize("NFD", "Tỷ lệ"), ""], "Tỷ lệ - 2026-02-01 0105.csv"),
        (['a/b\\c:"d"?*<e>|\n', "f"], "a b c d e - f - 2026-02-01 0105.csv"),
        (["../../etc/passwd"], "etc passwd - 2026-02-01 0105.csv"),
        (["", "..."], "ioc - 2026-02-01 0105.csv"),
    ],
)
def test_a_name_is_composed_and_allowed_everywhere(words: list[str], name: str) -> None:
    found = file_name(words, AT, "csv")
    assert found == name
    assert unicodedata.is_normalized("NFC", found)


def test_a_long_title_keeps_moment_and_ending() -> None:
    found = file_name(["ộ" * 300], AT, "parquet")
    assert found == f"{'ộ' * 70} - 2026-02-01 0105.parquet"
    assert len(found.encode()) <= 255, "what file systems hold"


def test_the_header_says_it_for_every_browser() -> None:
    said = disposition('Đường; ống%" - 1.csv')
    assert (
        said
        == "attachment; filename=\"Duong; ong% - 1.csv\"; filename*=UTF-8''%C4%90%C6%B0%E1%BB%9Dng%3B%20%E1%BB%91ng%25%22%20-%201.csv"
    )
    assert said.isascii()
