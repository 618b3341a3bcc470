"""The log of mails: the table `mails`, a row a state.

A key is claimed (`sending`) before its mail is handed to the mail server, and is never sent again unless the server has surely
not taken it (`deferred`). A process that is killed between the two leaves it at `sending`: that mail may or may not have gone
out, and is not repeated. So a reminder goes out at most once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from dashboards.tables import Tables
from ioc import clock
from ioc.clock import LOCAL

State = Literal["sending", "sent", "deferred", "refused", "unknown"]


class Key(NamedTuple):
    """What names a mail, or a line of one: it is sent at most once.

    Attributes:
        about: `brief`, `report` or `source`.
        unit: unit of the province or name of the source; empty for a brief.
        series: series, or stream of the source; empty for a brief.
        start: first day of the period, day since when the source is silent, day of the brief.
        step: step of the escalation.
        recipient: address.
    """

    about: str
    unit: str
    series: str
    start: date
    step: int
    recipient: str


@dataclass(frozen=True)
class Kept:
    """The newest state of a key, and the local day on which it was reached."""

    state: State
    on: date

    @property
    def settled(self) -> bool:
        """Whether it is not to be sent again."""
        return self.state != "deferred"


@dataclass(frozen=True)
class Entry:
    """A row of the log, for people to read."""

    key: Key
    state: State
    mail: str
    reply: str
    at: datetime


class Log:
    """Reads and writes the table."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def write(self, keys: Iterable[Key], state: State, mail: str, reply: str = "") -> None:
        """Adds a state of each key; when it returns it is stored.

        Raises:
            RetriableError: ClickHouse is away.
            RefusedError: it refuses, for example because the table is missing.
        """
        at = f"{clock.now():%Y-%m-%d %H:%M:%S.%f}"
        self._tables.insert(
            "mails",
            [
                {
                    "about": key.about, "unit": key.unit, "series": key.series, "period_start": key.start.isoformat(),
                    "step": key.step, "recipient": key.recipient, "state": state, "mail": mail, "reply": reply[:500], "at": at,
                }
                for key in keys
            ],
        )  # fmt: skip

    def kept(self, since: date) -> dict[Key, Kept]:
        """The newest state of every key whose period begins on a day or after it. Raises as `write` does."""
        rows = self._tables.query(
            "SELECT about, unit, series, period_start, step, recipient, argMax(state, at) AS newest, max(at) AS reached "
            f"FROM mails WHERE period_start >= toDate('{since.isoformat()}') "
            "GROUP BY about, unit, series, period_start, step, recipient"
        )
        return {_key(row): Kept(row["newest"], _moment(row["reached"]).astimezone(LOCAL).date()) for row in rows}

    def newest(self, limit: int) -> list[Entry]:
        """The last rows, newest first. Raises as `write` does."""
        rows = self._tables.query(f"SELECT * FROM mails ORDER BY at DESC LIMIT {limit}")
        return [Entry(_key(row), row["state"], row["mail"], row["reply"], _moment(row["at"])) for row in rows]


def _key(row: dict[str, object]) -> Key:
    start = date.fromisoformat(str(row["period_start"]))
    about, unit, series, recipient = (str(row[name]) for name in ("about", "unit", "series", "recipient"))
    return Key(about, unit, series, start, int(str(row["step"])), recipient)


def _moment(text: object) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")
