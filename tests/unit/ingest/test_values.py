from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.dossier_national import compact
from ingest.sources.dossier_rest import iso
from ingest.sources.values import compact_ms, iso_ms, required, text, utc, whole
from ioc.contracts.event import unix_ms
from ioc.errors import SkippableError


def test_compact_dates_are_local_time() -> None:
    assert utc(compact_ms("d", "20260810184222")) == datetime(2026, 8, 10, 11, 42, 22, tzinfo=UTC)
    assert compact_ms("d", "20260101000000") == unix_ms(datetime(2025, 12, 31, 17, tzinfo=UTC))
    assert compact_ms("d", "20260101000000123") == unix_ms(datetime(2025, 12, 31, 17, tzinfo=UTC)) + 123
    assert compact_ms("d", "") is None


@given(st.integers(0, 7_000_000_000_000))
def test_moments_come_back_as_they_were_written(moment_ms: int) -> None:
    assert compact_ms("d", compact(moment_ms)) == moment_ms
    assert iso_ms("d", iso(moment_ms)) == moment_ms


@pytest.mark.parametrize(
    "value",
    ["2026081018422", "202608101842221", "20260810184260", "20260810246000", "20261310184222", "20260229000000", "00000000000000",
     "2026081018422٣", " 2026081018422", "+2026081018422", "2026_810184222"],
)  # fmt: skip
def test_what_is_no_compact_date_is_refused(value: str) -> None:
    with pytest.raises(SkippableError, match="d: a text"):
        compact_ms("d", value)


def test_iso_dates_take_any_offset_and_none_is_local() -> None:
    expected = unix_ms(datetime(2026, 8, 10, 11, 42, 22, tzinfo=UTC))
    for written in (
        "2026-08-10T18:42:22.000+0700",
        "2026-08-10T11:42:22Z",
        "2026-08-10T18:42:22",
        "2026-08-10T18:42:22+07:00",
    ):
        assert iso_ms("d", written) == expected
    with pytest.raises(SkippableError, match="d: a text"):
        iso_ms("d", "yesterday")


def test_texts_are_composed_and_trimmed() -> None:
    assert text({"a": " Ca\u0300 Mau\n"}, "a") == "Cà Mau"
    assert text({"a": 12}, "a") == "12"
    assert text({"a": None}, "a") == text({}, "a") == ""
    wrongs: tuple[object, ...] = (True, 1.5, [], {})
    for wrong in wrongs:
        with pytest.raises(SkippableError, match=r"a: .* is not a text"):
            text({"a": wrong}, "a")


def test_what_is_required_must_not_be_blank() -> None:
    with pytest.raises(SkippableError) as refused:
        required({"a": " "}, "a")
    assert refused.value.reason == "missing_field"


@pytest.mark.parametrize("value", ["-1", "1.0", "1e3", "", " 1", "１", "9" * 19])
def test_what_is_no_whole_number_is_refused(value: str) -> None:
    with pytest.raises(SkippableError):
        whole("n", value)
    assert whole("n", "0012") == 12


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-07:00"])
def test_a_moment_that_its_offset_moves_out_of_the_calendar_is_refused(value: str) -> None:
    with pytest.raises(SkippableError) as refused:
        utc(iso_ms("d", value))
    assert refused.value.reason == "invalid_value"
    with pytest.raises(SkippableError):
        utc(compact_ms("d", "00010101000000"))
