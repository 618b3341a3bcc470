"""Sessions that HTTP clients name by `session_id`: kept between requests until they time out."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from deploy.embedded.clickhouse.engine.engine import Engine
from deploy.embedded.clickhouse.engine.session import EngineSession
from deploy.embedded.clickhouse.errors import ServerError
from deploy.embedded.clickhouse.http.request import Request
from deploy.embedded.clickhouse.users import User

TIMEOUT_MAX_S = 3600.0


@dataclass(slots=True)
class _Named:
    session: EngineSession
    timeout_s: float
    used_at: float
    busy: threading.Lock = field(default_factory=threading.Lock)


class HttpSessions:
    """Sessions by user and name. A user sees no other user's."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sessions: dict[tuple[str, str], _Named] = {}
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def use(self, request: Request, user: User, *, readonly: bool) -> Iterator[EngineSession]:
        """The session for a request: its named one, or one for this request alone.

        Raises:
            ServerError: 372, it must exist and does not; 373, another request uses it.
        """
        self.expire()
        if not request.session_id:
            session = self._engine.session(request.database, user, only_reading=readonly)
            try:
                yield session
            finally:
                self._engine.end(session)
            return
        key = (user.name, request.session_id)
        named = self._named(key, request, user)
        try:
            yield named.session
        finally:
            named.used_at = time.monotonic()
            named.busy.release()
            if request.close_session:
                with self._lock:
                    self._sessions.pop(key, None)
                self._engine.end(named.session)

    def expire(self) -> None:
        """Closes sessions that nobody has used for their time-out."""
        now = time.monotonic()
        with self._lock:
            old = [
                key
                for key, named in self._sessions.items()
                if now - named.used_at > named.timeout_s and named.busy.acquire(blocking=False)
            ]
            ended = [self._sessions.pop(key) for key in old]
        for named in ended:
            self._engine.end(named.session)

    def _named(self, key: tuple[str, str], request: Request, user: User) -> _Named:
        with self._lock:
            named = self._sessions.get(key)
            if named is None:
                if request.session_check:
                    raise ServerError.named(372, f"Session {request.session_id} not found")
                session = self._engine.session(request.database, user)
                named = self._sessions[key] = _Named(session, 0.0, time.monotonic())
            if not named.busy.acquire(blocking=False):
                raise ServerError.named(373, f"Session {request.session_id} is locked by a concurrent client")
            named.timeout_s = min(max(request.session_timeout_s, 1.0), TIMEOUT_MAX_S)
            return named
