"""The engine of the process: opened once, sessions for clients, killing, closing."""

import contextlib
import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from deploy.embedded.clickhouse.engine.config import render
from deploy.embedded.clickhouse.engine.datadir import DataDirectory
from deploy.embedded.clickhouse.engine.session import EngineSession
from deploy.embedded.clickhouse.errors import ServerError, too_many_queries
from deploy.embedded.clickhouse.quota import Quotas
from deploy.embedded.clickhouse.sql.lexer import quote_string
from deploy.embedded.clickhouse.users import User
from ioc.errors import FatalError

MEMORY_SHARE = 4
"""A query of a user with limits gets at most this part of the engine's memory, so that the others go on."""


class Engine:
    """Owns the data directory and the engine for as long as the process serves."""

    def __init__(self, data: Path, memory_limit_bytes: int, max_queries: int) -> None:
        self._directory = DataDirectory(data)
        self._memory_limit_bytes = memory_limit_bytes
        self._max_queries = max_queries
        self._connection = ""
        self._sessions: set[EngineSession] = set()
        self._running: set[str] = set()
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._counter = itertools.count(1)
        self._quotas = Quotas()
        self._accepting = True
        self.version: tuple[int, int, int] = (0, 0, 0)
        self.version_text = ""
        self.timezone = "UTC"
        self.table_functions: frozenset[str] = frozenset()
        """Names of all table functions that the engine has, in lower case."""
        self.outside_functions: frozenset[str] = frozenset()
        """Names of its scalar functions that speak to other machines, in lower case."""

        self.formats: frozenset[str] = frozenset()
        """Names of its formats, in lower case."""

    def open(self) -> None:
        """Claims the data directory and starts the engine.

        Raises:
            FatalError: the directory or what is in it cannot be used; the message says why.
        """
        self._directory.claim()
        try:
            text = render(self._directory.own, self._memory_limit_bytes, self._memory_limit_bytes * 3 // 4, {})
            path = self._directory.write_config(text)
            self._connection = f"{self._directory.path}?config-file={path}"
            with self._directory.engine_messages() as messages:
                self._keeper = EngineSession(self._connection)
            self._keeper.run("DROP DATABASE IF EXISTS engine_scratch")
            row = self._keeper.fetch("SELECT version(), timezone()", "TabSeparated").decode("utf-8").strip()
            self.version_text, self.timezone = row.split("\t")
            major, minor, patch = (int(part) for part in self.version_text.split(".")[:3])
            self.version = major, minor, patch
            self.table_functions = self._names("SELECT name FROM system.table_functions")
            self.formats = self._names("SELECT name FROM system.formats")
            self.outside_functions = self._names(
                "SELECT name FROM system.functions WHERE categories = 'AI' OR alias_to IN "
                "(SELECT name FROM system.functions WHERE categories = 'AI')"
            )
        except ServerError as error:
            reason = (messages.read_text(encoding="utf-8", errors="replace").splitlines() or [error.message])[0]
            self._directory.release()
            raise FatalError(
                f"data directory {self._directory.path}: the engine does not start on it: {reason}; "
                "restore it from a copy or name another directory"
            ) from None
        except FatalError:
            self._directory.release()
            raise

    def _names(self, sql: str) -> frozenset[str]:
        return frozenset(self._keeper.fetch(sql, "TabSeparated").decode("utf-8").lower().split())

    @property
    def temporary(self) -> Path:
        """Folder for files that do not outlive the process."""
        return self._directory.own / "tmp"

    def session(self, database: str, user: User, *, only_reading: bool = False) -> EngineSession:
        """A new session for a client.

        Args:
            database: its current database; empty: the default one.
            user: who it is for.
            only_reading: whoever it is may only read in it.
        """
        caps = user.caps
        if caps:
            caps["max_memory_usage"] = min(caps["max_memory_usage"], self._memory_limit_bytes // MEMORY_SHARE)
        session = EngineSession(self._connection, database, user.readonly or only_reading, caps)
        with self._lock:
            self._sessions.add(session)
        return session

    def end(self, session: EngineSession) -> None:
        """Closes a client's session."""
        with self._lock:
            self._sessions.discard(session)
        session.close()

    def new_tag(self) -> str:
        """A name for a query whose client gave none."""
        return f"front-{time.time_ns():x}-{next(self._counter)}"

    @contextlib.contextmanager
    def slot(self, tag: str, user: User) -> Iterator[None]:
        """One of the places for concurrent queries, for the query of that tag.

        Raises:
            ServerError: 201, the user has used up its quota; 202, all are taken, or all that the user may have; 216, a query of that tag runs; 745, the front is stopping.
        """
        with self._lock:
            if not self._accepting:
                raise ServerError.named(745, "The server is shutting down")
            if len(self._running) >= self._max_queries:
                raise too_many_queries(self._max_queries)
            if tag in self._running:
                raise ServerError.named(216, f"Query with id = {tag} is already running")
            self._running.add(tag)
        try:
            with self._quotas.charge(user):
                yield
        finally:
            with self._idle:
                self._running.discard(tag)
                self._idle.notify_all()

    def kill(self, tag: str) -> None:
        """Ends the query of that tag, if it still runs; returns at once."""
        with contextlib.suppress(ServerError):
            self._keeper.run(f"KILL QUERY WHERE Settings['log_comment'] = {quote_string(tag)} ASYNC")

    def kill_all(self) -> None:
        """Ends every query."""
        with contextlib.suppress(ServerError):
            self._keeper.run("KILL QUERY WHERE Settings['log_comment'] != '' ASYNC")

    def drain(self, seconds: float) -> bool:
        """Takes no more queries and waits for those under way.

        Returns:
            Whether all ended in time.
        """
        with self._idle:
            self._accepting = False
            return self._idle.wait_for(lambda: not self._running, seconds)

    def close(self) -> None:
        """Closes all sessions and gives the directory back."""
        with self._lock:
            sessions, self._sessions = self._sessions, set()
        for session in sessions:
            session.close()
        self._keeper.close()
        self._directory.release()
