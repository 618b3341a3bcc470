"""Units that report: some at once, some days late, some for a while not at all."""

import random
from dataclasses import dataclass

from ingest.simulator.world import HOUR_MS

DAY_MS = 24 * HOUR_MS

_STRETCH_PERIODS = 6
"""A unit that falls silent does so for at least so many periods in a row."""


@dataclass(frozen=True)
class Reporting:
    """When units report a period, the same each time it is asked.

    Attributes:
        name: what is reported; together with the seed and the unit it settles everything.
        seed: of the world.
        prompt_ms: mean lag of a unit that reports in time, milliseconds after the period's end.
        late_ms: mean lag of a late unit.
        late_share: share of units that are late.
        silent_share: share of units that fall silent now and then; these skip about a third of their periods, in stretches.
    """

    name: str
    seed: int
    prompt_ms: int = 2 * HOUR_MS
    late_ms: int = 3 * DAY_MS
    late_share: float = 0.2
    silent_share: float = 0.08

    def late(self, unit: str) -> bool:
        """Whether this unit reports late as a rule."""
        return self._draws(unit, "late").random() < self.late_share

    def falls_silent(self, unit: str) -> bool:
        """Whether this unit now and then does not report."""
        return self._draws(unit, "silent").random() < self.silent_share

    def at_ms(self, unit: str, period: int, end_ms: int) -> int | None:
        """When a unit reports a period, milliseconds since the epoch; None: never.

        Args:
            unit: its code.
            period: number of the period, by whatever is counted: days, months, quarters since the epoch.
            end_ms: the period's end.
        """
        if self.silent(unit, period):
            return None
        mean_ms = self.late_ms if self.late(unit) else self.prompt_ms
        return end_ms + int(mean_ms * self._draws(unit, f"lag:{period}").uniform(0.3, 1.7))

    def silent(self, unit: str, period: int) -> bool:
        """Whether a unit does not report this period."""
        if not self.falls_silent(unit):
            return False
        return self._draws(unit, f"stretch:{period // _STRETCH_PERIODS}").random() < 1 / 3

    def _draws(self, unit: str, purpose: str) -> random.Random:
        return random.Random(f"{self.seed}:{self.name}:{unit}:{purpose}")
