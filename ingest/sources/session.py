"""A login that several streams of a source share, renewed when it has expired."""

import threading
from collections.abc import Callable
from typing import TypeVar

from ingest.sources.web import SessionExpiredError
from ioc.errors import RetriableError

T = TypeVar("T")


class Session:
    """Logs in when first needed and again when the source has forgotten the session.

    One session for all streams: there are systems that end a user's first session when a second begins.
    """

    def __init__(self, login: Callable[[], str]) -> None:
        self._login = login
        self._lock = threading.Lock()
        self._token: str | None = None

    def use(self, ask: Callable[[str], T]) -> T:
        """What `ask` gives, called with a session that is valid.

        Raises:
            RetriableError: a new session expires at once.
            IocError: what `ask` or the login raises.
        """
        token = self._valid(None)
        try:
            return ask(token)
        except SessionExpiredError:
            fresh = self._valid(token)
        try:
            return ask(fresh)
        except SessionExpiredError as error:
            self._forget(fresh)
            raise RetriableError(f"{error}: a new session has expired at once") from error

    def _valid(self, expired: str | None) -> str:
        with self._lock:
            if self._token is None or self._token == expired:
                self._token = None
                self._token = self._login()
            return self._token

    def _forget(self, expired: str) -> None:
        with self._lock:
            if self._token == expired:
                self._token = None
