"""Many clients at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from clickhouse_driver import Client

from tests.conformance.clickhouse.conftest import Target

WRITERS = READERS = 4
INSERTS = 25
ROWS = 2_000


def test_four_writers_and_four_readers_without_an_error(
    target: Target, connect: Callable[..., Client], database: str
) -> None:
    admin = connect()
    admin.execute("CREATE TABLE t (w UInt8, n UInt64, s String) ENGINE = MergeTree PARTITION BY w ORDER BY n")
    together = threading.Barrier(WRITERS + READERS)
    done = threading.Event()

    def write(writer: int) -> None:
        client = connect(compression=("lz4", "zstd", False)[writer % 3])
        together.wait()
        for turn in range(INSERTS):
            numbers = list(range(turn * ROWS, (turn + 1) * ROWS))
            data = [[writer] * ROWS, numbers, [f"{n}-ủy" for n in numbers]]
            client.execute("INSERT INTO t VALUES", data, columnar=True)

    def read() -> None:
        client = connect()
        together.wait()
        seen = 0
        with target.http(database) as http:
            while not done.is_set():
                count = client.execute("SELECT count() FROM t")[0][0]
                assert count >= seen
                seen = count
                total = int(http.post("/", content="SELECT count() FROM t WHERE s LIKE '%-ủy'").text)
                assert total >= seen

    with ThreadPoolExecutor(WRITERS + READERS) as pool:
        writers = [pool.submit(write, writer) for writer in range(WRITERS)]
        readers = [pool.submit(read) for _ in range(READERS)]
        try:
            for writer in writers:
                writer.result()
        finally:
            done.set()
        for reader in readers:
            reader.result()
    each = INSERTS * ROWS
    assert admin.execute("SELECT w, count(), uniqExact(n), sum(n) FROM t GROUP BY w ORDER BY w") == [
        (w, each, each, each * (each - 1) // 2) for w in range(WRITERS)
    ]
