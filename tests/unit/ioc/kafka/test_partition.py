import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2 as reference

from ioc.kafka.partition import murmur2, partition_of


# org.apache.kafka.common.utils.UtilsTest.testMurmur2
@pytest.mark.parametrize(
    ("text", "signed"),
    [
        ("21", -973932308),
        ("foobar", -790332482),
        ("a-little-bit-long-string", -985981536),
        ("a-little-bit-longer-string", -1486304829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        ("abc", 479470107),
    ],
)
def test_murmur2_gives_the_vectors_of_the_java_client(text: str, signed: int) -> None:
    assert murmur2(text.encode()) == signed & 0xFFFFFFFF


@given(st.binary(max_size=70))
def test_murmur2_is_the_hash_of_kafka_python(data: bytes) -> None:
    assert murmur2(data) == reference(data)


@given(st.text(max_size=40), st.integers(1, 64))
def test_a_partition_is_the_positive_hash_modulo_the_number(entity: str, partitions: int) -> None:
    found = partition_of(entity, partitions)
    assert 0 <= found < partitions
    assert found == (reference(entity.encode()) & 0x7FFFFFFF) % partitions


def test_entities_spread_over_all_partitions() -> None:
    counts = [0] * 4
    for number in range(4000):
        counts[partition_of(f"000.00.01.H12-{number:06}", 4)] += 1
    assert min(counts) > 850
