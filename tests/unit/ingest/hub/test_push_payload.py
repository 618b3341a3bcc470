"""What pushed bytes are read as: records, moments, decimals; and each refusal."""

from decimal import Decimal
from typing import Any

import pytest

from ingest.sources.hub.payload import (
    NotJsonError,
    flag,
    moment_ms,
    record_of,
    records_of,
    records_of_lines,
    required_scaled,
    scaled,
    second_of,
)
from ioc.errors import SkippableError


def test_an_object_and_an_array_and_lines_give_records_with_their_own_bytes() -> None:
    assert [record.fields for record in records_of(b'\xef\xbb\xbf {"A": 1} ')] == [{"a": 1}]
    array = records_of(b'[{"a":1}, {"B":"\xc4\x91"}]')
    assert [(record.raw, record.fields) for record in array] == [
        (b'{"a":1}', {"a": 1}),
        ('{"B":"đ"}'.encode(), {"b": "đ"}),
    ]
    assert [record.fields for record in records_of_lines(b'{"a":1}\r\n\n{"a":2}\n')] == [{"a": 1}, {"a": 2}]
    assert records_of(b"[]") == []


@pytest.mark.parametrize(
    "body", [b"", b"3", b'"x"', b"{", b'{"a":1}{"a":2}', b'[{"a":1}', b"\xff\xfe{\x00}\x00", b"[" * 100_000, b"null"]
)
def test_a_body_that_is_no_json_of_records_is_refused_whole(body: bytes) -> None:
    with pytest.raises(NotJsonError):
        records_of(body)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"3", "undecodable"),
        (b"null", "undecodable"),
        (b'{"a":"\xff"}', "undecodable"),
        (b'{"a":"\\ud800"}', "undecodable"),
        (b'{"a":1,"A":2}', "contradiction"),
        (b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", "undecodable"),
        (b'{"a":', "undecodable"),
    ],
)
def test_a_bad_member_costs_only_itself(raw: bytes, reason: str) -> None:
    record = record_of(raw)
    assert record.fault is not None
    assert record.fault.reason == reason
    assert record.raw == raw


@pytest.mark.parametrize(
    ("value", "at_ms"),
    [
        ("2026-11-23T10:05:00+07:00", 1795403100000),
        ("2026-11-23T10:05:00.250+0700", 1795403100250),
        ("2026-11-23T03:05:00Z", 1795403100000),
        ("2026-11-23T10:05:00", 1795403100000),
        ("20261123100500", 1795403100000),
        ("20261123100500250", 1795403100250),
        ("", None),
        (None, None),
    ],
)
def test_moments(value: Any, at_ms: int | None) -> None:
    assert moment_ms({"x": value}, "x") == at_ms


@pytest.mark.parametrize(
    "value",
    ["gestern", "0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-07:00", "20261332", True, 1.5, [], "1969-01-01"],
)
def test_what_is_no_moment_of_the_contracts_is_refused(value: Any) -> None:
    with pytest.raises(SkippableError, match=r"^x: ") as refused:
        moment_ms({"x": value}, "x")
    assert refused.value.reason == "invalid_value"


@pytest.mark.parametrize(
    ("raw", "milli"),
    [
        (b"37.4", 37400),
        (b"0.1", 100),
        (b"-2.0005", -2000),
        (b"2.0015", 2002),
        (b"37.400000000000006", 37400),
        (b"1e2", 100000),
        (b"12", 12000),
        (b'"37.45"', 37450),
        (b"123456789012.345", 123456789012345),
        (b"null", None),
        (b'""', None),
    ],
)
def test_decimals_are_scaled_without_binary_fractions(raw: bytes, milli: int | None) -> None:
    assert scaled(record_of(b'{"x":' + raw + b"}").fields, "x", 3) == milli


@pytest.mark.parametrize(
    "value",
    [True, "NaN", "Infinity", "1_000", "٣٧", "12,5", "", Decimal("1e400"), [], {}, "1" * 41, "-", Decimal("NaN")],
)
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(SkippableError, match=r"^x: "):
        required_scaled({"x": value}, "x", 3)


def test_flags_are_true_or_false_and_never_guessed() -> None:
    assert flag({"x": True}, "x") is True
    assert flag({}, "x", default=False) is False
    for value in ("true", 1, 0, "có"):
        with pytest.raises(SkippableError) as refused:
            flag({"x": value}, "x", default=False)
        assert refused.value.reason == "invalid_value"
    with pytest.raises(SkippableError) as refused:
        flag({}, "x")
    assert refused.value.reason == "missing_field"


def test_identifiers_hold_whole_seconds_in_utc() -> None:
    assert second_of(1795403100999) == "2026-11-23T03:05:00Z"
