"""Signed pushes: who sent a request, that nobody changed it, and that it comes once.

A sender makes the HMAC-SHA256 of the time, a dot and the body with the secret that both know, and sends two headers:

    X-IOC-Timestamp: 1795413600
    X-IOC-Signature: sha256=9f2c…

The time is part of what is signed, so that a request that somebody has recorded cannot be sent again later; within the time that a
clock may be wrong, the signatures that were used are remembered.
"""

import hmac
import time
from collections.abc import Callable

from ioc.errors import ConfigError

TIMESTAMP = "X-IOC-Timestamp"
SIGNATURE = "X-IOC-Signature"
SCHEME = "sha256="

MIN_SECRET_CHARS = 32
_TIMESTAMP_DIGITS = 12
_MAX_REMEMBERED = 200_000


class RefusedError(Exception):
    """The request is not what a sender that knows the secret sends now; the message says why, without any value."""


class ReplayError(Exception):
    """A request with this signature is in hand or was taken before."""


def sign(secret: bytes, timestamp: str, body: bytes) -> str:
    """The header `X-IOC-Signature` of a body that is sent at `timestamp` (seconds since the epoch, in digits)."""
    return SCHEME + hmac.digest(secret, timestamp.encode("ascii") + b"." + body, "sha256").hex()


class Guard:
    """Checks signatures and remembers those in use. One thread uses it."""

    def __init__(self, secret: str, clock_skew_s: int, now_s: Callable[[], float] = time.time) -> None:
        """Takes the secret that senders sign with.

        Raises:
            ConfigError: it is too short to keep anybody out.
        """
        if len(secret) < MIN_SECRET_CHARS:
            raise ConfigError(
                f"sources.hub.webhook.secret has {len(secret)} characters, at least {MIN_SECRET_CHARS} are needed; make "
                'one with `python -c "import secrets; print(secrets.token_urlsafe(32))"` and give it to the senders'
            )
        self._secret = secret.encode()
        self._skew_s = clock_skew_s
        self._now_s = now_s
        self._used: dict[str, float] = {}

    def check_time(self, timestamp: str | None, signature: str | None) -> None:
        """Whether a body is worth reading.

        Raises:
            RefusedError: a header is missing or is none, or the time is too far from the own clock.
        """
        if not timestamp or not signature:
            raise RefusedError(f"sign the request: headers {TIMESTAMP} and {SIGNATURE}")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _TIMESTAMP_DIGITS):
            raise RefusedError(f"{TIMESTAMP} is not a number of seconds since 1970")
        if not (signature.isascii() and signature.startswith(SCHEME)):
            raise RefusedError(f"{SIGNATURE} does not begin with {SCHEME}")
        if abs(int(timestamp) - self._now_s()) > self._skew_s:
            raise RefusedError(f"{TIMESTAMP} is more than {self._skew_s} s from the clock here")

    def check(self, timestamp: str, signature: str, body: bytes) -> None:
        """Whether the sender knows the secret; takes the same time wherever the signature is wrong.

        Raises:
            RefusedError: it does not.
        """
        if not hmac.compare_digest(sign(self._secret, timestamp, body), signature.lower()):
            raise RefusedError(f"{SIGNATURE} is not the signature of this time and body")

    def take(self, timestamp: str, signature: str) -> None:
        """Notes that a signature is in use, until its time is too old to be sent again.

        Raises:
            ReplayError: it is in use already.
        """
        now_s = self._now_s()
        while self._used:
            oldest = next(iter(self._used))
            if self._used[oldest] >= now_s and len(self._used) < _MAX_REMEMBERED:
                break
            del self._used[oldest]
        key = signature.lower()
        if key in self._used and self._used[key] >= now_s:
            raise ReplayError
        self._used[key] = int(timestamp) + self._skew_s

    def give_back(self, signature: str) -> None:
        """Forgets a signature whose request was not taken, so that the same request may be sent again."""
        self._used.pop(signature.lower(), None)
