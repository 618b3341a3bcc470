"""Rate limit: no more requests a second than the source allows, all streams together."""

import threading
import time
from collections.abc import Callable


class RateLimit:
    """Spaces requests evenly; threads share it."""

    def __init__(
        self,
        per_second: float,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._gap_s = 1.0 / per_second
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next_s = 0.0

    def wait(self) -> None:
        """Returns when the next request may go."""
        with self._lock:
            now = self._monotonic()
            turn = max(now, self._next_s)
            self._next_s = turn + self._gap_s
        if turn > now:
            self._sleep(turn - now)
