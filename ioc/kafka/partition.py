"""Which partition an entity lives in: murmur2 as Kafka's own clients compute it.

The rule is that of the Java client (`org.apache.kafka.clients.producer.internals.BuiltInPartitioner`): the hash of the
key's bytes with the sign bit cleared, modulo the number of partitions. Whoever else writes these topics with the entity
as the key, in any language, puts it in the same partition.
"""

from functools import lru_cache
from struct import unpack_from

_SEED = 0x9747B28C
_M = 0x5BD1E995
_MASK = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """The 32-bit murmur2 hash of `data`, unsigned, with Kafka's seed (`org.apache.kafka.common.utils.Utils.murmur2`)."""
    length = len(data)
    words = length >> 2
    h = _SEED ^ length
    for word in unpack_from(f"<{words}I", data):
        k = word * _M & _MASK
        h = (h * _M & _MASK) ^ ((k ^ k >> 24) * _M & _MASK)
    tail = data[words << 2 :]
    if tail:
        h = (h ^ int.from_bytes(tail, "little")) * _M & _MASK
    h = (h ^ h >> 13) * _M & _MASK
    return h ^ h >> 15


@lru_cache(maxsize=65_536)
def partition_of(entity: str, partitions: int) -> int:
    """The partition, 0 … `partitions` - 1, of an entity's events."""
    return (murmur2(entity.encode()) & 0x7FFFFFFF) % partitions
