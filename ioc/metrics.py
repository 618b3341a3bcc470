"""All Prometheus collectors of the project, in one place.

Each stage has the same four: records done, lag, age of the newest record, errors; the rest is the stage's own.
`Metrics` takes its registry, so that a test reads its own and nothing else's.
"""

import time
from collections import deque
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

Stage = Literal["ingest", "worker", "sink", "wall", "brief", "report"]


class Metrics:
    """The collectors of one process."""

    def __init__(self, stage: Stage, registry: CollectorRegistry | None = None) -> None:
        self.stage: Stage = stage
        self.registry = registry or CollectorRegistry()
        self.records = Counter(
            "ioc_records", "Records done, by stage and stream", ["stage", "stream"], registry=self.registry
        )
        self.rejected = Counter(
            "ioc_rejected", "Records sent to the dead letters, by reason", ["stage", "reason"], registry=self.registry
        )
        self.unknown_fields = Counter(
            "ioc_unknown_fields",
            "Records with a field that the source sends and nobody reads",
            ["source", "stream", "field"],
            registry=self.registry,
        )
        self.errors = Counter(
            "ioc_errors", "Errors by class: retriable, fatal", ["stage", "error"], registry=self.registry
        )
        self.lag = Gauge(
            "ioc_lag_messages", "Messages (or source records) not yet done", ["stage", "stream"], registry=self.registry
        )
        self.offset = Gauge(
            "ioc_stored_offset", "Source offset up to which everything is stored for good", ["stage", "stream"],
            registry=self.registry,
        )  # fmt: skip
        self.rate = Gauge(
            "ioc_rate_records_per_second", "Records a second over the last 10 s", ["stage"], registry=self.registry
        )
        self.newest = Gauge(
            "ioc_newest_record_timestamp_seconds",
            "When the newest record done was observed at its source",
            ["stage"],
            registry=self.registry,
        )
        self.kept = Counter(
            "ioc_kept_entities", "Living entities published again from the tables", ["kind"], registry=self.registry
        )
        self.seconds = Histogram(
            "ioc_step_seconds", "Time that a step takes", ["stage", "step"], registry=self.registry
        )
        self.findings = Gauge("ioc_findings_open", "Reported figures with something wrong", registry=self.registry)
        self.sealed_days = Counter(
            "ioc_sealed_days",
            "Days of flows that were sealed, summed over the rollups",
            ["stage"],
            registry=self.registry,
        )
        self.seal_changes = Counter(
            "ioc_seal_changes", "Sealed values that late events have changed", ["stage"], registry=self.registry
        )
        self.state_days = Counter(
            "ioc_state_days",
            "Days of states that were written, summed over the kinds",
            ["stage"],
            registry=self.registry,
        )
        self.mails = Counter(
            "ioc_mails",
            "Mails by what they are about and what became of them: sent, deferred, refused, unknown",
            ["about", "state"],
            registry=self.registry,
        )
        self.report_open = Gauge(
            "ioc_report_open_timestamp_seconds",
            "Since when the oldest report that is due has no receipt; 0: every one has",
            registry=self.registry,
        )
        self._window: deque[tuple[float, int]] = deque()
        self.rate.labels(stage).set_function(self._rate)

    def done(self, stream: str, count: int, newest_unix_s: float | None = None) -> None:
        """Counts records done, and the time at which the newest of them was observed."""
        self.records.labels(self.stage, stream).inc(count)
        self._window.append((time.monotonic(), count))
        if newest_unix_s is not None:
            self.newest.labels(self.stage).set(newest_unix_s)

    def _rate(self) -> float:
        since = time.monotonic() - _RATE_WINDOW_S
        while self._window and self._window[0][0] < since:
            self._window.popleft()
        return sum(count for _, count in self._window) / _RATE_WINDOW_S

    def serve(self, host: str, port: int) -> None:
        """Shows the metrics on `http://host:port/metrics`; port 0 shows none.

        Raises:
            OSError: the port is taken.
        """
        if port:
            start_http_server(port, addr=host, registry=self.registry)


_RATE_WINDOW_S = 10.0
