"""Up to which time of its observation the fold of a partition stands: a worker that stopped must not leave figures that look fresh."""

from datetime import datetime

from ioc.contracts.control import Feed

SOURCE = "fold"
"""What stands as source in these feeds; their stream is `<kind>/<partition>`."""

EVERY_S = 5.0


class Progress:
    """What was applied since the last heartbeat, and up to when."""

    def __init__(self, kind: str, partition: int) -> None:
        self.key = f"{SOURCE}/{kind}/{partition}/".encode()
        self._kind = kind
        self._stream = f"{kind}/{partition}"
        self._records = 0
        self._upto: datetime | None = None

    def applied(self, records: int, newest: datetime | None) -> None:
        """Notes events that were applied, and when the newest of them was observed."""
        self._records += records
        self._note(newest)

    def caught_up(self, moment: datetime) -> None:
        """Notes that at `moment` the log held nothing that is not applied."""
        self._note(moment)

    def _note(self, moment: datetime | None) -> None:
        if moment is not None and (self._upto is None or moment > self._upto):
            self._upto = moment

    def beat(self, moment: datetime) -> Feed:
        """The heartbeat at `moment`; begins to count anew."""
        records, self._records = self._records, 0
        return Feed(
            source=SOURCE,
            stream=self._stream,
            unit="",
            kinds=self._kind,
            read_at=moment,
            source_time=self._upto,
            records=records,
            rejected=0,
            late=0,
        )
