"""Packets of the native protocol: what the client sends, read; what the server sends, as bytes.

Source: ClickHouse, src/Core/Protocol.h and src/Core/ProtocolDefines.h. The front declares revision 54459, the last
that every part of is needed here: parameters of queries.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from deploy.embedded.clickhouse.engine.session import Stats
from deploy.embedded.clickhouse.errors import ServerError
from deploy.embedded.clickhouse.native.blocks import BLOCK_INFO
from deploy.embedded.clickhouse.native.wire import Reader, int32, string, varint

REVISION = 54459
NAME = "ClickHouse"
SETTING_IMPORTANT = 1


class Client(IntEnum):
    """Packets of the client."""

    HELLO = 0
    QUERY = 1
    DATA = 2
    CANCEL = 3
    PING = 4
    TABLES_STATUS = 5


class Server(IntEnum):
    """Packets of the server."""

    HELLO = 0
    DATA = 1
    EXCEPTION = 2
    PROGRESS = 3
    PONG = 4
    END_OF_STREAM = 5
    PROFILE_INFO = 6
    TOTALS = 7
    EXTREMES = 8
    PROFILE_EVENTS = 14


@dataclass(frozen=True, slots=True)
class Hello:
    """The client's first packet; `revision` is the lower of the two sides'."""

    client: str
    revision: int
    database: str
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Query:
    """A query as the client asks for it."""

    query_id: str
    settings: Mapping[str, str]
    compressed: bool
    sql: bytes
    parameters: Mapping[str, str] = field(default_factory=dict)


def read_hello(reader: Reader) -> Hello:
    """Reads the client's hello, without its packet type."""
    client = reader.string()
    reader.varint()
    reader.varint()
    revision = min(reader.varint(), REVISION)
    return Hello(client, revision, reader.string(), reader.string(), reader.string())


def read_addendum(reader: Reader, revision: int) -> None:
    """Reads what a client adds after the server's hello: a quota key."""
    if revision >= 54458:
        reader.string()


def _read_client_info(reader: Reader, revision: int) -> None:
    if revision < 54032 or reader.uint8() == 0:
        return
    for _ in range(3):
        reader.string()  # initial user, query and address
    if revision >= 54449:
        reader.uint64()  # start of the initial query
    interface = reader.uint8()
    if interface != 1:
        raise ServerError.named(99, f"A client of interface {interface} on the native port")
    for _ in range(3):
        reader.string()  # operating system user, host, client
    for _ in range(3):
        reader.varint()  # version, revision
    if revision >= 54060:
        reader.string()  # quota key
    if revision >= 54448:
        reader.varint()  # distributed depth
    if revision >= 54401:
        reader.varint()  # patch
    if revision >= 54442 and reader.uint8():
        reader.skip(24)  # trace and span
        reader.string()
        reader.skip(1)
    if revision >= 54453:
        for _ in range(3):
            reader.varint()  # parallel replicas


def _read_settings(reader: Reader, revision: int) -> dict[str, str]:
    settings: dict[str, str] = {}
    while name := reader.string():
        if revision < 54429:
            settings[name] = _old_setting(reader, name)
            continue
        reader.varint()
        settings[name] = reader.string()
    return settings


_OLD_TEXT_SETTINGS = frozenset(
    {"network_compression_method", "insert_deduplication_token", "totals_mode", "load_balancing", "log_comment",
     "distributed_product_mode", "date_time_input_format", "date_time_output_format", "format_csv_delimiter"}
)  # fmt: skip


def _old_setting(reader: Reader, name: str) -> str:
    """Before revision 54429 a value's encoding depends on the setting: text, or a number."""
    return reader.string() if name in _OLD_TEXT_SETTINGS else str(reader.varint())


def read_query(reader: Reader, revision: int) -> Query:
    """Reads a query, without its packet type."""
    query_id = reader.string()
    _read_client_info(reader, revision)
    settings = _read_settings(reader, revision)
    if revision >= 54441:
        reader.string()  # secret between servers
    reader.varint()  # stage
    compressed = bool(reader.varint())
    sql = reader.binary()
    parameters = _read_settings(reader, revision) if revision >= 54459 else {}
    return Query(query_id, settings, compressed, sql, parameters)


def hello(version: tuple[int, int, int], timezone: str, display_name: str, revision: int) -> bytes:
    """The server's hello."""
    out = varint(Server.HELLO) + string(NAME) + varint(version[0]) + varint(version[1]) + varint(REVISION)
    if revision >= 54058:
        out += string(timezone)
    if revision >= 54372:
        out += string(display_name)
    if revision >= 54401:
        out += varint(version[2])
    return out


def exception(error: ServerError) -> bytes:
    """An error; the query is over, the connection goes on."""
    return (
        varint(Server.EXCEPTION)
        + int32(error.code)
        + string("DB::Exception")
        + string(f"DB::Exception: {error.message}")
        + string("")
        + b"\x00"
    )


def progress(stats: Stats, sent: Stats, revision: int) -> bytes:
    """What was read and written since `sent`, which is brought up to date."""
    out = varint(Server.PROGRESS)
    out += varint(max(0, stats.read_rows - sent.read_rows)) + varint(max(0, stats.read_bytes - sent.read_bytes))
    out += varint(max(0, stats.total_rows - sent.total_rows))
    if revision >= 54420:
        out += varint(max(0, stats.written_rows - sent.written_rows))
        out += varint(max(0, stats.written_bytes - sent.written_bytes))
    sent.read_rows, sent.read_bytes, sent.total_rows = stats.read_rows, stats.read_bytes, stats.total_rows
    sent.written_rows, sent.written_bytes = stats.written_rows, stats.written_bytes
    return out


def profile_info(rows: int, blocks: int, size: int) -> bytes:
    """The shape of the result: rows, blocks, bytes; no limit was applied."""
    return varint(Server.PROFILE_INFO) + varint(rows) + varint(blocks) + varint(size) + b"\x00" + varint(0) + b"\x01"


def profile_events(revision: int) -> bytes:
    """The answer to a block of an INSERT, which clients await from revision 54456 on: no events."""
    if revision < 54456:
        return b""
    return varint(Server.PROFILE_EVENTS) + string("") + BLOCK_INFO + varint(0) + varint(0)


END_OF_STREAM = varint(Server.END_OF_STREAM)
PONG = varint(Server.PONG)
