"""When nothing is on its way any more: the lags of the sink's groups and of the fold."""

import re
import time
from collections.abc import Callable

import httpx

from ioc.catalogue.load import Catalogue
from ioc.kafka.consumer import progress_of
from ioc.settings import Settings
from ioc.topics import PARTIALS, events

_STABLE_S = 4.0
"""Without the worker's metrics: partials that have not grown for so long are all there."""

_LOOK_S = 0.25

Ends = dict[tuple[str, int], int]
"""(topic, partition) → end of its log."""


def topics_of(catalogue: Catalogue) -> dict[str, int]:
    """Topics of events that the rollups read, with their partitions."""
    topics = (events(rollup.kind) for rollup in catalogue.compiled.rollups.values())
    return {topic.name: topic.partitions for topic in topics}


def ends_of(settings: Settings, catalogue: Catalogue) -> Ends:
    """Ends of the logs of events and partials."""
    bootstrap = settings.kafka.bootstrap
    return {
        **progress_of(bootstrap, "ioc-sink-events", topics_of(catalogue)).ends,
        **progress_of(bootstrap, "ioc-sink-figures", {PARTIALS.name: PARTIALS.partitions}).ends,
    }


def wait_quiet(settings: Settings, catalogue: Catalogue, deadline: float) -> Ends | None:
    """Waits until nothing is on its way and gives the ends of the logs then; None when `deadline` comes first."""
    bootstrap = settings.kafka.bootstrap
    stable = Stable()
    while True:
        stored = progress_of(bootstrap, "ioc-sink-events", topics_of(catalogue))
        lag = worker_lag(settings)
        # Asked for after the worker: whatever it has emitted by then is in the end of this log.
        figures = progress_of(bootstrap, "ioc-sink-figures", {PARTIALS.name: PARTIALS.partitions})
        ends = {**stored.ends, **figures.ends}
        still = stable(ends) if lag is None else lag == 0
        if still and stored.lag == 0 and figures.lag == 0:
            return ends
        if time.monotonic() >= deadline:
            return None
        time.sleep(_LOOK_S)


class Stable:
    """Whether a value has stayed the same for `_STABLE_S`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._value: object = None
        self._since = clock()

    def __call__(self, value: object) -> bool:
        """Takes the value as it is now."""
        if value != self._value:
            self._value, self._since = value, self._clock()
        return self._clock() - self._since >= _STABLE_S


_LAG = re.compile(r'^ioc_lag_messages\{[^}]*stage="worker"[^}]*\} (\S+)$', re.MULTILINE)


def worker_lag(settings: Settings) -> float | None:
    """Messages that the fold has not done, as its metrics say; None when they cannot be had."""
    port = settings.metrics.worker
    if not port:
        return None
    try:
        answer = httpx.get(f"http://{settings.metrics.host}:{port}/metrics", timeout=2)
    except httpx.HTTPError:
        return None
    found = _LAG.findall(answer.text)
    return sum(map(float, found)) if found else None
