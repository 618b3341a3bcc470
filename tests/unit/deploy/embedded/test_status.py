"""Stages' figures out of what they show to Prometheus."""

import os
import subprocess
import sys

from prometheus_client import generate_latest

from deploy.embedded.status import resident_bytes, stage_status
from ioc.metrics import Metrics


def test_lag_is_summed_over_streams_and_age_is_the_newest() -> None:
    metrics = Metrics("sink")
    metrics.lag.labels("sink", "events.dossier").set(7)
    metrics.lag.labels("sink", "partials").set(5)
    metrics.done("events.dossier", 40, newest_unix_s=990.0)
    found = stage_status("sink", generate_latest(metrics.registry).decode(), now_unix_s=1000.0)
    assert found.lag == 12
    assert found.rate_per_s == 4.0
    assert found.newest_age_s == 10.0


def test_a_stage_that_did_nothing_yet_has_no_age() -> None:
    found = stage_status("worker", generate_latest(Metrics("worker").registry).decode(), now_unix_s=1000.0)
    assert found.newest_age_s is None
    assert found.rate_per_s == 0.0
    assert found.lag is None


def test_a_stage_that_does_not_answer_says_nothing() -> None:
    found = stage_status("worker", "", now_unix_s=1000.0)
    assert (found.lag, found.rate_per_s, found.newest_age_s) == (None, None, None)


def test_memory_counts_children() -> None:
    code = "x = bytearray(64 << 20); print('on', flush=True); input()"
    before = resident_bytes(os.getpid())
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        after = resident_bytes(os.getpid())
        alone = resident_bytes(child.pid)
        child.communicate(b"\n")
    assert before
    assert after
    assert alone
    assert alone > 64 << 20
    assert after - before > 60 << 20
    assert resident_bytes(child.pid) is None
