"""A query's result as it comes from ClickHouse over HTTP: columns, then rows one after another, never the whole in memory."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import httpx
import msgspec

from ioc.clock import LOCAL
from ioc.errors import IocError, RetriableError
from ioc.settings import ClickHouseSettings, Login

Kind = Literal["bool", "integer", "number", "date", "time", "text"]
Cell = bool | int | float | str | date | datetime | None
"""A value of a column; a `datetime` is local (Asia/Ho_Chi_Minh) and bears no zone, as spreadsheets want it."""

_CONNECT_S = 5.0
_ANSWER_S = 600.0
_PIECE = 1 << 18
_SETTINGS = {
    # The server keeps the result until it is whole: an error then has its status, and no file is cut short.
    "wait_end_of_query": "1",
    "date_time_output_format": "iso",
    "output_format_json_quote_64bit_integers": "0",
    "output_format_json_quote_decimals": "0",
    "output_format_json_quote_denormals": "1",
    "output_format_parquet_string_as_string": "1",
}


NO_LIMITS: Mapping[str, str] = {}
"""Those of the user alone."""


class ExportError(IocError):
    """What was asked for cannot be given so: the server's own words, or a limit of the format."""


@dataclass(frozen=True)
class Column:
    """A column of a result: its name, ClickHouse's type, and what a spreadsheet should take it for."""

    name: str
    type: str
    kind: Kind


@dataclass(frozen=True)
class Result:
    """Columns, and the rows as they come."""

    columns: list[Column]
    rows: Iterator[list[Cell]]


@contextmanager
def opened(
    settings: ClickHouseSettings, login: Login, sql: str, output_format: str, limits: Mapping[str, str] = NO_LIMITS
) -> Iterator[httpx.Response]:
    """Asks a query within the `limits` (settings of ClickHouse); the answer's body is read as it is wanted.

    Raises:
        RetriableError: the server cannot be reached, or breaks off.
        ExportError: it refuses the query, or the query names a format of its own.
    """
    url = f"http://{settings.host}:{settings.http_port}/"
    headers = {"X-ClickHouse-User": login.user, "X-ClickHouse-Key": login.password.get_secret_value()}
    params = {"database": settings.database, "default_format": output_format, **_SETTINGS, **limits}
    statement = sql.strip().rstrip(";").encode()
    timeout = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)
    try:
        with (
            httpx.Client(headers=headers, params=params, timeout=timeout, trust_env=False) as client,
            client.stream("POST", url, content=statement) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise ExportError(
                    answer.read().decode("utf-8", "replace").strip()[:1000] or f"HTTP {answer.status_code}"
                )
            if answer.headers.get("X-ClickHouse-Format") != output_format:
                raise ExportError("the query gives no rows, or names a format: leave FORMAT out, the file has its own")
            yield answer
    except httpx.TransportError as error:
        raise RetriableError(f"{url}: {type(error).__name__} {error}".rstrip()) from error


@contextmanager
def read(
    settings: ClickHouseSettings, login: Login, sql: str, limits: Mapping[str, str] = NO_LIMITS
) -> Iterator[Result]:
    """Asks a query for its rows. Raises as `opened` does."""
    with opened(settings, login, sql, "JSONCompactEachRowWithNamesAndTypes", limits) as answer:
        lines = _lines(answer)
        names, types = (msgspec.json.decode(next(lines)) for _ in range(2))
        columns = [Column(name, kept, kind_of(kept)) for name, kept in zip(names, types, strict=True)]
        yield Result(columns, _rows(lines, columns))


def _lines(answer: httpx.Response) -> Iterator[bytes]:
    """Lines by the byte 0x0A alone: texts may hold other ends of lines."""
    rest = b""
    for piece in answer.iter_bytes(_PIECE):
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line for line in lines if line)
    if rest:
        yield rest


def _rows(lines: Iterator[bytes], columns: list[Column]) -> Iterator[list[Cell]]:
    decode = msgspec.json.Decoder(list[Any]).decode
    turned = [
        (place, column.kind)
        for place, column in enumerate(columns)
        if column.kind in ("date", "time", "text", "number")
    ]
    for line in lines:
        row = decode(line)
        for place, kind in turned:
            value = row[place]
            if value is None:
                continue
            if kind == "time":
                row[place] = datetime.fromisoformat(value).astimezone(LOCAL).replace(tzinfo=None)
            elif kind == "date":
                row[place] = date.fromisoformat(value)
            elif kind == "text" and not isinstance(value, str):
                row[place] = msgspec.json.encode(value).decode()
        yield row


def kind_of(kept: str) -> Kind:
    """What a ClickHouse type is to a spreadsheet; arrays and tuples are text."""
    while kept.endswith(")") and (inner := _inside(kept)) is not None:
        kept = inner
    if kept.startswith(("Date32", "Date")) and not kept.startswith("DateTime"):
        return "date"
    if kept.startswith("DateTime"):
        return "time"
    if kept == "Bool":
        return "bool"
    if kept.startswith(("Int", "UInt")):
        return "integer"
    return "number" if kept.startswith(("Float", "Decimal", "BFloat")) else "text"


def _inside(kept: str) -> str | None:
    for wrapper in ("Nullable(", "LowCardinality("):
        if kept.startswith(wrapper):
            return kept[len(wrapper) : -1]
    if kept.startswith("SimpleAggregateFunction("):
        return kept[:-1].partition(", ")[2]
    return None
