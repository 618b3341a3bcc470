"""What docs/connectors-hub.md says of pushes: the example is run, the tables are those of the code."""

import re
import subprocess
from pathlib import Path

from ingest.sources.hub import alerts, feedback, sensors
from tests.unit.ingest.hub.pushed import SECRET, Running, settings

PAGE = (Path(__file__).parents[4] / "docs" / "connectors-hub.md").read_text("utf-8")
PUSHED = PAGE[PAGE.index("## Pushed: the webhook") : PAGE.index("## The simulated hub")]


def test_the_example_signs_a_request_that_is_accepted() -> None:
    ((script, answer),) = re.findall(r"```sh\n(.*?)```\n```json\n(.*?)\n```", PUSHED, re.DOTALL)
    with Running(settings()) as running:
        url = f"http://127.0.0.1:{running.settings.webhook.port}"
        said = subprocess.run(
            ["sh", "-ec", script],
            env={"PATH": "/usr/bin:/bin", "SECRET": SECRET, "URL": url},
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        )
        assert said.stdout == answer
    (event,) = running.harvest.events()
    assert event["entity"] == "1022/PA1"


def test_every_field_and_code_is_told() -> None:
    text = PUSHED.lower()
    for fields in (feedback.KNOWN, alerts.KNOWN, *(sort.known for sort in sensors.ALL)):
        assert not [field for field in fields if field not in text]
    for codes in (feedback.CHANNELS, feedback.STATES, alerts.SEVERITIES, alerts.CATEGORIES, alerts.STATES):
        assert not [code for code in codes if code and f"`{code}`" not in text]
    assert not [sort.stream for sort in sensors.ALL if f"`{sort.stream}`" not in PUSHED]
