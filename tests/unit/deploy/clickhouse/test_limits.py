"""What a user with limits may have: counted over an hour, and never more than its caps."""

import pytest

from deploy.embedded.clickhouse.errors import ServerError
from deploy.embedded.clickhouse.quota import HOUR_S, Quotas
from deploy.embedded.clickhouse.sql.policy import Policy
from deploy.embedded.clickhouse.sql.statement import parse
from deploy.embedded.clickhouse.users import User
from ioc.settings.limits import ReaderLimits

POLICY = Policy(frozenset(), frozenset())
LIMITS = ReaderLimits(memory_mib=64, seconds=5, concurrent=2, queries_per_hour=3, seconds_per_hour=100)
PERSON = User("person", readonly=True, limits=LIMITS)
MEMORY = 64 << 20


class Clock:
    def __init__(self) -> None:
        self.now = 10.0 * HOUR_S

    def __call__(self) -> float:
        return self.now


def test_so_many_queries_in_an_hour_then_a_word_until_when() -> None:
    clock = Clock()
    quotas = Quotas(clock)
    for _ in range(3):
        with quotas.charge(PERSON):
            pass
    with pytest.raises(ServerError, match=r"queries = 3/3.*end at 1970-01-01 11:00:00 UTC.*QUOTA_EXCEEDED") as raised:
        quotas.charge(PERSON).__enter__()
    assert raised.value.code == 201
    with quotas.charge(User("another", readonly=True, limits=LIMITS)):
        pass
    clock.now += HOUR_S
    with quotas.charge(PERSON):
        pass


def test_so_many_seconds_in_an_hour_of_which_each_hour_bears_its_own() -> None:
    clock = Clock()
    quotas = Quotas(clock)
    with quotas.charge(PERSON):
        clock.now += 100
    with pytest.raises(ServerError, match="execution_time = 100/100"):
        quotas.charge(PERSON).__enter__()
    clock.now = 12 * HOUR_S - 50
    with quotas.charge(PERSON):
        clock.now += 149
    with quotas.charge(PERSON):
        clock.now += 1
    with pytest.raises(ServerError, match="execution_time = 100/100"):
        quotas.charge(PERSON).__enter__()


def test_so_many_at_once() -> None:
    quotas = Quotas(Clock())
    with quotas.charge(PERSON), quotas.charge(PERSON):
        with pytest.raises(ServerError, match="Too many simultaneous queries for user person") as raised:
            quotas.charge(PERSON).__enter__()
        assert raised.value.code == 202


def test_a_query_that_failed_is_over() -> None:
    quotas = Quotas(Clock())

    def fails() -> None:
        with quotas.charge(PERSON):
            raise ValueError("broke")

    with pytest.raises(ValueError, match="broke"):
        fails()
    with quotas.charge(PERSON), quotas.charge(PERSON):
        pass


def test_who_has_no_limits_is_not_counted() -> None:
    quotas = Quotas(Clock())
    writer = User("writer", readonly=False)
    for _ in range(10):
        quotas.charge(writer).__enter__()


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT 1 SETTINGS max_memory_usage = {MEMORY}",
        "SET max_execution_time = 1",
        "SELECT 1 SETTINGS max_threads = 64, max_result_rows = '5'",
        "SELECT 'max_memory_usage = 0'",
    ],
)
def test_less_may_be_asked_for(sql: str) -> None:
    POLICY.check(parse(sql.encode()), readonly=True, caps=PERSON.caps)


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT 1 SETTINGS max_memory_usage = {MEMORY + 1}",
        "SELECT * FROM (SELECT 1 SETTINGS `MAX_memory_usage`=0)",
        "SET max_execution_time = DEFAULT",
        "SET max_threads = 1, max_execution_time = 6",
        "SELECT 1 SETTINGS max_result_rows = '99999999999'",
        "SELECT 1 SETTINGS max_result_rows = 1e12",
        "SELECT 1 SETTINGS max_rows_to_read = {n:UInt64}",
        "SET profile = 'default'",
    ],
)
def test_more_is_refused(sql: str) -> None:
    with pytest.raises(ServerError) as raised:
        POLICY.check(parse(sql.encode()), readonly=True, caps=PERSON.caps)
    assert raised.value.code == 452
    POLICY.check(parse(sql.encode()), readonly=True)


@pytest.mark.parametrize("asked", [{"max_memory_usage": "0"}, {"Max_Execution_Time": "6"}, {"profile": "default"}])
def test_nor_beside_the_statement(asked: dict[str, str]) -> None:
    with pytest.raises(ServerError, match="SETTING_CONSTRAINT_VIOLATION"):
        POLICY.settings(asked, readonly=True, caps=PERSON.caps)
    assert POLICY.settings({"max_execution_time": "5"}, readonly=True, caps=PERSON.caps) == {"max_execution_time": "5"}
