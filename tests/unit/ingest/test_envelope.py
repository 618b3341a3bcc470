"""Versions, above all those of a source that tells no update times."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingest.envelope import Enveloper
from ingest.source import Change, Source
from ingest.sources.dossier_national import national_system
from ingest.testing import HASH_KEY
from ioc.contracts.decoder import decoder
from ioc.contracts.event import unix_ms
from ioc.errors import SkippableError
from ioc.privacy import Pseudonyms
from ioc.settings.sources import DossierSourceSettings

PSEUDONYMS = Pseudonyms(HASH_KEY)
NOW = datetime(2026, 11, 23, 1, 0, 0, 250_000, tzinfo=UTC)
RATING = Change("H12-1", "", unix_ms(NOW), {"rating": 5, "rated_at": NOW})


@pytest.fixture
def source() -> Iterator[Source]:
    system = national_system(DossierSourceSettings())
    yield system.streams[1]
    system.close()


def encoded(event: bytes) -> dict[str, Any]:
    (decoded,) = decoder("dossier")(b"[" + event + b"]")
    read: dict[str, Any] = json.loads(event)
    assert decoded.version == read["version"]
    return read


def test_the_same_content_read_again_has_the_same_version(source: Source) -> None:
    make = Enveloper(source, PSEUDONYMS)
    _, first, _, event = make.event(RATING, NOW)
    again = Enveloper(source, PSEUDONYMS).event(RATING, NOW + timedelta(hours=1)).version
    assert first == again
    assert first >> 16 == unix_ms(NOW)
    assert encoded(event)["occurred_at"] == "2026-11-23T01:00:00.250000Z"


def test_other_content_of_the_same_millisecond_has_another_version(source: Source) -> None:
    make = Enveloper(source, PSEUDONYMS)
    assert (
        make.event(RATING, NOW).version != make.event(replace(RATING, data={"rating": 4, "rated_at": NOW}), NOW).version
    )


def test_without_update_time_the_first_read_of_the_changed_content_counts(source: Source) -> None:
    make = Enveloper(source, PSEUDONYMS)
    untimed = replace(RATING, updated_ms=None)
    changed = replace(untimed, data={"rating": 1, "rated_at": NOW})
    first = make.event(untimed, NOW).version
    assert make.event(untimed, NOW + timedelta(minutes=5)).version == first
    _, second, _, event = make.event(changed, NOW + timedelta(minutes=10))
    assert second >> 16 == unix_ms(NOW + timedelta(minutes=10))
    assert encoded(event)["occurred_at"] == "2026-11-23T01:10:00.250000Z"
    third = make.event(untimed, NOW + timedelta(minutes=20)).version
    assert first < second < third


def test_without_update_time_versions_grow_although_the_clock_steps_back(source: Source) -> None:
    make = Enveloper(source, PSEUDONYMS)
    untimed = replace(RATING, updated_ms=None)
    first = make.event(untimed, NOW).version
    second = make.event(replace(untimed, data={"rating": 1, "rated_at": NOW}), NOW - timedelta(hours=1)).version
    assert second > first


def test_a_deletion_needs_no_data(source: Source) -> None:
    _, _, _, event = Enveloper(source, PSEUDONYMS).event(replace(RATING, data=None, deleted=True), NOW)
    assert encoded(event)["deleted"] is True
    with pytest.raises(SkippableError):
        Enveloper(source, PSEUDONYMS).event(replace(RATING, data=None), NOW)


@pytest.mark.parametrize("updated_ms", [-1, 2**47, unix_ms(NOW) + 86_400_001])
def test_an_update_time_that_cannot_be_is_refused(source: Source, updated_ms: int) -> None:
    with pytest.raises(SkippableError) as refused:
        Enveloper(source, PSEUDONYMS).event(replace(RATING, updated_ms=updated_ms), NOW)
    assert refused.value.reason == "invalid_value"


def test_a_field_that_the_contract_does_not_have_never_leaves(source: Source) -> None:
    with pytest.raises(SkippableError):
        Enveloper(source, PSEUDONYMS).event(replace(RATING, data={"rating": 5, "rated_at": NOW, "name": "x"}), NOW)
