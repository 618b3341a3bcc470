import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.contracts.event import MAX_EVENTS_A_MESSAGE, MAX_MESSAGE_BYTES
from ioc.errors import SkippableError
from ioc.kafka.arrays import Arrays
from ioc.kafka.partition import partition_of


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 60_000)), max_size=60), st.integers(1, 8))
def test_every_event_is_in_one_message_of_its_partition_in_order(sizes: list[tuple[str, int]], partitions: int) -> None:
    arrays = Arrays(partitions)
    events = [
        (entity, json.dumps([entity, number, "x" * size]).encode()) for number, (entity, size) in enumerate(sizes)
    ]
    for entity, event in events:
        arrays.add(entity, event)
    found: dict[int, list[tuple[str, int]]] = {}
    for partition, value in arrays.messages():
        assert len(value) <= MAX_MESSAGE_BYTES
        found.setdefault(partition, []).extend((entity, number) for entity, number, _ in json.loads(value))
    expected: dict[int, list[tuple[str, int]]] = {}
    for number, (entity, _) in enumerate(sizes):
        expected.setdefault(partition_of(entity, partitions), []).append((entity, number))
    assert found == expected


def test_a_message_holds_500_events_at_most() -> None:
    arrays = Arrays(1)
    for _ in range(MAX_EVENTS_A_MESSAGE * 2 + 1):
        arrays.add("a", b"1")
    assert [len(json.loads(value)) for _, value in arrays.messages()] == [500, 500, 1]


def test_the_largest_event_fills_a_message_and_one_byte_more_is_refused() -> None:
    arrays = Arrays(1)
    largest = b'"' + b"x" * (MAX_MESSAGE_BYTES - 4) + b'"'
    arrays.add("a", largest)
    ((_, value),) = arrays.messages()
    assert len(value) == MAX_MESSAGE_BYTES
    with pytest.raises(SkippableError) as refused:
        arrays.add("a", largest + b" ")
    assert refused.value.reason == "too_large"
