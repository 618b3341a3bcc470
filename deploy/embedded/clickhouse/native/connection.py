"""One connection of the native protocol, from hello to its end, in a thread of its own."""

import contextlib
import logging
import os
import socket
import threading
from collections.abc import Mapping

from deploy.embedded.clickhouse.engine.engine import Engine
from deploy.embedded.clickhouse.engine.files import empty, in_memory, write_all
from deploy.embedded.clickhouse.engine.session import EngineSession, Stats
from deploy.embedded.clickhouse.errors import BrokenStreamError, ServerError
from deploy.embedded.clickhouse.native import packets
from deploy.embedded.clickhouse.native.blocks import BLOCK_INFO, Block, for_client, header, read_block
from deploy.embedded.clickhouse.native.compression import METHODS, frames, read_frame
from deploy.embedded.clickhouse.native.packets import END_OF_STREAM, Client, Query, Server
from deploy.embedded.clickhouse.native.watcher import Watcher
from deploy.embedded.clickhouse.native.wire import Reader, string, varint
from deploy.embedded.clickhouse.sql.lexer import quote_identifier, unquote
from deploy.embedded.clickhouse.sql.policy import READONLY_VALUES, Policy, set_changes
from deploy.embedded.clickhouse.sql.statement import InsertHead, Statement, parse, with_own_query_ids
from deploy.embedded.clickhouse.users import User, Users

log = logging.getLogger(__name__)

RECEIVE_BYTES = 1 << 18
SEND_BYTES = 1 << 18
INSERT_PART_BYTES = 256 << 20
"""An INSERT is given to the engine in parts of this size, so that it never stands in memory twice as a whole."""


class _CancelledError(Exception):
    """The client has sent Cancel and awaits the end of the stream."""


