"""The clock is aware and in UTC."""

from datetime import UTC

from ioc.clock import now


def test_now_is_aware_and_utc() -> None:
    assert now().tzinfo is UTC
