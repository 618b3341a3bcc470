"""When the fold is done, as far as one can tell from outside."""

from prometheus_client import CollectorRegistry

from ioc.metrics import Metrics
from ioc.settings import MetricsSettings, Settings
from sinks.quiet import Stable, worker_lag
from tests.kafka_broker import free_ports


def test_a_value_is_stable_when_it_has_not_changed_for_a_while() -> None:
    now = [100.0]
    stable = Stable(lambda: now[0])
    assert not stable({"a": 1})
    now[0] += 3
    assert not stable({"a": 1})
    now[0] += 1
    assert stable({"a": 1})
    assert not stable({"a": 2})
    now[0] += 4
    assert stable({"a": 2})


def test_the_lag_of_the_worker_is_read_from_its_metrics() -> None:
    (port,) = free_ports(1)
    settings = Settings(metrics=MetricsSettings(worker=port))
    assert worker_lag(settings) is None
    assert worker_lag(Settings(metrics=MetricsSettings(worker=0))) is None
    metrics = Metrics("worker", CollectorRegistry())
    metrics.serve("127.0.0.1", port)
    assert worker_lag(settings) is None, "it has not said anything yet"
    metrics.lag.labels("worker", "events.dossier-0").set(3)
    metrics.lag.labels("worker", "events.dossier-1").set(4)
    assert worker_lag(settings) == 7
