"""What a connector's bench runs a stream with: a real broker behind it, no pauses, no limit."""

from ingest.cursor import KafkaCursors
from ingest.limit import RateLimit
from ingest.runner import Tools
from ingest.testing import HASH_KEY, KEY, Polls
from ioc.deadletters import Sealer
from ioc.kafka.producer import Producer
from ioc.metrics import Metrics
from ioc.privacy import Pseudonyms
from ioc.settings import FloodSettings
from tests.kafka_broker import KafkaProcess


def connector_tools(broker: KafkaProcess, producer: Producer, metrics: Metrics) -> Tools:
    """Tools that end a run when its stream has nothing more for the first time."""
    return Tools(
        producer,
        KafkaCursors(broker.bootstrap, producer),
        Sealer(KEY),
        Pseudonyms(HASH_KEY),
        metrics,
        RateLimit(1e9),
        FloodSettings(),
        poll_s=0,
        stop=Polls(),
    )
