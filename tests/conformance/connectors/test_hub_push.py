"""The streams that are pushed to, against the simulated hub's senders.

Two tests of the suite cannot hold for a source that is pushed to, and have equivalents here. `test_a_restart_goes_on_from_the_cursor`: there is
no cursor; what was acknowledged, a sender that remembers does not send again. `test_answers_that_stay_unreadable…`: what cannot
be read is refused to its sender (webhook) or is a dead letter (MQTT); nothing waits for it.
"""

from collections.abc import Iterator

import pytest

from ingest.conformance import SourceConformance
from ingest.memory import MemoryPublisher
from ingest.simulator.hub import push_webhook
from ingest.sources.hub import mqtt, webhook
from ingest.sources.hub.push import push_system
from ingest.testing import Harvest, Rig, run
from tests.conformance.connectors.hub_push import MqttRig, WebhookRig
from tests.mosquitto import MosquittoProcess


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Senders that send little at once and come again soon; streams that say soon that they have nothing more."""
    monkeypatch.setattr(push_webhook, "BATCH", 4)
    monkeypatch.setattr(push_webhook, "_WAIT_FIRST_S", 0.01)
    monkeypatch.setattr(push_webhook, "_WAIT_MAX_S", 0.05)
    monkeypatch.setattr(webhook, "IDLE_S", 0.01)
    monkeypatch.setattr(mqtt, "IDLE_S", 0.05)


class TestWebhook(SourceConformance):
    @pytest.fixture
    def rig(self) -> Rig:
        return WebhookRig()

    def test_a_restart_goes_on_from_the_cursor(self, rig: Rig, baseline: Harvest) -> None:
        """Everything is sent again by a sender that remembers nothing, and is the same versions."""
        first = run(rig.system(), MemoryPublisher())
        again = run(rig.system(), first.publisher)
        assert again.versions() == baseline.versions()

    def test_answers_that_stay_unreadable_hold_the_stream_at_its_cursor(self, rig: Rig, baseline: Harvest) -> None:
        """Bodies that are cut short are refused, each time; the whole ones that follow are accepted."""
        with rig.misbehave(rig.garbage, 1.0) as fired:
            harvest = run(rig.system(), MemoryPublisher())
            assert fired() > 2
        assert harvest.letters() == {}
        assert harvest.versions() == baseline.versions()


@pytest.fixture(scope="module")
def mqtt_rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with MosquittoProcess(tmp_path_factory.mktemp("mosquitto")) as broker:
        yield MqttRig(broker)


class TestMqtt(SourceConformance):
    @pytest.fixture
    def rig(self, mqtt_rig: Rig) -> Rig:
        return mqtt_rig

    def test_a_restart_goes_on_from_the_cursor(self, rig: Rig, baseline: Harvest) -> None:
        """The broker sends nothing again to the session that has acknowledged everything."""
        assert isinstance(rig, MqttRig)
        system = rig.system()
        session = system.streams[0]._settings.mqtt.client_id  # type: ignore[attr-defined]
        first = run(system, MemoryPublisher())
        assert first.versions() == baseline.versions()
        again = run(push_system(rig.settings(session)), first.publisher)
        assert len(again.events()) == len(baseline.events())

    def test_answers_that_stay_unreadable_hold_the_stream_at_its_cursor(self, rig: Rig, baseline: Harvest) -> None:
        """A message that is cut short is a dead letter; the whole ones that follow are read."""
        with rig.misbehave(rig.garbage, 1.0):
            harvest = run(rig.system(), MemoryPublisher())
        assert {letter.reason for letter in harvest.letters().values()} == {"undecodable"}
        assert harvest.versions() == baseline.versions()
