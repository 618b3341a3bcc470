"""Asking a source by HTTP, and what each way of not answering means."""

import ssl
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import httpx

from ingest.source import RetryLaterError
from ioc.contracts.event import unix_ms
from ioc.errors import ConfigError, FatalError, RetriableError

MAX_BODY_BYTES = 256 << 20
TIMEOUTS_A_BODY = 4
_MESSAGE_BYTES = 200

_LOGIN_AGAIN = {httpx.codes.UNAUTHORIZED, httpx.codes.FOUND, httpx.codes.SEE_OTHER}
_PASSING = {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.REQUEST_TIMEOUT, httpx.codes.NOT_FOUND}


class SessionExpiredError(Exception):
    """The source no longer knows the session: log in and ask again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source answered.

    Attributes:
        body: decompressed.
        clock_ms: the source's clock (header `Date`), milliseconds since the epoch; None when it does not tell.
    """

    body: bytes
    clock_ms: int | None


class Web:
    """One source's HTTP side; threads may share it."""

    def __init__(self, url: str, timeout_s: float) -> None:
        """Keeps connections to `url`, an address with scheme and host, for as long as the source likes.

        Raises:
            ConfigError: `url` is none.
        """
        self.url = url
        parsed = httpx.URL(url) if url.isascii() else None
        if parsed is None or parsed.scheme not in {"http", "https"} or not parsed.host:
            raise ConfigError(f"source address {url!r} is not an http(s) address")
        self._timeout_s = timeout_s
        self._client = httpx.Client(base_url=parsed, timeout=timeout_s, trust_env=False, verify=_tls())

    def ask(self, method: str, path: str, **request: Any) -> Answer:
        """The answer to a request that succeeded.

        Args:
            method: GET or POST.
            path: below the source's address.
            request: as httpx takes them: json, data, params, headers.

        Raises:
            RetriableError: no answer, one cut short or too slow, 5xx, 429, 404 (a system that is being deployed anew).
            SessionExpiredError: 401, or sent on to another page.
            FatalError: any other status, or a body that is far too large.
        """
        place = f"{method} {self.url}{path}"
        try:
            with self._client.stream(method, path, **request) as response:
                body = self._body(response, place)
        except httpx.RequestError as error:
            raise RetriableError(f"{place}: {type(error).__name__}: {error}") from error
        _check_status(response, body, place)
        return Answer(body, _clock_ms(response))

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _body(self, response: httpx.Response, place: str) -> bytes:
        """The whole body; the client's own time-out is for each part of it only."""
        told = response.headers.get("content-length", "")
        chunks, size = [], 0
        deadline = time.monotonic() + TIMEOUTS_A_BODY * self._timeout_s
        if told.isdigit() and int(told) > MAX_BODY_BYTES:
            raise FatalError(
                f"{place}: the answer has {told} bytes, at most {MAX_BODY_BYTES} are read; lower page_size"
            )
        for chunk in response.iter_bytes():
            chunks.append(chunk)
            size += len(chunk)
            if size > MAX_BODY_BYTES:
                raise FatalError(f"{place}: the answer has more than {MAX_BODY_BYTES} bytes; lower page_size")
            if time.monotonic() > deadline:
                raise RetriableError(f"{place}: the answer has not ended after {TIMEOUTS_A_BODY} time-outs")
        return b"".join(chunks)


@cache
def _tls() -> ssl.SSLContext:
    """Trust in the usual authorities; to read them takes as long as thirty requests."""
    return httpx.create_ssl_context(trust_env=False)


def _check_status(response: httpx.Response, body: bytes, place: str) -> None:
    status = response.status_code
    if response.is_success:
        return
    if status in _LOGIN_AGAIN:
        raise SessionExpiredError(f"{place}: {status}")
    if status in {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}:
        asked = response.headers.get("retry-after", "")
        if asked.isdigit():
            raise RetryLaterError(f"{place}: {status}, retry after {asked} s", float(asked))
    if status in _PASSING or response.is_server_error:
        raise RetriableError(f"{place}: {status}")
    raise FatalError(
        f"{place}: {status}: {body[:_MESSAGE_BYTES].decode('utf-8', 'replace')!r}; the request or its address is wrong"
    )


def _clock_ms(response: httpx.Response) -> int | None:
    try:
        return unix_ms(parsedate_to_datetime(response.headers["date"]))
    except (KeyError, ValueError, TypeError):
        return None
