"""What is known of one question, and when it is worth asking again."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from dashboards.wall.question import Question

_HISTORY = ("indicator_values", "_period(", "_past(", "_items(", "_changes(", "indicator_selected")
"""Queries of these views are read again only when a figure has changed …"""
_HEARTBEAT_ROUNDS = 3
"""… the others also, so many rounds apart, when nothing but the age of the figures has."""

_AT_LEAST_S = 60.0
"""Every query is read again after so long: days change, and the probe does not see everything."""
_SHARE = 0.01
"""Of the time that passes, at most this share goes into one query of the history, which is dear …"""
_AT_MOST_S = 20.0
"""… but news waits no longer than this."""
_COSTS = 5
"""The cheapest of so many runs is what a query costs: a busy machine makes single runs dear."""

Result = dict[str, Any]
"""Of one query: `columns`, `types`, `rows`; or `error`."""
Probed = tuple[int, int]
"""When the figures were last taken (microseconds since the epoch, 0: never), and a fingerprint of the figures alone."""


@dataclass
class Reading:
    """The last result, the round in which it last changed, and when and after what it was read."""

    question: Question
    result: Result = field(default_factory=dict)
    changed: int = 0
    read_at: float | None = None
    """By the event loop's clock."""
    costs_s: deque[float] = field(default_factory=lambda: deque(maxlen=_COSTS))
    after: Probed = (-1, -1)
    """What the probe said before it was read."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while it is read: nobody else reads it then."""

    def is_due(self, probed: Probed, at: float, refresh_s: float) -> bool:
        """Whether there can be anything new, given what the probe says."""
        if self.read_at is None or "error" in self.result:
            return True
        age = at - self.read_at
        if age >= _AT_LEAST_S or self.question.source == "prometheus":
            return True
        changed = probed[1] != self.after[1]
        if any(view in self.question.text for view in _HISTORY):
            return changed and age >= min(min(self.costs_s) / _SHARE, _AT_MOST_S)
        return changed or (probed != self.after and age >= _HEARTBEAT_ROUNDS * refresh_s)

    def take(self, result: Result, cost_s: float, at: float, probed: Probed, round_: int) -> None:
        """Keeps a result that was read in a round."""
        self.read_at, self.after = at, probed
        self.costs_s.append(cost_s)
        if self.result != result:
            self.result, self.changed = result, round_
