"""Notices partitions that no sink reads, and has the sinks share them anew.

A static member that is started again within its session gets the partitions that it had, whatever its topics are by now: one that
was deleted, and therefore taken from the group, and made again meanwhile would be read by nobody.
"""

from collections.abc import Mapping, Sequence

from ioc.kafka.groups import share_anew, unread
from ioc.logs import get_logger

_log = get_logger("sink.groups")


class GroupWatch:
    """Knows what nobody read at the last look: a group that is being arranged has the time between two looks."""

    def __init__(self, bootstrap: str, groups: Mapping[str, Sequence[str]]) -> None:
        """Looks at nothing yet; `groups`: topics by the group that reads them."""
        self._bootstrap, self._groups = bootstrap, groups
        self._unread: dict[str, set[tuple[str, int]]] = {}

    def look(self) -> None:
        """Has a group shared anew of which the same partition was unread at the last look too.

        Raises:
            RetriableError: the broker cannot be reached.
        """
        for group, topics in self._groups.items():
            before, now = self._unread.get(group, set()), unread(self._bootstrap, group, topics)
            self._unread[group] = now
            if still := before & now:
                _log.warning("nobody reads these, the group is shared anew", group=group, partitions=sorted(still))
                self._unread[group] = set()
                share_anew(self._bootstrap, group)
