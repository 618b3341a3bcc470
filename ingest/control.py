"""What operators have ordered: which streams pause, which are under planned maintenance, which listing is accepted.

Orders stand in the compacted topic `controls`, so they outlive every process; the connectors follow it and obey within two
seconds. A pause is none of the source's doing and the figures grow old with it; only planned maintenance is not held
against them (the views do that, from the table `source_controls`).
"""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime

from pydantic import ValidationError

from ingest.retry import Stop, StoppedError
from ioc.contracts.control import Action, Control
from ioc.errors import FatalError, RetriableError
from ioc.kafka.compacted import follow
from ioc.logs import get_logger
from ioc.topics import CONTROLS

_log = get_logger("ingest.control")

_AGAIN_S = 1.0


class Orders:
    """The newest version of every order; threads share it."""

    def __init__(self) -> None:
        self._orders: dict[bytes, Control] = {}

    def take(self, key: bytes, raw: bytes | None) -> None:
        """Takes a message of the topic in. One that is no order is reported and left out: nobody stops for it."""
        # A new dict each time: readers in other threads see the one or the other.
        orders = {known: order for known, order in self._orders.items() if known != key}
        if raw is not None:
            try:
                orders[key] = Control.model_validate_json(raw)
            except ValidationError as error:
                _log.error(
                    "not an order", key=key.decode(errors="replace"), error=str(error.errors(include_input=False))
                )
        self._orders = orders

    def active(self, action: Action, source: str, stream: str, at: datetime) -> Control | None:
        """The order of this kind that a stream is under at a moment."""
        return next(
            (
                order
                for order in self.all()
                if order.action == action and order.is_for(source, stream) and order.is_active(at)
            ),
            None,
        )

    def all(self) -> Iterator[Control]:
        """Every order, whether in force or not."""
        yield from self._orders.values()


class Follower:
    """Keeps orders up to date in a thread of its own."""

    def __init__(self, bootstrap: str, orders: Orders, stop: Stop) -> None:
        self._bootstrap, self._orders, self._stop = bootstrap, orders, stop
        self._loaded = threading.Event()
        self._fault: FatalError | None = None
        self._thread = threading.Thread(target=self._run, name="controls", daemon=True)

    def start(self, look_s: float = 0.1) -> None:
        """Starts, and returns when every order that stands in the topic is known: a paused stream must not begin to read.

        Raises:
            StoppedError: the process is to end before that.
            FatalError: the topic cannot be read.
        """
        self._thread.start()
        while not self._loaded.wait(look_s):
            if self._fault is not None:
                raise self._fault
            if self._stop.is_set():
                raise StoppedError

    def join(self, timeout_s: float) -> None:
        """Waits for the thread after a stop."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._follow(self._orders.take)
            except RetriableError as error:
                _log.warning("orders cannot be read, trying again; those known stay in force", error=str(error))
                self._stop.wait(_AGAIN_S)
            except FatalError as error:
                self._fault = error
                _log.critical("orders cannot be read; those known stay in force", error=str(error))
                return

    def _follow(self, take: Callable[[bytes, bytes | None], None]) -> None:
        follow(self._bootstrap, CONTROLS.name, take, self._loaded.set, self._stop.is_set)
