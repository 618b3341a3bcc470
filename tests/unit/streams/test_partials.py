import numpy as np

from ioc.contracts.partial import PartialBatch
from streams.partials import NUMBERS_A_MESSAGE, encode
from streams.placement import Cells


def test_messages_are_valid_batches_and_lose_no_cell() -> None:
    count, width = 3 * NUMBERS_A_MESSAGE // 12, 10
    units = [f"H12.{number % 7}" for number in range(count)]
    vectors = np.arange(count * width).reshape(count, width) - 5
    cells = Cells("dossier_by_received_at", "hour", units, list(range(count)), vectors)
    batches = [PartialBatch.model_validate_json(m) for m in encode([cells], "g1", 3, 41)]
    assert len(batches) > 1
    assert {(b.generation, b.rollup_id, b.grain, b.part, b.revision) for b in batches} == {
        ("g1", "dossier_by_received_at", "hour", 3, 41)
    }
    assert [u for b in batches for u in b.units] == units
    assert [x for b in batches for x in b.buckets] == list(range(count))
    assert [v for b in batches for v in b.measures] == vectors.tolist()


def test_a_full_message_of_the_widest_numbers_fits_into_the_topic() -> None:
    count = NUMBERS_A_MESSAGE // 3
    cells = Cells("r", "day", ["U" * 128] * count, [0] * count, np.full((count, 1), -(2**63)))
    wide = Cells("r", "day", ["U"] * 200, [0] * 200, np.full((200, 300), -(2**63)))
    assert max(map(len, encode([cells, wide], "g", 0, 0))) < 4 << 20


def test_no_cells_no_message() -> None:
    assert not list(encode([], "g", 0, 0))
