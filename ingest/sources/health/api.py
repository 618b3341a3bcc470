"""One HTTP service of the healthcare systems, with the login that its streams share."""

import base64
from collections.abc import Callable, Mapping
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from ingest.sources.session import Session, client_token
from ingest.sources.web import SessionExpiredError, Web
from ioc.errors import FatalError
from ioc.settings.sources import HealthSourceSettings

T = TypeVar("T")


class Api:
    """Asks one service; threads may share it."""

    def __init__(
        self,
        url: str,
        settings: HealthSourceSettings,
        login: Literal["bearer", "basic"] = "bearer",
        token_url: str = "",
    ) -> None:
        """Logs in at `token_url` (empty: `oauth/token` below `url`) by OAuth 2 client credentials, or by HTTP Basic.

        Raises:
            ConfigError: an address is none.
        """
        self._settings = settings
        self.web = Web(url.rstrip("/"), settings.timeout_s)
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(token_url))
        # Split here: httpx puts a slash behind the address itself.
        self._tokens = Web(origin, settings.timeout_s) if token_url else None
        self._token_path = token_url.removeprefix(origin)
        self._let_in = False
        self._session = Session(self._bearer if login == "bearer" else self._basic)

    def get(self, path: str, query: Mapping[str, str], read: Callable[[bytes], T]) -> tuple[T, int | None]:
        """What `read` makes of an answer, and the service's clock (milliseconds since the epoch) when it tells it.

        Raises:
            RetriableError: no answer, or one that cannot be read.
            FatalError: the login or the request is refused.
        """

        def ask(authorization: str) -> tuple[T, int | None]:
            try:
                answer = self.web.ask("GET", path, params=query or None, headers={"Authorization": authorization})
            except SessionExpiredError as error:
                if self._password_is_new(authorization):
                    raise FatalError(f"login refused: {error}; check sources.health user and password") from error
                raise
            self._let_in = True
            return read(answer.body), answer.clock_ms

        return self._session.use(ask)

    def close(self) -> None:
        """Closes the connections."""
        self.web.close()
        if self._tokens is not None:
            self._tokens.close()

    def _password_is_new(self, authorization: str) -> bool:
        """Whether a password was refused that was never let in; one that was may be refused in passing."""
        return authorization.startswith("Basic ") and not self._let_in

    def _basic(self) -> str:
        login = f"{self._settings.user}:{self._settings.password.get_secret_value()}"
        return f"Basic {base64.b64encode(login.encode()).decode()}"

    def _bearer(self) -> str:
        web, path = (self._tokens, self._token_path) if self._tokens is not None else (self.web, "/oauth/token")
        return f"Bearer {client_token(web, path, self._settings, 'sources.health')}"
