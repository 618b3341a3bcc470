from datetime import UTC, datetime, timedelta

import pytest

from ioc.catalogue.fields import fields_of
from streams.features import NULL, NULL_CODE, Feature, Interner

FIELDS = fields_of("dossier")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize("count", [1, 15, 16, 70_000])
def test_whole_seconds_come_out_whole_whatever_the_length_of_the_column(count: int) -> None:
    moments = [NOON + timedelta(seconds=step) for step in range(count)]
    column = Feature(FIELDS["received_at"]).column(moments, Interner())
    assert column.tolist() == [int(NOON.timestamp()) + step for step in range(count)]


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (NOON + timedelta(microseconds=999_999), int(NOON.timestamp())),
        (datetime(2106, 2, 7, 6, 28, 16, tzinfo=UTC), 2**32),
        (datetime(2199, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), 7_258_118_399),
        (None, NULL),
    ],
)
def test_moments_are_rounded_down_alone_and_beside_others(moment: datetime | None, seconds: int) -> None:
    feature = Feature(FIELDS["received_at"])
    assert feature.column([moment], Interner()).tolist() == [seconds]
    noon = int(NOON.timestamp())
    assert feature.column([NOON, moment, None], Interner()).tolist() == [noon, seconds, NULL]


def test_codes_follow_the_contract_and_null_is_no_code() -> None:
    status = Feature(FIELDS["status"])
    values = FIELDS["status"].values
    assert status.column([*values], Interner()).tolist() == list(range(len(values)))
    assert Feature(FIELDS["vneid"]).column([None, False, True], Interner()).tolist() == [NULL_CODE, 0, 1]
    assert Feature(FIELDS["fee_vnd"]).column([None, 0, 10**15], Interner()).tolist() == [NULL, 0, 10**15]


def test_texts_keep_the_code_that_they_got_first() -> None:
    texts = Interner(["MT01"])
    column = Feature(FIELDS["field"]).column(["ĐĐ02", "MT01", "ĐĐ02"], texts)
    assert column.tolist() == [1, 0, 1]
    assert texts.texts == ["MT01", "ĐĐ02"]


def test_lengths_that_make_up_for_one_another_deceive_nobody() -> None:
    fraction = NOON + timedelta(microseconds=1)
    column = Feature(FIELDS["received_at"]).column([None] * 4 + [fraction] * 5, Interner())
    assert column.tolist() == [NULL] * 4 + [int(NOON.timestamp())] * 5
