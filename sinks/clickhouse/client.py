"""The one door to ClickHouse: clickhouse-driver's client, its errors named by what to do next.

clickhouse-driver is not thread-safe and leaves a connection in an undefined state after an error, so each thread has a
client of its own and every error disconnects it; the next call connects again.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
from clickhouse_driver import Client as DriverClient
from clickhouse_driver import errors
from numpy.typing import NDArray

from ioc.errors import FatalError, RetriableError
from ioc.settings import ClickHouseSettings, Login

HALT = {60: "the table does not exist", 81: "the database does not exist", 516: "the login is refused"}
"""Error codes whose remedy is known: `ioc migrate`, or the right login. Going on would lose data."""

RETRY = frozenset(
    {
        159,  # timeout exceeded
        202,  # too many simultaneous queries
        203,  # no free connection
        209,  # socket timeout
        210,  # network error
        236,  # aborted: the server is shutting down
        241,  # memory limit exceeded
        242,  # table is read-only: a replica lost its keeper
        243,  # not enough space for now
        252,  # too many parts: merges lag behind
        285,  # too few live replicas
        319,  # unknown status of insert: it may be stored, storing it again changes nothing
        999,  # keeper exception
    }
)
"""Error codes that pass by themselves; the same batch is written again."""


class Database(Protocol):
    """What the parts of the sink ask of ClickHouse."""

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a SELECT.

        Raises:
            RetriableError: the server is away or overloaded.
            FatalError: anything else.
        """
        ...

    def execute(self, sql: str) -> None:
        """Runs a statement that gives no rows. Raises as `query` does."""
        ...

    def insert(self, table: str, columns: Sequence[str], data: Sequence[Sequence[Any]]) -> int:
        """Stores columns side by side and gives the number of rows; returns when the server has acknowledged them.

        Raises as `query` does.
        """
        ...


@dataclass(frozen=True)
class Words:
    """A column of few distinct texts: `words[codes[i]]` is the text of row i; not every word need occur."""

    codes: NDArray[np.int64]
    words: tuple[str, ...]


class Client:
    """A `Database` over clickhouse-driver; for one thread."""

    def __init__(self, settings: ClickHouseSettings, login: Login, *, timeout_s: float = 300.0) -> None:
        """Connects on the first call, not here."""
        self._address = f"{settings.host}:{settings.native_port}"

        self._make = partial(
            DriverClient,
            settings.host,
            port=settings.native_port,
            user=login.user,
            password=login.password.get_secret_value(),
            # Packing costs more than a loopback interface saves.
            compression="lz4" if not _is_loopback(settings.host) else False,
            connect_timeout=5,
            send_receive_timeout=timeout_s,
            sync_request_timeout=5,
        )
        self._driver: DriverClient = self._make()
        self._columnar: DriverClient | None = None

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """See `Database.query`."""
        rows: list[tuple[Any, ...]] = self._run(sql)
        return rows

    def columns(self, sql: str) -> list[Any]:
        """Columns of a SELECT: numpy arrays of numbers or dates, `Words` for LowCardinality(String).

        For a million rows: no Python object is made for each value. Nullable columns and arrays are not meant for it.

        Raises:
            RetriableError: the server is away or overloaded.
            FatalError: anything else.
        """
        if self._columnar is None:
            # Made when it is needed: it loads pandas, which the sink has no use for.
            self._columnar = self._make(settings={"use_numpy": True})
        found, names = self._run(sql, columnar=True, driver=self._columnar)
        if not found:
            return [_empty(kept) for _, kept in names]
        return [_column(values) for values in found]

    def execute(self, sql: str) -> None:
        """See `Database.execute`."""
        self._run(sql)

    def insert(self, table: str, columns: Sequence[str], data: Sequence[Sequence[Any]]) -> int:
        """See `Database.insert`."""
        names = ", ".join(f"`{name}`" for name in columns)
        # The driver writes nulls into lists in place, so each column is handed over as a list of its own.
        rows = self._run(f"INSERT INTO {table} ({names}) VALUES", [list(column) for column in data], columnar=True)
        return int(rows)

    def close(self) -> None:
        """Disconnects; the next call connects again."""
        self._driver.disconnect()
        if self._columnar is not None:
            self._columnar.disconnect()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(
        self,
        sql: str,
        data: list[list[Any]] | None = None,
        *,
        columnar: bool = False,
        driver: DriverClient | None = None,
    ) -> Any:
        used = self._driver if driver is None else driver
        try:
            return used.execute(sql, data, columnar=columnar, with_column_types=driver is not None)
        except (errors.Error, OSError, EOFError) as error:
            used.disconnect()
            raise classified(error, f"ClickHouse at {self._address}: {sql[:120]!r}") from error
        except BaseException:
            used.disconnect()
            raise


def _column(values: Any) -> Any:
    if isinstance(values, np.ndarray):
        return values
    return Words(np.asarray(values.codes, np.int64), tuple(values.categories))


def _empty(kept: str) -> Any:
    if kept.startswith("LowCardinality"):
        return Words(np.zeros(0, np.int64), ())
    kinds = {"Date": "M8[D]", "Bool": "bool"}
    return np.zeros(0, kinds.get(kept, kept.lower() if kept.startswith(("Int", "UInt", "Float")) else "O"))


def classified(error: Exception, doing: str) -> RetriableError | FatalError:
    """The project's error for one of the driver's; `doing` says what was tried, for the message."""
    if isinstance(error, (OSError, EOFError, errors.NetworkError, errors.SocketTimeoutError)):
        return RetriableError(f"{doing}: {type(error).__name__}: {error}; is the server up and reachable?")
    code = int(getattr(error, "code", 0) or 0)
    text = f"{doing}: code {code}: {str(error)[:1000]}"
    if code in RETRY or isinstance(error, errors.PartiallyConsumedQueryError):
        return RetriableError(text)
    if code in HALT:
        remedy = "run `ioc migrate`" if code != 516 else "set the login in the settings (clickhouse.*)"
        return FatalError(f"{HALT[code]}; {remedy}. {text}")
    return FatalError(text)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
