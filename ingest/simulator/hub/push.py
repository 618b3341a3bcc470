"""The parts of the hub that push."""

from ingest.simulator.hub import push_alerts, push_cases
from ingest.simulator.hub.push_mqtt import MqttPusher
from ingest.simulator.hub.push_webhook import WebhookPusher
from ingest.simulator.hub.system import HubPart
from ingest.simulator.system import World


def push_parts(world: World) -> list[HubPart]:
    """Feedback and alerts by the webhook, sensors by the broker; each does nothing without an address."""
    return [
        WebhookPusher(world, "/v1/feedback", push_cases.timeline(world), "maPhanAnh", "noiDung"),
        WebhookPusher(world, "/v1/security", push_alerts.timeline(world), "maCanhBao", "moTa"),
        MqttPusher(world),
    ]
