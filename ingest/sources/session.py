"""A login that several streams of a source share, renewed when it has expired."""

import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from pydantic import SecretStr

from ingest.sources.body import BodyReader
from ingest.sources.web import SessionExpiredError, Web
from ioc.errors import FatalError, RetriableError

T = TypeVar("T")


class Login(Protocol):
    """Settings with a user and a password."""

    @property
    def user(self) -> str:
        """User, or client id."""
        ...

    @property
    def password(self) -> SecretStr:
        """Password, or client secret."""
        ...


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


def client_token(web: Web, path: str, login: Login, section: str) -> str:
    """A new access token by OAuth 2 client credentials (RFC 6749, section 4.4).

    Args:
        web: the service that gives tokens.
        path: where it gives them.
        login: settings with user and password.
        section: name of those settings, for messages.

    Raises:
        RetriableError: no answer, or one without a token.
        FatalError: the login is refused.
    """
    form = {
        "grant_type": "client_credentials",
        "client_id": login.user,
        "client_secret": login.password.get_secret_value(),
    }
    try:
        answer = web.ask("POST", path, data=form)
    except SessionExpiredError as error:
        raise FatalError(f"login refused: {error}; check {section} user and password") from error
    token = BodyReader("").read(answer.body).members.get("access_token")
    if not isinstance(token, str) or not token:
        raise RetriableError(f"{web.url}: a login without access_token")
    return token
