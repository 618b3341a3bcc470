"""Which generation is live, as the topic `generations` tells it while a worker runs."""

import time

import msgspec

from ioc.contracts.generation import LIVE_KEY
from ioc.topics import GENERATIONS
from streams.log import Log, Place

LOOK_S = 2.0

_PLACE = Place(GENERATIONS.name, 0)


class _Note(msgspec.Struct):
    generation: str


class Pointer:
    """Follows the note of the live generation.

    Attributes:
        live: the live generation; empty while there is none.
    """

    def __init__(self, log: Log, generation: str, live: str, *, pinned: bool) -> None:
        """Stands where the register was read.

        Args:
            log: reads the topic.
            generation: what this worker folds.
            live: the live one, as the register said at the start.
            pinned: it folds this generation whatever is live.
        """
        self._log, self._generation, self._pinned = log, generation, pinned
        self.live = live
        self._at = 0
        self._look_at = 0.0

    @property
    def is_live(self) -> bool:
        """Whether what this worker folds is what is shown: then it says how fresh the figures are."""
        return self.live in ("", self._generation)

    async def must_go_over(self) -> bool:
        """Looks from time to time, and says whether another generation is this worker's to fold now.

        Raises:
            RetriableError: the broker cannot be read.
        """
        now = time.monotonic()
        if now < self._look_at:
            return False
        self._look_at = now + LOOK_S
        first, end = await self._log.bounds(_PLACE)
        if end > self._at:
            records, self._at = await self._log.read(_PLACE, max(first, self._at), end)
            for record in records:
                if record.key == LIVE_KEY and record.value is not None:
                    self.live = msgspec.json.decode(record.value, type=_Note).generation
        return not self._pinned and not self.is_live
