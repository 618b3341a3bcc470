"""Trying again: how long to wait, and when to stop trying because the process is to end."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

import stamina

from ingest.source import RetryLaterError
from ioc.errors import RetriableError

T = TypeVar("T")

WAIT_INITIAL_S = 0.2
WAIT_MAX_S = 5.0
"""Also the longest that a stop waits for a sleeping retry."""


class StoppedError(Exception):
    """The process is to end and the call has not succeeded: what was in hand is read again at the next start."""


class Stop:
    """Tells the threads to end, and how long what they have in hand may still take."""

    def __init__(self, grace_s: float = 6.0) -> None:
        self._event = threading.Event()
        self._grace_s = grace_s
        self._deadline = 0.0

    def set(self) -> None:
        """Asks everybody to end."""
        self._deadline = time.monotonic() + self._grace_s
        self._event.set()

    def is_set(self) -> bool:
        """Whether to end."""
        return self._event.is_set()

    def wait(self, timeout_s: float | None) -> bool:
        """Sleeps until it is time to end, or for `timeout_s`; whether it is time to end."""
        return self._event.wait(timeout_s)

    def grace_is_over(self) -> bool:
        """Whether also what is in hand must be left."""
        return self._event.is_set() and time.monotonic() >= self._deadline


def until_done(call: Callable[[], T], stop: Stop, failed: Callable[[RetriableError], None], in_hand: bool) -> T:
    """Calls until it succeeds: retriable errors are tried again for ever, with back-off and jitter.

    Args:
        call: what to do.
        stop: ends the trying.
        failed: told of each failure.
        in_hand: whether a stop still grants its grace (a page that is being published) or ends the trying at once.

    Raises:
        StoppedError: `stop` was set before it succeeded.
        IocError: any error that is not retriable, at once.
    """
    last: RetriableError | None = None

    def again(error: Exception) -> bool | float:
        nonlocal last
        if not isinstance(error, RetriableError):
            return False
        last = error
        failed(error)
        if stop.grace_is_over() if in_hand else stop.is_set():
            return False
        return min(error.after_s, WAIT_MAX_S) if isinstance(error, RetryLaterError) else True

    try:
        for attempt in stamina.retry_context(
            on=again, attempts=None, timeout=None, wait_initial=WAIT_INITIAL_S, wait_max=WAIT_MAX_S, wait_jitter=0.2
        ):
            with attempt:
                return call()
    except RetriableError as error:
        raise StoppedError from error
    raise AssertionError("a retry without limit ended without a result") from last
