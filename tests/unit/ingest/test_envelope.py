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
from ioc.contracts.decoder import decoder
from ioc.contracts.event import unix_ms
from ioc.errors import SkippableError
from ioc.settings import DossierSourceSettings

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
    make = Enveloper(source)
    first, event = make.event(RATING, NOW)
    again, _ = Enveloper(source).event(RATING, NOW + timedelta(hours=1))
    assert first == again
    assert first >> 16 == unix_ms(NOW)
    assert encoded(event)["occurred_at"] == "2026-11-23T01:00:00.250000Z"


def test_other_content_of_the_same_millisecond_has_another_version(source: Source) -> None:
    make = Enveloper(source)
    assert make.event(RATING, NOW)[0] != make.event(replace(RATING, data={"rating": 4, "rated_at": NOW}), NOW)[0]


def test_without_update_time_the_first_read_of_the_changed_content_counts(source: Source) -> None:
    make = Enveloper(source)
    untimed = replace(RATING, updated_ms=None)
    changed = replace(untimed, data={"rating": 1, "rated_at": NOW})
    first, _ = make.event(untimed, NOW)
    assert make.event(untimed, NOW + timedelta(minutes=5))[0] == first
    second, event = make.event(changed, NOW + timedelta(minutes=10))
    assert second >> 16 == unix_ms(NOW + timedelta(minutes=10))
    assert encoded(event)["occurred_at"] == "2026-11-23T01:10:00.250000Z"
    third, _ = make.event(untimed, NOW + timedelta(minutes=20))
    assert first < second < third


def test_without_update_time_versions_grow_although_the_clock_steps_back(source: Source) -> None:
    make = Enveloper(source)
    untimed = replace(RATING, updated_ms=None)
    first, _ = make.event(untimed, NOW)
    second, _ = make.event(replace(untimed, data={"rating": 1, "rated_at": NOW}), NOW - timedelta(hours=1))
    assert second > first


def test_a_deletion_needs_no_data(source: Source) -> None:
    _, event = Enveloper(source).event(replace(RATING, data=None, deleted=True), NOW)
    assert encoded(event)["deleted"] is True
    with pytest.raises(SkippableError):
        Enveloper(source).event(replace(RATING, data=None), NOW)


@pytest.mark.parametrize("updated_ms", [-1, 2**47, unix_ms(NOW) + 86_400_001])
def test_an_update_time_that_cannot_be_is_refused(source: Source, updated_ms: int) -> None:
    with pytest.raises(SkippableError) as refused:
        Enveloper(source).event(replace(RATING, updated_ms=updated_ms), NOW)
    assert refused.value.reason == "invalid_value"


def test_a_field_that_the_contract_does_not_have_never_leaves(source: Source) -> None:
    with pytest.raises(SkippableError):
        Enveloper(source).event(replace(RATING, data={"rating": 5, "rated_at": NOW, "name": "x"}), NOW)
