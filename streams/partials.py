"""Touched cells as messages of the topic `partials`."""

from collections.abc import Iterable, Iterator

import msgspec

from streams.placement import Cells

NUMBERS_A_MESSAGE = 60_000
"""So many numbers stand in one message at most; of 20 digits each they are a third of what the topic takes (4 MiB)."""


class Wire(msgspec.Struct, frozen=True):
    """`ioc.contracts.partial.PartialBatch` as the fast encoder writes it."""

    generation: str
    rollup_id: str
    grain: str
    part: int
    revision: int
    units: list[str]
    buckets: list[int]
    measures: list[list[int]]


_ENCODER = msgspec.json.Encoder()


def encode(cells: Iterable[Cells], generation: str, part: int, revision: int) -> Iterator[bytes]:
    """Messages that hold the cells.

    Args:
        cells: touched cells with their vectors.
        generation: name of the generation.
        part: partition of the events' topic.
        revision: offset of the last source message that the vectors include.
    """
    for some in cells:
        vectors = some.vectors.tolist()
        step = max(1, NUMBERS_A_MESSAGE // (some.vectors.shape[1] + 2))
        for first in range(0, len(vectors), step):
            last = first + step
            yield _ENCODER.encode(
                Wire(
                    generation,
                    some.rollup_id,
                    some.grain,
                    part,
                    revision,
                    some.units[first:last],
                    some.buckets[first:last],
                    vectors[first:last],
                )
            )
