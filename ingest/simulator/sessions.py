"""Sessions and bearer tokens: both shapes keep the same kind of secret for a while."""

import secrets
import time
from collections.abc import Callable


class Sessions:
    """Tokens that live for `ttl_s` seconds of `monotonic`."""

    def __init__(self, ttl_s: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.ttl_s = ttl_s
        self._monotonic = monotonic
        self._ends: dict[str, float] = {}

    def open(self) -> str:
        """A new token; forgets those that have expired."""
        now = self._monotonic()
        self._ends = {token: end for token, end in self._ends.items() if end > now}
        token = secrets.token_hex(16)
        self._ends[token] = now + self.ttl_s
        return token

    def valid(self, token: str) -> bool:
        """Whether the token is known and has not expired."""
        return self._ends.get(token, 0.0) > self._monotonic()

    def drop(self, token: str) -> None:
        """Throws a token away."""
        self._ends.pop(token, None)
