"""The options of query variables: each query is asked once a minute for all viewers."""

import asyncio
from collections import OrderedDict

from dashboards.wall.question import Frame, Question, Reader
from dashboards.wall.variables import Option

_KEPT_S = 60.0
_QUERIES = 200
"""Queries whose options are held; those asked for longest ago go first."""
_OPTIONS = 5000
"""Options of one variable at most."""


class Choices:
    """What query variables may be, by their SQL."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._held: OrderedDict[str, tuple[float, tuple[Option, ...]]] = OrderedDict()
        self._lock = asyncio.Lock()

    async def __call__(self, sql: str) -> tuple[Option, ...]:
        """The options that the SQL gives: from columns `__value` and `__text`, else from the first two; one column is both.

        Raises:
            RetriableError, RefusedError: as the reader does.
        """
        async with self._lock:
            at = asyncio.get_running_loop().time()
            if sql in self._held and at - self._held[sql][0] < _KEPT_S:
                self._held.move_to_end(sql)
                return self._held[sql][1]
            options = options_in(await self._reader.ask(Question(sql)))
            self._held[sql] = (at, options)
            self._held.move_to_end(sql)
            while len(self._held) > _QUERIES:
                self._held.popitem(last=False)
            return options


def options_in(frame: Frame) -> tuple[Option, ...]:
    """The options that a result lists."""
    if not frame.columns:
        return ()
    value = frame.columns.index("__value") if "__value" in frame.columns else 0
    text = frame.columns.index("__text") if "__text" in frame.columns else min(1, len(frame.columns) - 1)
    found = {str(row[value]): Option(str(row[value]), str(row[text])) for row in frame.rows[:_OPTIONS]}
    return tuple(found.values())
