"""ClickHouse's own C++ client, as Debian ships it (18.16), against the server under test: a second opinion on the wire."""

import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from clickhouse_driver import Client

from tests.conformance.clickhouse.conftest import Target

PROGRAM = shutil.which("clickhouse-client")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="apt-get install clickhouse-client")


def command(target: Target, database: str, sql: str, *options: str) -> list[str]:
    return [
        str(PROGRAM), "--host", target.host, "--port", str(target.native_port), "--user", target.user,
        "--password", target.password, "--database", database, "--query", sql, *options,
    ]  # fmt: skip


def ask(target: Target, database: str, sql: str, *options: str, data: bytes = b"") -> str:
    done = subprocess.run(
        command(target, database, sql, *options), input=data, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8")


@pytest.mark.parametrize("compression", ["0", "1"])
def test_values_of_many_types(target: Target, database: str, compression: str) -> None:
    sql = (
        "SELECT toInt8(-1), toUInt64(18446744073709551615), 1.5, 'ủy ban', toDate('2024-02-29'), [1, 2], ['a', ''], "
        "toNullable('x'), CAST(NULL, 'Nullable(Int32)'), (1, 'b'), toFixedString('abc', 3), "
        "toLowCardinality('lc'), CAST('open', 'Enum8(\\'open\\' = 1)')"
    )
    expected = "-1\t18446744073709551615\t1.5\tủy ban\t2024-02-29\t[1,2]\t['a','']\tx\t\\N\t(1,'b')\tabc\tlc\topen\n"
    assert ask(target, database, sql, "--compression", compression) == expected


def test_many_blocks(target: Target, database: str) -> None:
    sql = "SELECT number, toString(number) FROM numbers(500000)"
    lines = ask(target, database, sql, "--max_block_size", "10000").splitlines()
    assert len(lines) == 500_000
    assert lines[-1] == "499999\t499999"


def test_insert_from_its_input(target: Target, database: str) -> None:
    ask(target, database, "CREATE TABLE t (n UInt64, s String, a Array(Int32), x Nullable(String)) ENGINE = Memory")
    data = "".join(f"{n}\tủy {n}\t[{n}]\t\\N\n" for n in range(100_000)).encode()
    ask(target, database, "INSERT INTO t FORMAT TabSeparated", data=data)
    ask(target, database, "INSERT INTO t VALUES (100000, 'v', [], 'x')")
    got = ask(target, database, "SELECT count(), sum(n), max(length(s)), sum(length(a)), countIf(x IS NULL) FROM t")
    assert got == "100001\t5000050000\t10\t100000\t100000\n"


def test_statements_without_rows_and_empty_results(target: Target, database: str) -> None:
    assert ask(target, database, "CREATE TABLE t (n Int32) ENGINE = Memory") == ""
    assert ask(target, database, "SHOW TABLES") == "t\n"
    assert ask(target, database, "SELECT * FROM t FORMAT TabSeparatedWithNames") == "n\n"
    assert ask(target, database, "EXISTS t") == "1\n"


def test_errors(target: Target, database: str) -> None:
    done = subprocess.run(
        command(target, database, "SELECT * FROM nowhere"), capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 60
    assert b"Code: 60" in done.stderr
    wrong = Target(target.host, target.native_port, target.http_port, target.user, "wrong")
    done = subprocess.run(command(wrong, database, "SELECT 1"), capture_output=True, timeout=60, check=False)
    assert b"Authentication failed" in done.stderr or b"password" in done.stderr


def test_external_tables(target: Target, database: str, tmp_path: Path) -> None:
    file = tmp_path / "ext.tsv"
    file.write_text("1\ta\n2\tb\n", encoding="utf-8")
    got = ask(
        target, database, "SELECT sum(n), max(s) FROM ext",
        "--external", "--file", str(file), "--name", "ext", "--structure", "n Int32, s String",
    )  # fmt: skip
    assert got == "3\tb\n"


def test_settings_in_the_old_encoding(target: Target, database: str) -> None:
    sql = "SELECT getSetting('max_block_size'), getSetting('max_threads'), toString(getSetting('join_use_nulls'))"
    options = ("--max_block_size", "1234", "--max_threads", "3", "--join_use_nulls", "1")
    assert ask(target, database, sql, *options).split() in (["1234", "3", "1"], ["1234", "3", "true"])


def test_interrupting_it_cancels_its_query(target: Target, client: Client, database: str) -> None:
    sql = "SELECT count() FROM numbers(100000000000000) WHERE sipHash64(number, 'debian-interrupt') = 1"
    running = subprocess.Popen(command(target, database, sql), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    seen = "SELECT count() FROM system.processes WHERE query LIKE '%debian-interrupt%' AND query NOT LIKE '%processes%'"
    deadline = time.monotonic() + 20
    while client.execute(seen) == [(0,)]:
        assert time.monotonic() < deadline
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=20)
    while client.execute(seen) != [(0,)]:
        assert time.monotonic() < deadline