class Connection(threading.Thread):
    """Serves one client until it leaves or the front stops."""

    def __init__(
        self, client: socket.socket, engine: Engine, users: Users, policy: Policy, watcher: Watcher, name: str
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._socket = client
        self._engine = engine
        self._users = users
        self._policy = policy
        self._watcher = watcher
        self._reader = Reader(lambda: client.recv(RECEIVE_BYTES))
        self._revision = 0
        self._compressed = False
        self._method = METHODS["lz4"]
        self._user = User("", readonly=True)
        self._session: EngineSession | None = None
        self._sending = threading.Lock()
        """The engine reports progress from threads of its own."""

    def run(self) -> None:
        """Serves packets until the connection ends."""
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._greet():
                while self._serve_packet():
                    pass
        except ConnectionError as error:
            log.debug("connection ended: %s", error)
        except ServerError as error:  # the stream is broken: say so, and close
            log.warning("connection of %s closed: %s", self._user.name, error.message)
            with contextlib.suppress(OSError):
                self._socket.sendall(packets.exception(error))
        except OSError as error:
            log.debug("connection ended: %s", error)
        finally:
            self._socket.close()
            if self._session is not None:
                self._engine.end(self._session)

    def interrupt(self) -> None:
        """Ends the connection from outside: what it waits for returns at once."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def _greet(self) -> bool:
        if self._reader.varint() != Client.HELLO:
            return False  # somebody speaks another protocol
        hello = packets.read_hello(self._reader)
        self._revision = hello.revision
        try:
            self._user = self._users.login(hello.user, hello.password)
            self._session = self._engine.session(hello.database, self._user)
        except ServerError as error:
            log.info("login refused for %r: %s", hello.user, error.message)
            self._socket.sendall(packets.exception(error))
            return False
        self._socket.sendall(packets.hello(self._engine.version, self._engine.timezone, "ioc", self._revision))
        packets.read_addendum(self._reader, self._revision)
        return True

    def _serve_packet(self) -> bool:
        kind = self._reader.varint()
        if kind == Client.PING:
            self._socket.sendall(packets.PONG)
        elif kind == Client.QUERY:
            self._query(packets.read_query(self._reader, self._revision))
        elif kind == Client.DATA:
            self._read_data()  # what the client had under way when its INSERT failed
        elif kind != Client.CANCEL:  # a Cancel that came too late needs no answer
            raise ServerError.named(101, f"Unexpected packet {kind} from client")
        return True

    def _query(self, query: Query) -> None:
        session = self._session
        assert session is not None
        self._compressed = query.compressed
        self._method = METHODS.get(query.settings.get("network_compression_method", "lz4").lower(), METHODS["lz4"])
        tag = query.query_id or self._engine.new_tag()
        external: list[str] = []
        error: ServerError | None = None
        statement: Statement | None = None
        try:
            statement = parse(query.sql)
            only_reading = query.settings.get("readonly", "0") in READONLY_VALUES and not self._user.readonly
            self._policy.check(statement, readonly=self._user.readonly, only_reading=only_reading, caps=self._user.caps)
        except ServerError as refused:
            error = refused
        while True:  # external tables, then an empty block
            if self._reader.varint() != Client.DATA:
                raise ServerError.named(101, "Unexpected packet, expected Data")
            name, block = self._read_data()
            if not block.columns and not block.rows:
                break
            if error is None and name:
                try:
                    self._external(session, name, block, external)
                except ServerError as failed:
                    error = failed
        try:
            if error is not None:
                raise error
            assert statement is not None
            settings = self._policy.settings(query.settings, readonly=self._user.readonly, caps=self._user.caps)
            parameters = {key: _parameter(value) for key, value in query.parameters.items()}
            with self._engine.slot(tag, self._user), session.settings(settings | {"log_comment": tag}):
                self._execute(session, statement, tag, parameters)
        except BrokenStreamError:
            raise
        except ServerError as failed:
            log.info("query of %s failed: %s", self._user.name, failed.message)
            self._socket.sendall(packets.exception(failed))
        except _CancelledError:
            self._socket.sendall(END_OF_STREAM)
        finally:
            for name in external:
                with contextlib.suppress(ServerError):
                    session.run(f"DROP TEMPORARY TABLE IF EXISTS {quote_identifier(name)}")

    def _execute(self, session: EngineSession, statement: Statement, tag: str, parameters: dict[str, str]) -> None:
        if statement.insert is not None and not statement.insert.data:
            self._insert_from_packets(session, statement.insert, parameters)
            return
        with self._watcher.over(self._socket, lambda: self._engine.kill(tag)) as gone:
            try:
                if statement.returns_rows:
                    self._select(session, statement, parameters, gone)
                else:
                    stats = self._run(session, statement, parameters)
                    self._finish(stats, 0, 0, 0)
            except ServerError:
                if gone.is_set():
                    raise _CancelledError from None
                raise

    def _run(self, session: EngineSession, statement: Statement, parameters: dict[str, str]) -> Stats:
        if statement.insert is not None:
            return self._policy.insert_inline(session, statement.insert, parameters)
        stats = session.run(statement.text, parameters)
        if statement.kind == "set":
            session.remember(set_changes(statement))
        return stats

    def _select(
        self, session: EngineSession, statement: Statement, parameters: dict[str, str], gone: threading.Event
    ) -> None:
        sql = with_own_query_ids(statement)
        rows = blocks = size = 0
        stats, sent = Stats(), Stats()

        def report(running: Mapping[str, int]) -> None:
            stats.take(running)
            if not gone.is_set():
                with contextlib.suppress(OSError), self._sending:  # the next block will find the client gone
                    self._socket.sendall(packets.progress(stats, sent, self._revision))

        session.on_progress(report)
        try:
            if statement.kind == "select":
                for native, count in session.native_blocks(sql, parameters):
                    if gone.is_set():
                        raise _CancelledError
                    self._send_block(native, first=not blocks)
                    rows, blocks, size = rows + count, blocks + 1, size + len(native)
                if not blocks:
                    self._send_header(session.describe(sql, parameters))
            elif native := session.fetch(sql, "Native", parameters):
                self._send_block(native, first=True)
                reader = Reader(lambda: b"")
                reader.buffer += native[:20]
                reader.varint()
                rows, blocks, size = reader.varint(), 1, len(native)
        finally:
            session.on_progress(None)
        self._finish(stats, rows, blocks, size, sent)

    def _finish(self, stats: Stats, rows: int, blocks: int, size: int, sent: Stats | None = None) -> None:
        """The end of an answer, in the order of ClickHouse's own server: its old clients abort at any other."""
        out = packets.profile_info(rows, blocks, size) if sent is not None else b""
        if sent is not None or self._revision >= 54420:
            out += packets.progress(stats, sent or Stats(), self._revision)
        if sent is not None:
            out += self._packet(varint(0) + varint(0))
        with self._sending:
            self._socket.sendall(out + END_OF_STREAM)

    def _insert_from_packets(self, session: EngineSession, head: InsertHead, parameters: dict[str, str]) -> None:
        self._send_header(session.columns(head))
        failure: ServerError | None = None
        total = Stats()
        with in_memory("insert") as part:
            while True:
                kind = self._reader.varint()
                if kind == Client.CANCEL:
                    raise _CancelledError
                if kind != Client.DATA:
                    raise BrokenStreamError.named(101, f"Unexpected packet {kind} from client, expected Data")
                _, block = self._read_data()
                if not block.rows:
                    break
                write_all(part, block.native)
                self._socket.sendall(packets.profile_events(self._revision))
                if os.fstat(part).st_size > INSERT_PART_BYTES and failure is None:
                    failure = self._flush(session, head, part, total, parameters)
            failure = failure or self._flush(session, head, part, total, parameters)
        if failure is not None:
            raise failure
        self._socket.sendall(packets.profile_events(self._revision))
        self._finish(total, 0, 0, 0)

    def _flush(
        self, session: EngineSession, head: InsertHead, part: int, total: Stats, parameters: dict[str, str]
    ) -> ServerError | None:
        """Gives what has come to the engine. An error waits: the client sends on until its last block."""
        try:
            stats = session.insert(head, "Native", part, parameters)
        except ServerError as error:
            return error
        total.written_rows += stats.written_rows
        total.written_bytes += stats.written_bytes
        empty(part)
        return None

    def _external(self, session: EngineSession, name: str, block: Block, made: list[str]) -> None:
        """A table that comes with the query and goes with it."""
        if name not in made:
            columns = ", ".join(f"{quote_identifier(column)} {kind}" for column, kind in block.columns)
            sql = f"CREATE TEMPORARY TABLE {quote_identifier(name)} ({columns}) ENGINE = Memory"
            self._policy.check(parse(sql.encode("utf-8")), readonly=self._user.readonly)  # the types are the client's
            made.append(name)
            session.run(sql)
        if block.rows:
            with in_memory("external", block.native) as part:
                session.insert(InsertHead(quote_identifier(name), "", "", "Native", b""), "Native", part)

    def _read_data(self) -> tuple[str, Block]:
        """The body of a Data packet: the name of its table, and its block.

        Raises:
            BrokenStreamError: where the block ends cannot be told.
        """
        name = self._reader.string()
        reader = self._reader
        if self._compressed:
            raw = self._reader
            reader = Reader(lambda: read_frame(raw))
        try:
            while number := reader.varint():  # BlockInfo
                reader.skip(1 if number == 1 else 4)
            block = read_block(reader, self._revision)
        except ServerError as error:
            raise BrokenStreamError(error.code, error.message) from None
        if self._compressed and reader.buffered:
            raise BrokenStreamError.named(117, "Data behind the end of a block")
        return name, block

    def _send_header(self, columns: list[tuple[str, str]]) -> None:
        self._send(header(columns, self._revision))

    def _send_block(self, native: bytes, *, first: bool) -> None:
        block, head = for_client(native, self._revision)
        if first:
            self._send(head)
        self._send(block)

    def _packet(self, block: bytes) -> bytes:
        out = varint(Server.DATA) + string("")
        if self._compressed:
            return b"".join((out, *frames(BLOCK_INFO + block, self._method)))
        return b"".join((out, BLOCK_INFO, block))

    def _send(self, block: bytes) -> None:
        packet = self._packet(block)
        with self._sending:
            self._socket.sendall(packet)


def _parameter(value: str) -> str:
    """Parameters travel as quoted literals of text that is escaped once more for the parameter's own type."""
    return unquote(value.encode("utf-8")) if value[:1] == "'" else value
