"""Values of every type that the project uses go in and come out the same, by rows and by columns, under every compression."""

import datetime as dt
import decimal
import ipaddress
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from clickhouse_driver import Client

UTC = dt.UTC

VALUES: list[tuple[str, list[Any]]] = [
    ("Int8", [-128, 0, 127]),
    ("UInt16", [0, 1, 65535]),
    ("Int64", [-(2**63), 0, 2**63 - 1]),
    ("UInt64", [0, 1, 2**64 - 1]),
    ("Int128", [-(2**127), 0, 2**127 - 1]),
    ("Float64", [-1.5, 0.0, 1e300]),
    ("Bool", [True, False, True]),
    ("String", ["", "Cà Mau", "x" * 70_000]),
    ("FixedString(4)", ["abcd", "efgh", "ijkl"]),
    ("LowCardinality(String)", ["a", "b", "a"]),
    ("LowCardinality(Nullable(String))", ["a", None, "a"]),
    ("Nullable(String)", [None, "", "ủy ban"]),
    ("Nullable(Int64)", [None, 0, -1]),
    ("Date", [dt.date(1970, 1, 1), dt.date(2024, 2, 29), dt.date(2149, 6, 6)]),
    ("Date32", [dt.date(1900, 1, 1), dt.date(2024, 2, 29), dt.date(2299, 12, 31)]),
    ("DateTime('UTC')", [dt.datetime(2024, 1, d, 3, 4, 5, tzinfo=UTC) for d in (1, 2, 3)]),
    ("DateTime64(6, 'UTC')", [dt.datetime(2024, 1, d, 3, 4, 5, 678901, tzinfo=UTC) for d in (1, 2, 3)]),
    ("Nullable(DateTime64(6, 'UTC'))", [None, dt.datetime(2024, 1, 1, tzinfo=UTC), None]),
    ("Enum8('open' = 1, 'it''s, (closed)' = 2)", ["open", "it's, (closed)", "open"]),
    ("Decimal(18, 4)", [decimal.Decimal("-1.5000"), decimal.Decimal(0), decimal.Decimal("99999999999999.9999")]),
    ("UUID", [uuid.UUID(int=n) for n in (0, 1, 2**128 - 1)]),
    ("IPv4", [ipaddress.IPv4Address("10.0.0.1")] * 3),
    ("IPv6", [ipaddress.IPv6Address("2001:db8::1")] * 3),
    ("Array(Int64)", [[], [1], list(range(500))]),
    ("Array(String)", [[], ["một", "hai"], [""]]),
    ("Array(Array(Nullable(Int32)))", [[], [[], [None, 1]], [[2]]]),
    ("Array(LowCardinality(String))", [[], ["a", "b", "a"], ["c"]]),
    ("Map(String, Int64)", [{}, {"a": 1}, {"b": 2, "c": 3}]),
    ("Map(LowCardinality(String), Array(String))", [{}, {"a": ["x"]}, {"b": []}]),
    ("Tuple(Int32, String)", [(1, "a"), (2, ""), (3, "c")]),
    ("Tuple(a Int32, `b c` Array(String))", [(1, ["a"]), (2, []), (3, ["c", "d"])]),
    ("SimpleAggregateFunction(sum, Int64)", [1, 2, 3]),
]


def comparable(value: object) -> object:
    """Times without their zone: the driver leaves it out where it is its own machine's."""
    return value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value


@pytest.mark.parametrize("compression", [False, "lz4", "zstd"])
def test_every_type_comes_back_as_it_went_in(connect: Callable[..., Client], compression: object) -> None:
    client = connect(compression=compression)
    columns = ", ".join(f"c{place} {kind}" for place, (kind, _) in enumerate(VALUES))
    client.execute(f"CREATE TABLE t (n UInt8, {columns}) ENGINE = MergeTree ORDER BY n")
    rows = [(n, *(values[n] for _, values in VALUES)) for n in range(3)]
    assert client.execute("INSERT INTO t VALUES", rows) == 3
    got = client.execute("SELECT * FROM t ORDER BY n", settings={"namedtuple_as_json": False})
    for place, (kind, values) in enumerate(VALUES):
        assert [comparable(row[place + 1]) for row in got] == [comparable(value) for value in values], kind


