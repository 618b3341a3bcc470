"""One client's session in the engine: current database, settings, temporary tables, one query at a time."""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chdb.session import Session

from deploy.embedded.clickhouse.errors import ServerError, from_engine
from deploy.embedded.clickhouse.sql.lexer import quote_identifier, quote_string, unescape
from deploy.embedded.clickhouse.sql.statement import InsertHead

_open: Any = Session
"""chDB says that it is typed and leaves its sessions without annotations."""

Progress = Callable[[Mapping[str, int]], None]


@dataclass(slots=True)
class Stats:
    """What a query read and wrote."""

    read_rows: int = 0
    read_bytes: int = 0
    total_rows: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    elapsed_ns: int = 0

    def take(self, progress: Mapping[str, int]) -> None:
        """Takes over the engine's running figures."""
        self.read_rows = progress.get("read_rows", 0)
        self.read_bytes = progress.get("read_bytes", 0)
        self.total_rows = progress.get("total_rows_to_read", 0)
        self.elapsed_ns = progress.get("elapsed_ns", 0)


@dataclass(slots=True)
class Running:
    """A query under way, as others may see and kill it."""

    tag: str
    killed: threading.Event = field(default_factory=threading.Event)


class EngineSession:
    """A chDB session. Methods raise `ServerError`; none may be called while another runs."""

    def __init__(
        self, connection: str, database: str = "", readonly: bool = False, caps: Mapping[str, int] | None = None
    ) -> None:
        try:
            self._session: Any = _open(connection)
        except RuntimeError as error:
            raise from_engine(error) from None
        # A query's own settings give way to these again, not to the engine's.
        self._session_settings: dict[str, str] = {name: str(most) for name, most in (caps or {}).items()}
        try:
            if caps:
                self.run("SET " + ", ".join(f"{name} = {most}" for name, most in caps.items()))
            if database and database != "default":
                self.run(f"USE {quote_identifier(database)}")
            if readonly:
                # The engine itself lets nobody out of this: `readonly` cannot be changed in readonly mode.
                self.run("SET readonly = 2")
        except ServerError:
            self.close()
            raise

    def close(self) -> None:
        """Ends the session; temporary tables go with it."""
        self._session.close()

    def run(self, sql: str, parameters: Mapping[str, str] | None = None) -> Stats:
        """Runs a statement for its effect."""
        try:
            result = self._session.query(sql, "Null", params=dict(parameters or {}))
        except RuntimeError as error:
            raise from_engine(error) from None
        return Stats(
            read_rows=result.storage_rows_read(),
            read_bytes=result.storage_bytes_read(),
            written_rows=result.rows_written(),
            written_bytes=result.bytes_written(),
            elapsed_ns=int(result.elapsed() * 1e9),
        )

    def fetch(self, sql: str, output_format: str, parameters: Mapping[str, str] | None = None) -> bytes:
        """Runs a statement and returns its whole result: for small ones."""
        try:
            result = self._session.query(sql, output_format, params=dict(parameters or {}))
        except RuntimeError as error:
            raise from_engine(error) from None
        return bytes(result.bytes() or b"")

    def native_blocks(self, sql: str, parameters: Mapping[str, str] | None = None) -> Iterator[tuple[bytes, int]]:
        """Runs a SELECT; yields its blocks in the Native format with their rows, as the engine makes them."""
        stream: Any = None
        try:
            stream = self._session.send_query(sql, "Native", params=dict(parameters or {}))
            for chunk in stream:
                yield bytes(chunk.bytes()), chunk.rows_read()
        except RuntimeError as error:
            raise from_engine(error) from None
        finally:
            if stream is not None:
                with contextlib.suppress(RuntimeError):  # it has ended already
                    stream.cancel()

    def write_output(
        self, before: str, after: str, output_format: str, descriptor: int, parameters: Mapping[str, str] | None = None
    ) -> Stats:
        """Runs a query and has the engine write its result to an open file or pipe, in any format.

        Args:
            before: the query up to where its output clause belongs.
            after: the rest: a last SETTINGS clause, or nothing.
            output_format: name of a format.
            descriptor: where to write.
            parameters: values of the query's `{name:Type}`.
        """
        target = f"INTO OUTFILE '/proc/self/fd/{descriptor}' APPEND COMPRESSION 'none'"
        return self.run(f"{before}\n{target} FORMAT {quote_identifier(output_format)} {after}", parameters)

    def insert(
        self, head: InsertHead, input_format: str, descriptor: int, parameters: Mapping[str, str] | None = None
    ) -> Stats:
        """Inserts what an open file holds, from its beginning.

        The engine's own reader takes it, so an error in reading, checking or writing is an error here. (Its streaming
        insert reports success when the write itself failed.)
        """
        if os.fstat(descriptor).st_size == 0:
            return Stats()
        source = f"FROM INFILE '/proc/self/fd/{descriptor}' COMPRESSION 'none'"
        return self.run(
            # A line each: any part may end in a comment.
            f"INSERT INTO {head.target}\n{head.columns}\n{source}\n{head.settings}\n"
            f"FORMAT {quote_identifier(input_format)}",
            parameters,
        )

    def columns(self, head: InsertHead) -> list[tuple[str, str]]:
        """Names and types of the columns that an INSERT fills."""
        chosen = head.columns.strip()[1:-1] if head.columns else "*"
        target = head.target if not head.target.upper().startswith("FUNCTION") else head.target[8:]
        return self.describe(f"SELECT {chosen}\nFROM {target}")

    def describe(self, query: str, parameters: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
        """Names and types of a SELECT's result."""
        text = self.fetch(f"DESCRIBE TABLE ({query}\n)", "TabSeparated", parameters)
        rows = [line.split(b"\t") for line in text.split(b"\n") if line]
        return [(unescape(row[0]), unescape(row[1])) for row in rows]

    def on_progress(self, callback: Progress | None) -> None:
        """Has the engine report what it has read about every 100 ms; None ends it."""
        self._session._conn.set_progress_callback(callback)

    def remember(self, changes: Mapping[str, str]) -> None:
        """Notes what a SET of the client has changed, so that a query's own settings give way to it again."""
        self._session_settings.update(changes)

    @contextlib.contextmanager
    def settings(self, changes: Mapping[str, str]) -> Iterator[None]:
        """Settings for one query: applied before, put back after.

        Args:
            changes: names and values; values are given as text.
        """
        if self._session_settings.get("readonly") == "1":  # the client has locked its settings, the front's with them
            changes = {name: value for name, value in changes.items() if name != "log_comment"}
        if changes:
            self.run("SET " + ", ".join(f"{quote_identifier(name)} = {quote_string(v)}" for name, v in changes.items()))
        try:
            yield
        finally:
            back = [
                f"{quote_identifier(name)} = {self._session_settings.get(name, 'DEFAULT')}"
                for name in changes
                if name != "log_comment"  # the next query has its own
            ]
            if back:
                with contextlib.suppress(ServerError):  # a session that is closing takes none
                    self.run("SET " + ", ".join(back))
