"""The process that makes the report of each period when it is due, once, and sends it until its receipt is there.

What was done is not remembered but read from the outbox, where each step is on disk before the next begins. So the process
may be killed at any moment, and a stop needs no care: SIGTERM ends it wherever it is.
"""

import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dashboards.report.figures import read_figures
from dashboards.report.make import make, sign
from dashboards.report.outbox import Outbox, Report
from dashboards.report.push import check_address, push
from dashboards.report.schedule import Due, open_since, unmade
from dashboards.report.signing import read_key
from ioc import clock, logs
from ioc.catalogue.load import load_province
from ioc.errors import IocError, RetriableError
from ioc.logs import get_logger
from ioc.metrics import Metrics
from ioc.settings import Settings, load_settings

LOOK_S = 5.0
"""The clock is looked at so often."""

_log = get_logger("report")


class Clerk:
    """Makes and sends what is due."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        """Reads province and key.

        Raises:
            CatalogueError: a file of the province is wrong.
            ConfigError: key, address or outbox cannot be used.
        """
        self._settings, self._metrics = settings, metrics
        self._province = load_province(settings.catalogue.province, settings.catalogue.directory)
        self._key: Ed25519PrivateKey = read_key(settings.report.key_file)
        check_address(settings.report.url)
        self._outbox = Outbox.of(settings)
        self._wait_until = 0.0

    def look(self, now: datetime, monotonic_s: float) -> None:
        """Does what is due, and shows since when something is open. What fails is said, counted and tried again later."""
        if self._is_open(now) and monotonic_s >= self._wait_until:
            self._wait_until = monotonic_s + self._settings.report.again_s
            self._try(lambda: self._round(now))
            self._is_open(now)

    def _is_open(self, now: datetime) -> bool:
        reports = self._outbox.reports()
        due = unmade(reports, self._settings.report, now)
        since = open_since(reports, due)
        self._metrics.report_open.set(since.timestamp() if since else 0)
        # One that was refused is open, and a person's: there is nothing to do about it here.
        return bool(due) or any(one.state in ("made", "signed", "sent") for one in reports)

    def _round(self, now: datetime) -> None:
        with self._outbox.locked():
            for report in self._outbox.reports():
                sign(self._outbox, report, self._key)
            for one in unmade(self._outbox.reports(), self._settings.report, now):
                self._try(lambda name=one: self._make(name))  # type: ignore[misc]
            for report in self._outbox.reports():
                if report.state in ("signed", "sent"):
                    self._try(lambda report=report: self._push(report))  # type: ignore[misc]

    def _make(self, due: Due) -> None:
        settings = self._settings
        levels = [level.strip() for level in settings.report.levels.split(",")]
        figures = read_figures(settings.clickhouse, settings.clickhouse.analyst, due.period, levels)
        report, _ = make(self._outbox, self._province, due.period, figures, self._key)
        _log.info("made", report=report.id, due=due.since.isoformat(), figures=len(figures.rows))

    def _push(self, report: Report) -> None:
        done = push(self._outbox, report, self._settings.report)
        self._metrics.done("report", 1, done.since.timestamp())
        _log.info("received", report=done.id, receipt=done.words)

    def _try(self, do: Callable[[], None]) -> None:
        """One report that fails keeps no other from being made or sent."""
        try:
            do()
        except IocError as error:
            kind = "retriable" if isinstance(error, RetriableError) else "fatal"
            self._metrics.errors.labels("report", kind).inc()
            _log.warning("will be tried again" if kind == "retriable" else "a person must look", error=str(error))


def main(settings: Settings | None = None) -> int:
    """Makes and sends reports until SIGTERM or SIGINT.

    Raises:
        CatalogueError: a file of the province is wrong.
        ConfigError: there is nobody to send to, no key, or no outbox.
    """
    settings = settings or load_settings()
    logs.configure(settings.log_level, settings.log_json)
    metrics = Metrics("report")
    clerk = Clerk(settings, metrics)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    metrics.serve(settings.metrics.host, settings.metrics.report)
    _log.info("ready", periods=settings.report.periods, day=settings.report.day, at=settings.report.at)
    while True:
        clerk.look(clock.now(), time.monotonic())
        time.sleep(LOOK_S)


if __name__ == "__main__":
    raise SystemExit(main())
