"""Settings of the stages: what bad records cost, the fold, the writer of tables, the wall, and where each shows its metrics."""

from typing import Annotated

from pydantic import Field

from ioc.settings.section import Port, Section


class FloodSettings(Section):
    """When bad records stop a stream instead of costing only themselves."""

    run: Annotated[int, Field(ge=1)] = 200
    """So many bad records in a row."""
    ratio: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Such a share of bad records among the last `window`."""
    window: Annotated[int, Field(ge=10)] = 1000
    """How many records `ratio` is taken over."""


class ListingSettings(Section):
    """When a listing of a source that has lost much is refused instead of deleting so much."""

    max_lost: Annotated[int, Field(ge=0)] = 50
    """So many entities may be gone at once, whatever share they are."""
    max_lost_share: Annotated[float, Field(ge=0, le=1)] = 0.2
    """More than these are refused when they are also more than this share of what was there before."""


class WorkerSettings(Section):
    """The fold."""

    instance: str = "worker-1"
    """Stable name of this worker: with it a restarted worker is back in seconds (static membership). Empty: none, it leaves at once."""
    generation: Annotated[str, Field(pattern=r"^([0-9a-f]{12})?$")] = ""
    """Fold this generation, whatever is live; empty: the live one."""
    take: Annotated[int, Field(ge=1)] = 400
    """Messages that are folded at once."""
    emit_s: Annotated[float, Field(gt=0)] = 1.0
    """Touched cells are sent at most once in so many seconds."""
    checkpoint_s: Annotated[float, Field(gt=0)] = 10.0
    """State is saved at most once in so many seconds."""


class SinkSettings(Section):
    """The writer of tables."""

    instance: str = "sink-1"
    """Stable name of this sink."""
    batch_rows: Annotated[int, Field(ge=1)] = 50_000
    """Rows that are stored at once."""
    batch_s: Annotated[float, Field(gt=0)] = 2.0
    """A smaller batch of events is stored after so many seconds; figures wait an eighth of it."""
    snapshot_s: Annotated[float, Field(gt=0)] = 1.0
    """`indicator_now` is refreshed at most once in so many seconds."""
    seal_s: Annotated[float, Field(gt=0)] = 60.0
    """Late events are looked for, and days that have become old are sealed, once in so many seconds."""


class KeeperSettings(Section):
    """Living entities that nobody speaks of are published again, so that the log holds them."""

    every_h: Annotated[float, Field(ge=0)] = 24.0
    """Hours between two rounds; 0: there are none."""
    older_than_days: Annotated[float, Field(gt=0)] = 30.0
    """Entities that were not heard of for so many days: half of what Kafka keeps, so that a round may be missed."""


class WallSettings(Section):
    """The embedded wall."""

    host: str = "127.0.0.1"
    """Where the wall listens."""
    port: Port = 13000
    """Its port."""
    refresh_s: Annotated[float, Field(gt=0)] = 5.0
    """Seconds between two refreshes of the panels."""
    prometheus_url: str = ""
    """Address of the Prometheus that the dashboard of the pipeline reads, such as `http://127.0.0.1:9090`; empty: that of the one-machine stack where it runs one, else the dashboard says that there is none."""


class MetricsSettings(Section):
    """Ports that each process shows its Prometheus metrics on; 0 turns one off."""

    host: str = "127.0.0.1"
    """Where the metrics are shown."""
    ingest: Annotated[int, Field(ge=0, le=65535)] = 19101
    """The connectors' port."""
    worker: Annotated[int, Field(ge=0, le=65535)] = 19102
    """The worker's port."""
    sink: Annotated[int, Field(ge=0, le=65535)] = 19103
    """The sink's port."""
    brief: Annotated[int, Field(ge=0, le=65535)] = 19104
    """The port of the process that makes briefs and reminders."""
    report: Annotated[int, Field(ge=0, le=65535)] = 19105
    """The port of the process that makes and sends reports."""
