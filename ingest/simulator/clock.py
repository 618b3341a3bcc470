"""The simulated clock: runs ahead from a moment in the past until it has caught up with real time."""

import time
from collections.abc import Callable
from dataclasses import dataclass


def wall_ms() -> int:
    """Real time, milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class SimulatedClock:
    """Simulated now, in milliseconds since the epoch; never later than real now.

    Attributes:
        origin_ms: simulated moment that belongs to `started_ms`.
        started_ms: real moment of the first start.
        speed: simulated time per real time; None: the clock is real time.
        wall: real time.
    """

    origin_ms: int
    started_ms: int
    speed: float | None = None
    wall: Callable[[], int] = wall_ms

    def now_ms(self) -> int:
        """The simulated now."""
        real = self.wall()
        if self.speed is None:
            return real
        return min(real, self.origin_ms + int((real - self.started_ms) * self.speed))

    def caught_up(self) -> bool:
        """Whether the simulated now is real now."""
        return self.speed is None or self.origin_ms + (self.wall() - self.started_ms) * self.speed >= self.wall()
