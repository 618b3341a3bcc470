"""Notices topics that are deleted and made again while a sink reads them.

A consumer goes on at its old offset in the new log, and what lies before it would never be stored.
"""

from collections.abc import Sequence

from ioc.errors import FatalError
from ioc.kafka.admin import topic_ids


class TopicWatch:
    """Knows the topics by the ids that the broker gave them."""

    def __init__(self, bootstrap: str, names: Sequence[str]) -> None:
        self._bootstrap, self._names = bootstrap, names
        self._ids: dict[str, str] = {}

    def look(self) -> None:
        """Compares the ids with those of the first look.

        Raises:
            FatalError: a topic is not the one that it was.
            RetriableError: the broker cannot be reached.
        """
        try:
            ids = topic_ids(self._bootstrap, self._names)
        except FatalError:
            return  # deleted, and not made again yet
        again = sorted(name for name, known in self._ids.items() if ids[name] != known)
        if again:
            raise FatalError(
                f"{', '.join(again)} was deleted and made again while the sink read it: start the sink again, it then reads the "
                "new topic from its beginning; for events run `ioc catalogue deploy` too, the fold needs a new generation"
            )
        self._ids = ids
