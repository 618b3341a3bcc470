"""How far each rollup is sealed, as the sink says: what the fold need not keep any more."""

import time
from collections.abc import Iterable

from pydantic import ValidationError

from ioc.catalogue.rollup import Rollup
from ioc.contracts.control import Seal
from ioc.logs import get_logger
from ioc.topics import SEALS
from streams.log import Log, Place

KEPT_DAYS = 2
"""Cells are kept for so long after they are sealed, so that whoever reads them goes over to the seals in peace."""

LOOK_S = 30.0
"""How often the topic is asked for more."""

_logger = get_logger("worker")


class Seals:
    """The seals of one generation, read as they come."""

    def __init__(self, log: Log, generation: str) -> None:
        self._log, self._generation = log, generation
        self._until: dict[str, int] = {}
        self._at = 0
        self._look_at = 0.0

    async def horizon(self, rollups: Iterable[Rollup]) -> int:
        """First local day (days since 1970-01-01) that these rollups need cells of; 0 while one of them has no seal.

        Raises:
            RetriableError: the broker cannot be read.
        """
        flows = [rollup.rollup_id for rollup in rollups if rollup.mode == "flow"]
        if not flows:
            return 0
        await self._look()
        return max(0, min(self._until.get(rollup_id, 0) for rollup_id in flows) - KEPT_DAYS)

    async def _look(self) -> None:
        if time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + LOOK_S
        place = Place(SEALS.name, 0)
        first, end = await self._log.bounds(place)
        # A topic that is shorter than before was made anew.
        start = max(first, self._at if self._at <= end else 0)
        records, self._at = await self._log.read(place, start, end)
        for record in records:
            if record.value is None:
                continue
            try:
                seal = Seal.model_validate_json(record.value)
            except ValidationError as refused:
                _logger.warning("not a seal, passed over", offset=record.offset, error=str(refused))
                continue
            if seal.generation == self._generation:
                self._until[seal.rollup_id] = max(seal.sealed_until, self._until.get(seal.rollup_id, 0))
