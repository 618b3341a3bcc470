"""How many queries a user runs at once and in an hour, and how long: counted here, the engine has one user for all."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from deploy.embedded.clickhouse.errors import ServerError
from deploy.embedded.clickhouse.users import User

HOUR_S = 3600


@dataclass(slots=True)
class _Used:
    hour: int = 0
    queries: int = 0
    seconds: float = 0.0
    running: int = 0


class Quotas:
    """What each user has used of the running hour of the clock; forgotten when the process ends.

    Args:
        clock: seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._used: dict[str, _Used] = {}
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def charge(self, user: User) -> Iterator[None]:
        """Counts one query of a user for as long as it runs; one without limits is not counted.

        Raises:
            ServerError: 201, the hour's queries or seconds are used up; 202, too many run at once.
        """
        if user.limits is None:
            yield
            return
        begun = self._clock()
        with self._lock:
            used = self._of_this_hour(user.name, begun)
            self._check(user, used)
            used.queries += 1
            used.running += 1
        try:
            yield
        finally:
            with self._lock:
                ended = self._clock()
                used = self._of_this_hour(user.name, ended)
                used.running -= 1
                used.seconds += max(0.0, ended - max(begun, used.hour * HOUR_S))

    def _of_this_hour(self, name: str, now: float) -> _Used:
        used = self._used.setdefault(name, _Used())
        hour = int(now // HOUR_S)
        if used.hour != hour:
            used.hour, used.queries, used.seconds = hour, 0, 0.0
        return used

    @staticmethod
    def _check(user: User, used: _Used) -> None:
        limits = user.limits
        assert limits is not None
        if used.running >= limits.concurrent:
            raise ServerError.named(
                202, f"Too many simultaneous queries for user {user.name}. Current: {used.running}, maximum: {limits.concurrent}"
            )  # fmt: skip
        end = datetime.fromtimestamp((used.hour + 1) * HOUR_S, UTC)
        for what, amount, most in (
            ("queries", used.queries, limits.queries_per_hour),
            ("execution_time", used.seconds, limits.seconds_per_hour),
        ):
            if amount >= most:
                raise ServerError.named(
                    201,
                    f"Quota for user `{user.name}` for {HOUR_S}s has been exceeded: {what} = {amount:.6g}/{most}. "
                    f"Interval will end at {end:%Y-%m-%d %H:%M:%S} UTC",
                )
