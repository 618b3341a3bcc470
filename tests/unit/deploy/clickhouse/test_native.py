"""The native protocol's bytes: numbers, blocks, compressed frames; streams that are cut or broken."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.embedded.clickhouse.errors import ServerError, from_engine
from deploy.embedded.clickhouse.native import compression
from deploy.embedded.clickhouse.native.blocks import for_client, header, read_block
from deploy.embedded.clickhouse.native.compression import METHODS, frames, read_frame, unpack
from deploy.embedded.clickhouse.native.types import parse_type
from deploy.embedded.clickhouse.native.wire import PeerClosedError, Reader, string, varint


def reader(data: bytes, piece: int = 1 << 20) -> Reader:
    """Reads `data` in pieces of so many bytes."""
    pieces: Iterator[bytes] = (data[start : start + piece] for start in range(0, len(data), piece))
    return Reader(lambda: next(pieces, b""))


@given(st.integers(min_value=0, max_value=2**63 - 1))
def test_numbers(value: int) -> None:
    assert reader(varint(value), piece=1).varint() == value


@given(st.binary(max_size=300), st.integers(min_value=1, max_value=7))
def test_strings_in_any_pieces(value: bytes, piece: int) -> None:
    source = reader(string(value) + b"x", piece)
    assert source.binary() == value
    assert source.uint8() == ord("x")


def test_a_stream_that_ends_and_numbers_that_do_not() -> None:
    with pytest.raises(PeerClosedError):
        reader(b"\x05abc").binary()
    for broken in (b"\xff" * 11, varint(2**62) + b"x"):
        with pytest.raises(ServerError) as raised:
            reader(broken).binary()
        assert raised.value.code == 117


BLOCK = (
    varint(4) + varint(2)
    + string("n") + string("UInt32") + b"\x01\x00\x00\x00\x02\x00\x00\x00"
    + string("s") + string("String") + string("ủy") + string("x" * 200)
    + string("a") + string("Array(Nullable(Int8))")
    + b"\x01" + b"\x00" * 7 + b"\x03" + b"\x00" * 7 + b"\x00\x01\x00" + b"\x05\x00\x06"
    + string("l") + string("LowCardinality(String)") + b"\x01" + b"\x00" * 7 + b"\x00\x06" + b"\x00" * 6
    + b"\x02" + b"\x00" * 7 + string("") + string("v") + b"\x02" + b"\x00" * 7 + b"\x01\x01"
)  # fmt: skip


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1000])
def test_a_block_is_walked_to_its_end_and_kept_as_it_is(piece: int) -> None:
    source = reader(BLOCK + b"next", piece)
    block = read_block(source, 54440)
    assert block.native == BLOCK
    assert block.rows == 2
    assert [name for name, _ in block.columns] == ["n", "s", "a", "l"]
    assert source.read(4) == b"next"


def test_newer_clients_get_and_send_a_byte_more_for_each_column() -> None:
    old, old_header = for_client(BLOCK, 54440)
    new, new_header = for_client(BLOCK, 54459)
    assert old == BLOCK
    assert len(new) == len(old) + 4
    assert read_block(reader(new), 54459).native == BLOCK
    assert len(new_header) == len(old_header) + 4
    assert read_block(reader(old_header), 54440).rows == 0
    assert header([("n", "UInt32")], 54459) == varint(1) + varint(0) + string("n") + string("UInt32") + b"\x00"


@given(st.integers(min_value=0, max_value=len(BLOCK) - 1))
def test_a_block_that_is_cut_off_is_never_taken_for_whole(length: int) -> None:
    with pytest.raises(PeerClosedError):
        read_block(reader(BLOCK[:length]), 54440)


def test_broken_blocks_end_in_an_error_and_not_in_a_loop() -> None:
    rnd = random.Random(5)
    for _ in range(3000):
        broken = bytearray(BLOCK)
        for _ in range(rnd.randint(1, 4)):
            broken[rnd.randrange(len(broken))] = rnd.randrange(256)
        try:
            read_block(reader(bytes(broken)), 54440)
        except (ServerError, PeerClosedError):
            continue


@pytest.mark.parametrize(
    "text",
    [
        "JSON", "Dynamic", "Variant(Int8, String)", "AggregateFunction(sum, Int64)", "NoSuchType", "", "Array", "Array()",
        "Decimal(x)", "FixedString(-1)", "FixedString()", "Nullable()", "Decimal(100, 1)", "SimpleAggregateFunction(sum)",
    ],
)  # fmt: skip
def test_types_that_cannot_pass(text: str) -> None:
    with pytest.raises(ServerError) as raised:
        parse_type(text)
    assert raised.value.code == 48


@pytest.mark.parametrize(
    ("text", "width"),
    [("Enum8('a)' = 1, 'b\\',' = 2)", 1), ("DateTime64(6, 'Asia/Ho_Chi_Minh')", 8), ("Decimal(10, 2)", 8),
     ("FixedString(17)", 17), ("SimpleAggregateFunction(sum, Int64)", 8), ("IntervalDay", 8)],
)  # fmt: skip
def test_widths(text: str, width: int) -> None:
    assert parse_type(text).width == width


@given(st.binary(max_size=3000), st.sampled_from(sorted(METHODS)))
def test_frames_there_and_back(data: bytes, method: str) -> None:
    packed = b"".join(frames(data, METHODS[method]))
    assert unpack(packed) == data


def test_large_data_are_several_frames() -> None:
    data = random.Random(1).randbytes(compression.FRAME_BYTES * 2 + 5)
    assert len(list(frames(data))) == 3
    assert unpack(b"".join(frames(data))) == data


def test_any_change_to_a_frame_is_noticed() -> None:
    packed = b"".join(frames(b"some data, some data, some data"))
    for place in range(len(packed)):
        broken = bytearray(packed)
        broken[place] ^= 0x10
        with pytest.raises((ServerError, PeerClosedError)):
            read_frame(reader(bytes(broken)))


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("Code: 60. DB::Exception: Unknown table. (UNKNOWN_TABLE)", 60, "Unknown table. (UNKNOWN_TABLE)"),
        (
            "Streaming query failed: Code: 395. DB::Exception: Code: 395. DB::Exception: boom: in (x). (F) (version 26.9). (F)",
            395,
            "boom: in (x). (F)",
        ),
        ("Code: 107. DB::ErrnoException: gone. (FILE)", 107, "gone. (FILE)"),
        ("something else", 1002, "something else. (UNKNOWN_EXCEPTION)"),
    ],
)
def test_errors_of_the_engine(text: str, code: int, message: str) -> None:
    error = from_engine(RuntimeError(text))
    assert (error.code, error.message) == (code, message)