@pytest.mark.parametrize(("kind", "values"), VALUES, ids=[kind for kind, _ in VALUES])
def test_a_column_that_spans_many_packets(client: Client, kind: str, values: list[object]) -> None:
    client.execute(f"CREATE TABLE t (n UInt32, c {kind}) ENGINE = MergeTree ORDER BY n")
    many = [values[n % 3] for n in range(5000)] if kind != "String" else [f"giá trị {n}" * 20 for n in range(5000)]
    sent = client.execute("INSERT INTO t (n, c) VALUES", [list(range(5000)), many], columnar=True)
    assert sent == 5000
    n, got = client.execute("SELECT n, c FROM t ORDER BY n", columnar=True)
    assert list(n) == list(range(5000))
    assert [comparable(value) for value in got] == [comparable(value) for value in many]


def test_a_million_rows_by_columns_in_many_blocks(connect: Callable[..., Client]) -> None:
    client = connect(compression="lz4")
    client.execute("CREATE TABLE t (n UInt64, s String) ENGINE = MergeTree ORDER BY n")
    total = 1_000_000
    numbers = list(range(total))
    settings = {"insert_block_size": 65_536}
    client.execute("INSERT INTO t VALUES", [numbers, [f"v{n}" for n in numbers]], columnar=True, settings=settings)
    assert client.execute("SELECT count(), sum(n), sum(length(s)), uniqExact(s) FROM t") == [
        (total, total * (total - 1) // 2, sum(len(str(n)) + 1 for n in numbers), total)
    ]
    n, s = client.execute("SELECT n, s FROM t ORDER BY n", columnar=True)
    assert n[-1] == total - 1
    assert s[123_456] == "v123456"


def test_numpy_columns_both_ways(connect: Callable[..., Client]) -> None:
    client = connect(settings={"use_numpy": True})
    client.execute(
        "CREATE TABLE t (n Int64, f Float64, s String, d DateTime64(6, 'UTC')) ENGINE = MergeTree ORDER BY n"
    )
    n = np.arange(200_000, dtype=np.int64)
    times = np.datetime64("2024-01-01T00:00:00", "us") + n
    strings = np.array([f"s{i}" for i in range(len(n))], dtype=object)
    client.execute("INSERT INTO t VALUES", [n, n / 4, strings, times.astype("datetime64[ns]")], columnar=True)
    got_n, got_f, got_s = client.execute("SELECT n, f, s FROM t ORDER BY n", columnar=True)
    np.testing.assert_array_equal(got_n, n)
    np.testing.assert_array_equal(got_f, n / 4)
    assert list(got_s) == list(strings)
    assert client.execute("SELECT max(toUnixTimestamp64Micro(d)) FROM t")[0][0] == 1_704_067_200_000_000 + len(n) - 1


def test_an_empty_result_has_its_columns(client: Client) -> None:
    rows, columns = client.execute(
        "SELECT number AS n, toString(number) AS s, [number] AS a FROM numbers(0)", with_column_types=True
    )
    assert rows == []
    assert columns == [("n", "UInt64"), ("s", "String"), ("a", "Array(UInt64)")]


def test_an_empty_table_has_its_columns_under_odd_names(client: Client) -> None:
    client.execute("CREATE TABLE t (`cột số 1` Int32, `tab\\there` String) ENGINE = MergeTree ORDER BY tuple()")
    _, columns = client.execute("SELECT * FROM t", with_column_types=True)
    assert columns == [("cột số 1", "Int32"), ("tab\there", "String")]
