"""Errors are told apart by what to do next."""

import pytest

from ioc.errors import REASONS, ConfigError, FatalError, IocError, RetriableError, SkippableError


@pytest.mark.parametrize("kind", [RetriableError, SkippableError, FatalError])
def test_the_three_classes_do_not_overlap(kind: type[IocError]) -> None:
    assert issubclass(kind, IocError)
    others = {RetriableError, SkippableError, FatalError} - {kind}
    assert not any(issubclass(kind, other) for other in others)


def test_wrong_configuration_is_fatal() -> None:
    assert issubclass(ConfigError, FatalError)


@pytest.mark.parametrize("reason", REASONS)
def test_a_skippable_error_carries_its_reason(reason: str) -> None:
    error = SkippableError(reason, "row 7: due before received")  # type: ignore[arg-type]
    assert error.reason == reason
    assert str(error) == "row 7: due before received"
