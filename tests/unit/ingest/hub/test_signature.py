"""Signatures, and which of them are remembered."""

import pytest

from ingest.sources.hub.signature import Guard, RefusedError, ReplayError, sign
from ioc.errors import ConfigError
from tests.unit.ingest.hub.pushed import SECRET, signed

NOW_S = 1_795_403_100


class Clock:
    def __init__(self) -> None:
        self.now_s = float(NOW_S)

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guard(clock: Clock) -> Guard:
    return Guard(SECRET, 300, clock)


def test_a_signature_is_what_the_documentation_says() -> None:
    assert sign(SECRET.encode(), str(NOW_S), b"{}") == signed(b"{}", at_s=NOW_S)["X-IOC-Signature"]


def test_a_short_secret_is_refused_and_not_shown() -> None:
    with pytest.raises(ConfigError, match="at least 32") as refused:
        Guard("hunter2", 300)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("offset_s", [-300, 0, 300])
def test_within_the_skew_it_is_good(guard: Guard, offset_s: int) -> None:
    guard.check_time(str(NOW_S + offset_s), "sha256=00")


@pytest.mark.parametrize(
    ("timestamp", "signature"),
    [
        (None, "sha256=00"),
        ("", "sha256=00"),
        (str(NOW_S), None),
        (str(NOW_S), ""),
        (str(NOW_S - 301), "sha256=00"),
        (str(NOW_S + 301), "sha256=00"),
        (f"-{NOW_S}", "sha256=00"),
        (f"{NOW_S}.0", "sha256=00"),
        ("١٧٩٥٤٠٣١٠٠", "sha256=00"),
        ("9" * 5000, "sha256=00"),
        (str(NOW_S), "00"),
        (str(NOW_S), "sha1=00"),
        (str(NOW_S), "sha256=đ"),
    ],
)
def test_what_is_not_signed_now_is_refused(guard: Guard, timestamp: str | None, signature: str | None) -> None:
    with pytest.raises(RefusedError):
        guard.check_time(timestamp, signature)


def test_only_the_right_secret_time_and_body_are_good(guard: Guard) -> None:
    signature = signed(b"body", at_s=NOW_S)["X-IOC-Signature"]
    guard.check(str(NOW_S), signature, b"body")
    guard.check(str(NOW_S), signature.upper().replace("SHA256", "sha256"), b"body")
    for timestamp, tried, body in [
        (str(NOW_S + 1), signature, b"body"),
        (str(NOW_S), signature, b"bodY"),
        (str(NOW_S), signature[:-1], b"body"),
        (str(NOW_S), signed(b"body", at_s=NOW_S, secret=SECRET[1:])["X-IOC-Signature"], b"body"),
    ]:
        with pytest.raises(RefusedError):
            guard.check(timestamp, tried, body)


def test_a_signature_is_good_once_until_its_time_is_over(guard: Guard, clock: Clock) -> None:
    guard.take(str(NOW_S + 300), "sha256=ab")
    for spelt in ("sha256=ab", "sha256=AB"):
        with pytest.raises(ReplayError):
            guard.take(str(NOW_S + 300), spelt)
    clock.now_s = NOW_S + 600
    with pytest.raises(ReplayError):
        guard.take(str(NOW_S + 300), "sha256=ab")
    clock.now_s = NOW_S + 601
    with pytest.raises(RefusedError):
        guard.check_time(str(NOW_S + 300), "sha256=ab")


def test_an_old_one_that_is_remembered_first_hides_no_newer_one(guard: Guard, clock: Clock) -> None:
    guard.take(str(NOW_S + 300), "sha256=01")
    guard.take(str(NOW_S - 300), "sha256=02")
    clock.now_s = NOW_S + 1
    guard.take(str(NOW_S), "sha256=03")
    with pytest.raises(ReplayError):
        guard.take(str(NOW_S + 300), "sha256=01")


def test_what_was_not_taken_may_come_again(guard: Guard) -> None:
    guard.take(str(NOW_S), "sha256=ab")
    guard.give_back("sha256=AB")
    guard.take(str(NOW_S), "sha256=ab")


def test_memory_is_bounded(guard: Guard, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.sources.hub.signature._MAX_REMEMBERED", 100)
    for number in range(1000):
        guard.take(str(NOW_S), f"sha256={number:x}")
    assert len(guard._used) <= 100
    clock.now_s += 1000
    guard.take(str(NOW_S + 1000), "sha256=ffff")
    assert len(guard._used) == 1
