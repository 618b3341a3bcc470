"""The process that makes and sends briefs and reminders, each once a day at its local time.

What a day was done is not remembered but read: the kept brief, and the log of mails. So a process that was killed goes on where
it was, and one that is started late does what is left of the day.
"""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime

from dashboards.brief.make import folder_of, make, send
from dashboards.mail.log import State
from dashboards.mail.outbox import open_outbox
from dashboards.reminders.run import look
from ioc import clock, logs
from ioc.calendar import is_working
from ioc.catalogue.load import Catalogue, load_catalogue, load_province
from ioc.catalogue.province import Province
from ioc.clock import LOCAL
from ioc.contacts import Contacts, load_contacts
from ioc.errors import IocError
from ioc.logs import get_logger
from ioc.metrics import Metrics
from ioc.settings import Settings, load_settings

LOOK_S = 5.0
"""The clock is looked at so often."""

_log = get_logger("brief")


class Duty:
    """Something that is done once a day."""

    def __init__(self, name: str, at: str, *, working_days: bool, again_s: float, do: Callable[[], bool]) -> None:
        """Does nothing yet.

        Args:
            name: what the log calls it.
            at: local time, `06:30`, from which on it is done.
            working_days: only on those.
            again_s: a round that failed or left something is followed by another after so long.
            do: does it; whether the day is done with.
        """
        self.name, self._at, self._working, self._again_s, self._do = name, at, working_days, again_s, do
        self._done: date | None = None
        self._wait_until = 0.0

    def is_due(self, now: datetime, monotonic_s: float) -> bool:
        """Whether it is to be done at a moment."""
        local = now.astimezone(LOCAL)
        if self._done == local.date() or monotonic_s < self._wait_until or f"{local:%H:%M}" < self._at:
            return False
        return not self._working or is_working(local.date())

    def do(self, now: datetime, monotonic_s: float) -> None:
        """Does it. Raises what it raises; it is due again after a while then."""
        self._wait_until = monotonic_s + self._again_s
        if self._do():
            self._done = now.astimezone(LOCAL).date()


class Office:
    """Both duties over one set of settings."""

    def __init__(self, settings: Settings, metrics: Metrics, stop: threading.Event) -> None:
        """Reads catalogue, province and contacts.

        Raises:
            CatalogueError: a file is wrong.
            ConfigError: the contacts are wrong.
        """
        self._settings, self._metrics, self._stop = settings, metrics, stop
        self._catalogue: Catalogue = load_catalogue(settings.catalogue.directory)
        self._province: Province = load_province(settings.catalogue.province, settings.catalogue.directory)
        self._contacts()
        again_s = settings.mail.again_s
        self.duties = (
            Duty("brief", settings.brief.at, working_days=False, again_s=again_s, do=self.brief),
            Duty("reminders", settings.reminders.at, working_days=True, again_s=again_s, do=self.remind),
        )

    def _contacts(self) -> Contacts | None:
        """Read at each round: an address that is mended holds at once."""
        file = self._settings.mail.contacts
        return None if file is None else load_contacts(file, self._province)

    def brief(self) -> bool:
        """Makes and sends the brief of today; whether everybody who is to get it was settled."""
        contacts = self._contacts()
        begun = time.monotonic()
        with folder_of(self._settings).only_one():
            made = make(self._settings, self._catalogue, self._province, contacts)
            self._metrics.done("brief", 1, made.brief.made_at.timestamp())
            self._metrics.seconds.labels("brief", "make").observe(time.monotonic() - begun)
            _log.info("made", day=str(made.brief.day), pdf=str(made.pdf), off_target=len(made.brief.off_target))
            if contacts is None or not self._settings.mail.host or not contacts.brief.to:
                return True
            with open_outbox(self._settings, self._metrics, self._stop) as (log, outbox):
                return _settled(send(made, contacts.brief.to, log, outbox))

    def remind(self) -> bool:
        """Sends the reminders of today; whether all were settled."""
        contacts = self._contacts()
        if contacts is None or not self._settings.mail.host:
            return True
        with folder_of(self._settings).only_one():
            found = look(self._settings, self._catalogue, self._province, contacts)
            if found.unaddressed:
                _log.warning("nobody to remind", units=sorted({one.who for one in found.unaddressed})[:20])
            with open_outbox(self._settings, self._metrics, self._stop) as (_, outbox):
                states = outbox.send([mail for mail, _ in found.mails])
            _log.info("reminded", reports_read=found.reports_read, mails=dict(states))
            # Without the reports nobody was asked for one: the round is made up for when they are read again.
            return found.reports_read and _settled(states)

    def look(self) -> None:
        """Does what is due. What fails is said and tried again later; one duty does not keep the other from being done."""
        for duty in self.duties:
            now, monotonic_s = clock.now(), time.monotonic()
            if self._stop.is_set() or not duty.is_due(now, monotonic_s):
                continue
            try:
                duty.do(now, monotonic_s)
            except IocError as error:
                self._metrics.errors.labels("brief", type(error).__name__).inc()
                _log.warning("will be tried again", duty=duty.name, error=str(error))


def _settled(states: Counter[State]) -> bool:
    return not states["deferred"]


def main(settings: Settings | None = None) -> int:
    """Makes briefs and reminders until SIGTERM or SIGINT; returns the exit code.

    Raises:
        CatalogueError: a file of the catalogue is wrong.
        ConfigError: the contacts are wrong.
    """
    settings = settings or load_settings()
    logs.configure(settings.log_level, settings.log_json)
    stop = threading.Event()
    metrics = Metrics("brief")
    office = Office(settings, metrics, stop)
    previous = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        metrics.serve(settings.metrics.host, settings.metrics.brief)
        _log.info("ready", brief=settings.brief.at, reminders=settings.reminders.at)
        while not stop.is_set():
            office.look()
            stop.wait(LOOK_S)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
