"""What a difference may still be explained by, although no message is on its way: the next round over the past, the next snapshot.

A version that comes late for a day that is sealed, or whose states are written down, counts there after the next round of
`sinks/past.py`; figures of now are right with the snapshot that is taken after it.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from sinks.compare import Comparison
from sinks.quiet import Ends
from sinks.sides.past import PAST
from sinks.sides.snapshot import NOW

_SNAPSHOT_S = 45.0
"""The snapshot of the last thing that was stored is taken within so long, also after a start, when all is counted anew."""

_ROUND_S = 60.0
"""A round over the past takes no longer than this."""

_OF_PAST = ("sealed ", "state_days ", "indicator_values ", "composite_values ", NOW, PAST)
"""How the names of differences begin that a round over the past may put right."""

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Moment:
    """One moment by both clocks: the server's, which its rows bear, and this process's, which nobody sets."""

    server: datetime
    monotonic_s: float


class Settled:
    """Remembers since when nothing has moved, and who has looked since."""

    def __init__(self, comparison: Comparison, seal_s: float) -> None:
        """`seal_s`: a round over the past begins as often as this."""
        self._comparison = comparison
        # One may have begun just before, and the next one waits until it has ended.
        self._patience_s = seal_s + 2 * _ROUND_S
        self._ends: Ends | None = None
        self._marks: tuple[object, ...] = ()
        self._begun: list[Moment] = []
        self._still = self._unmoved = Moment(_NEVER, 0.0)
        self._past_seen = self._shown = _NEVER
        self._laid_out = False

    @property
    def looks(self) -> int:
        """How many looks have begun."""
        return len(self._begun)

    def begin(self, ends: Ends | None) -> None:
        """Before each look: what stands now is all that the look can rest on.

        `ends`: of the logs when nothing was on its way; None while data flow.
        """
        compared = self._comparison
        now = Moment(compared.server_time(), time.monotonic())
        self._begun.append(now)
        # Read within the look: what comes during it proves nothing.
        self._past_seen, self._shown, marks = compared.past_seen_until(), compared.refreshed_at(), compared.marks()
        self._laid_out = compared.laid_out()
        if ends is None or ends != self._ends:
            self._still = now
        if ends is None or (ends, marks) != (self._ends, self._marks):
            self._unmoved = now
        self._ends, self._marks = ends, marks

    def proven(self, what: str, looks: int) -> bool:
        """Whether neither a round over the past nor a snapshot can explain a difference any more.

        `looks`: so many looks on end it has been the same; while data flow it is as old as the first of them.
        """
        since = self._begun[-looks] if self._ends is None else self._still
        if what.startswith(_OF_PAST) and not self._after(self._past_seen, since, self._patience_s):
            return False
        if what.startswith(PAST) and not self._laid_out and not self._after(_NEVER, since, self._patience_s):
            return False
        if self._ends is None or not _of_snapshot(what):
            return True
        return self._after(self._shown, self._unmoved, _SNAPSHOT_S)

    def _after(self, seen: datetime, since: Moment, patience_s: float) -> bool:
        """Whether somebody has looked since then, or should have long ago."""
        return seen >= since.server or self._begun[-1].monotonic_s >= since.monotonic_s + patience_s


def _of_snapshot(what: str) -> bool:
    """Whether a difference may come from a snapshot that is older than the cells."""
    return what.startswith((NOW, PAST, "composite_values ")) or (
        what.startswith("indicator_values ") and " now " in what
    )
