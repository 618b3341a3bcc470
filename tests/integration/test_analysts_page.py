"""Each question of docs/analysts.md: its SQL as the page has it, by three clients, held against a count of one's own."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import clickhouse_connect
import pytest
from clickhouse_driver import Client

from ioc.contracts.kinds import KINDS
from ioc.settings.limits import ReaderLimits
from tests.clickhouse_front import ANALYST, USERS, FrontProcess
from tests.integration.analysts_answers import ANSWERS, Row
from tests.integration.analysts_world import DATABASE, AnalystsWorld, build
from tests.repo.tree import read

PAGE = read("docs/analysts.md")
QUESTIONS = {
    int(number): (title, sql)
    for number, title, sql in re.findall(r"^### (\d+)\. ([^\n]+)\n.*?```sql\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE)
}
Result = tuple[list[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnalystsWorld]:
    """A front of its own: there the analyst has the limits of the settings."""
    users = tuple(replace(user, limits=ReaderLimits()) if user == ANALYST else user for user in USERS)
    with FrontProcess(tmp_path_factory.mktemp("analysts"), users=users) as front:
        made = build(front)
        yield made
        made.world.client.close()


def by_driver(front: FrontProcess, sql: str) -> tuple[list[str], Result]:
    client = Client(front.host, front.native_port, DATABASE, ANALYST.name, ANALYST.password)
    try:
        rows, columns = client.execute(sql, with_column_types=True)
    finally:
        client.disconnect()
    return [kept for _, kept in columns], ([name for name, _ in columns], rows)


def by_connect(front: FrontProcess, sql: str) -> Result:
    client = clickhouse_connect.get_client(
        host=front.host, port=front.http_port, username=ANALYST.name, password=ANALYST.password, database=DATABASE
    )
    with client:
        found = client.query(sql)
        return list(found.column_names), [tuple(row) for row in found.result_rows]


def by_curl(front: FrontProcess, sql: str) -> Result:
    options = "output_format_json_quote_64bit_integers=0&date_time_output_format=iso"
    url = f"{front.url}/?database={DATABASE}&default_format=JSONCompact&{options}"
    login = f"{ANALYST.name}:{ANALYST.password}"
    done = subprocess.run(
        ["curl", "-sS", "--fail-with-body", "-u", login, url, "--data-binary", "@-"],
        input=sql.encode(), capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    found = json.loads(done.stdout)
    return [column["name"] for column in found["meta"]], [tuple(row) for row in found["data"]]


def plain(value: Any, kind: str) -> Any:
    """A value without what is the client's own: times in UTC, floats to ten digits, lists for arrays."""
    if value is None or isinstance(value, bool):
        return value
    if "DateTime" in kind:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) or "Float" in kind:
        return float(f"{value:.10g}")
    if isinstance(value, list | tuple):
        return [plain(one, kind) for one in value]
    return value


def test_the_page_asks_twenty_questions_and_each_has_a_check() -> None:
    assert list(QUESTIONS) == list(range(1, 21)) == sorted(ANSWERS)
    assert len({title for title, _ in QUESTIONS.values()}) == 20


@pytest.mark.parametrize("number", QUESTIONS)
def test_a_question_has_the_same_right_answer_by_every_client(world: AnalystsWorld, number: int) -> None:
    _, sql = QUESTIONS[number]
    kinds, (names, rows) = by_driver(world.front, sql)
    first = [tuple(map(plain, row, kinds)) for row in rows]
    for ask in (by_connect, by_curl):
        other_names, other = ask(world.front, sql)
        assert other_names == names
        found = [tuple(map(plain, row, kinds)) for row in other]
        if number == 7:  # ages grow while one asks
            assert [row[:-1] for row in found] == [row[:-1] for row in first]
            assert all(abs(one[-1] - two[-1]) <= 0.1 for one, two in zip(found, first, strict=True))
        else:
            assert found == first
    answers: list[Row] = [dict(zip(names, row, strict=True)) for row in rows]
    assert answers
    ANSWERS[number](world, answers)


def test_other_statements_of_the_page_run_too(world: AnalystsWorld) -> None:
    asked = {sql for _, sql in QUESTIONS.values()}
    others = [sql for sql in re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL) if sql not in asked]
    assert others
    for sql in others:
        assert by_driver(world.front, sql)[1][1]
    assert "SELECT code, name_vi, value FROM indicator_now" in PAGE
    names, rows = by_curl(
        world.front, "SELECT code, name_vi, value FROM indicator_now WHERE level = 'province' ORDER BY code"
    )
    assert (names, len(rows)) == (["code", "name_vi", "value"], 338)


Described = Callable[[str], list[str]]


@pytest.fixture
def described(world: AnalystsWorld) -> Described:
    return lambda what: [row[0] for row in world.world.client.query(f"DESCRIBE TABLE {DATABASE}.{what}")]


@pytest.mark.parametrize("kind", KINDS)
def test_views_with_parameters_have_the_columns_of_the_view_that_they_name(described: Described, kind: str) -> None:
    moment = "moment = '2026-01-31 17:00:00'"
    assert described(f"{kind}_as_known({moment})") == described(f"{kind}_as_was({moment})") == described(kind)
    life = described(f"{kind}_life(entity = '')")
    assert life == ["changed_at", "known_since", *described(f"{kind}_history")]


def test_views_of_periods_have_the_columns_of_indicator_values(described: Described) -> None:
    columns = described("indicator_values")
    for name, code in (("flow_period", "DVC-001"), ("state_period", "DVC-004"), ("report_period", "KT-024")):
        assert described(f"{name}(code = '{code}', grain = 'month', tree = 'today')") == columns
    assert described("indicator_period(code = 'DVC-001')") == columns
    assert described("indicator_selected(codes = ['DVC-001'])") == columns
