"""Waits until a generation that is folded beside the live one has all that was published, and the tables have it too."""

import time
from collections.abc import Callable, Iterable, Mapping

from ioc.errors import RetriableError
from ioc.generations import fold_group
from ioc.kafka.consumer import Progress, progress_of
from ioc.settings import Settings
from ioc.topics import PARTIALS, events
from sinks.quiet import worker_lag

_LOOK_S = 0.5
_EMIT_S = 1.5
"""What is folded is emitted within so long."""

_FEW = 50
"""So many messages may be on their way in a stream that never rests."""

Show = Callable[[Mapping[str, tuple[int, int]]], None]
"""Told of each kind: messages folded, and messages that there are."""


class CatchingUp:
    """Looks at one generation from outside."""

    def __init__(
        self,
        settings: Settings,
        generation: str,
        kinds: Iterable[str],
        check: Callable[[], None],
        left_s: Callable[[], float],
        metrics_port: int = 0,
    ) -> None:
        """Looks at nothing yet.

        Args:
            settings: those in force.
            generation: which one.
            kinds: kinds of event that it reads.
            check: raises when it is of no use to wait any longer.
            left_s: seconds that are left.
            metrics_port: where its worker shows its metrics; 0: it is not known, the group's commits must do.
        """
        self._settings, self._check, self._left_s = settings, check, left_s
        self._group = fold_group(generation)
        self._topics = {events(kind).name: events(kind).partitions for kind in kinds}
        metrics = settings.metrics.model_copy(update={"worker": metrics_port})
        self._of_worker = settings.model_copy(update={"metrics": metrics})
        self._first: dict[tuple[str, int], int] = {}

    def folded(self, show: Show) -> None:
        """Returns when all messages are folded that had been published at the call, and but for a few all others.

        Raises:
            RetriableError: the time is over, or the broker is away.
            FatalError: what `check` raises.
        """
        goal = self._progress().ends
        while True:
            at = self._progress()
            show(self._by_kind(at))
            # Of a worker that ended the group's commits say nothing: it may have been given what it never folded.
            self._check()
            if self._worker_is_done() and all(at.committed[place] >= end for place, end in goal.items()):
                return
            self._wait(f"folding: {at.lag} messages are left")

    def _worker_is_done(self) -> bool:
        """Whether the worker itself is at the end of its log, or nearly so while data flow; true where nobody can ask it."""
        if not self._of_worker.metrics.worker:
            return True
        lag = worker_lag(self._of_worker)
        return lag is not None and lag <= _FEW

    def stored(self) -> None:
        """Returns when all is in the tables that had been published at the call, and what the fold says of it.

        Raises as `folded` does.
        """
        self.folded(lambda _: None)
        time.sleep(_EMIT_S)
        partials = {PARTIALS.name: PARTIALS.partitions}
        for group, topics in (("ioc-sink-events", self._topics), ("ioc-sink-figures", partials)):
            bootstrap = self._settings.kafka.bootstrap
            goal = progress_of(bootstrap, group, topics).ends
            while True:
                at = progress_of(bootstrap, group, topics)
                if all(at.committed[place] >= end for place, end in goal.items()):
                    break
                self._wait(f"storing: {group} has {at.lag} messages left; does the sink run?")

    def _wait(self, doing: str) -> None:
        self._check()
        if self._left_s() <= 0:
            raise RetriableError(f"the time is over while {doing}. What was folded is kept: run the command again")
        time.sleep(_LOOK_S)

    def _progress(self) -> Progress:
        found = progress_of(self._settings.kafka.bootstrap, self._group, self._topics)
        for place, offset in found.committed.items():
            self._first.setdefault(place, offset)
        return found

    def _by_kind(self, at: Progress) -> dict[str, tuple[int, int]]:
        done: dict[str, tuple[int, int]] = {}
        for (topic, part), end in at.ends.items():
            first = self._first[topic, part]
            before = done.get(topic, (0, 0))
            done[topic] = before[0] + at.committed[topic, part] - first, before[1] + end - first
        return {topic.partition(".")[2]: counts for topic, counts in done.items()}
