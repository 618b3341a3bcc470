import json

import pytest

from ingest.sources.body import SAME_BYTES_TRIES, BodyReader
from ioc.errors import RetriableError

GOOD = '{"Ten":"Cà Mau"}'.encode()
PLAIN = b'{"Ten":"A"}'
BAD = '{"Ten":"Cà Mau"}'.encode("latin-1")


def body(*records: bytes) -> bytes:
    return b'{"data":[' + b",".join(records) + b'],"Error_Code":"00"}'


def test_records_keep_their_own_bytes_and_lower_their_keys() -> None:
    envelope = BodyReader("data").read(body(b'{ "MaHoSo" : 1 }', GOOD))
    assert [record.raw for record in envelope.records] == [b'{ "MaHoSo" : 1 }', GOOD]
    assert envelope.records[0].fields == {"mahoso": 1}
    assert envelope.members == {"error_code": "00"}


def test_a_bad_record_beside_good_text_is_at_fault_itself() -> None:
    records = BodyReader("data").read(body(GOOD, BAD, PLAIN)).records
    assert [record.fault is None for record in records] == [True, False, True]
    assert records[1].raw == BAD
    assert records[1].fault is not None
    assert records[1].fault.reason == "undecodable"


def test_when_no_record_shows_that_the_answer_is_utf8_it_is_tried_again_for_ever() -> None:
    reader = BodyReader("data")
    for _ in range(3 * SAME_BYTES_TRIES):
        with pytest.raises(RetriableError):
            reader.read(body(BAD, PLAIN))


def test_one_bad_record_among_many_plain_ones_is_given_up_after_the_same_bytes_have_come_often() -> None:
    reader, answer = BodyReader("data"), body(BAD, *[PLAIN] * 9)
    for _ in range(SAME_BYTES_TRIES - 1):
        with pytest.raises(RetriableError):
            reader.read(answer)
    assert sum(record.fault is not None for record in reader.read(answer).records) == 1


def test_other_bytes_begin_the_count_anew() -> None:
    reader = BodyReader("data")
    for number in range(3 * SAME_BYTES_TRIES):
        with pytest.raises(RetriableError):
            reader.read(body(BAD, *[PLAIN] * (9 + number % 2)))


def test_half_a_pair_in_one_record_leaves_the_others_as_they_are() -> None:
    records = BodyReader("data").read(body(GOOD, b'{"Ten":"\\ud83d"}')).records
    assert [record.fault for record in records] == [None, None]
    assert records[0].fields == {"ten": "Cà Mau"}
    assert json.loads(records[1].raw) == {"Ten": "\ud83d"}


def test_a_control_character_beside_bytes_that_are_not_utf8() -> None:
    records = BodyReader("data").read(body(GOOD, b'{"Ten":"\t"}', BAD)).records
    assert [record.fault is None for record in records] == [True, True, False]


@pytest.mark.parametrize(
    "answer", [b"", b"null", b"1", b'"x"', b'{"data":{}}', b'{"data":"x"}', b'{"data":[}', b'{"a":1']
)
def test_what_is_no_envelope_is_tried_again(answer: bytes) -> None:
    with pytest.raises(RetriableError):
        BodyReader("data").read(answer)


def test_no_records_at_all_is_an_answer() -> None:
    for answer in (b"{}", b'{"data":null}', b'{"data":[]}'):
        assert BodyReader("data").read(answer).records == []
