"""A real Prometheus that watches itself, on a free port, in a directory of its own."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.kafka_broker import free_ports

_CONFIG = """
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: itself
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


@contextmanager
def prometheus(directory: Path, port: int | None = None) -> Iterator[str]:
    """Its address, once it has looked at itself twice."""
    port = port or free_ports(1)[0]
    directory.mkdir(exist_ok=True)
    config = directory / "prometheus.yml"
    config.write_text(_CONFIG.format(port=port), encoding="utf-8")
    command = [
        "prometheus", f"--config.file={config}", f"--storage.tsdb.path={directory / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    with (directory / "prometheus.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while not _samples(url) >= 2:
            assert time.monotonic() < deadline
            assert process.poll() is None, (directory / "prometheus.log").read_text(encoding="utf-8")[-2000:]
            time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _samples(url: str) -> int:
    try:
        told = httpx.get(f"{url}/api/v1/query", params={"query": "count_over_time(up[1m])"}).json()
    except httpx.TransportError:
        return 0
    found = told["data"]["result"]
    return int(found[0]["value"][1]) if found else 0
