"""Values from an address: only what a variable has, and never SQL."""

import re

import pytest

from dashboards.wall.interpolate import FillError, Value, fill_sql, fill_text, sqlstring
from dashboards.wall.variables import ChoiceError, Option, choose, read_variables
from ioc.errors import RetriableError

HOSTILE = [
    "' OR 1=1 --", "\\' OR 1=1 --", "\\", "''", "\\\\'", "x'; DROP TABLE units; --", "${days}", "$days", "[[days]]", "\\x27 OR 1=1",
    "') UNION ALL SELECT password FROM users --", "/* ", "Ủy ban nhân dân", "\\N", "ʼ or 1=1", "%27 OR 1=1", "a\\", "{{x}}", "?",
]  # fmt: skip

LISTED = [
    {"name": "level", "type": "custom", "query": "Tỉnh : province, Xã/phường : commune,district", "current": {"value": "province"}},
    {"name": "days", "type": "constant", "query": "30", "hide": 2},
    {"name": "unit", "type": "query", "query": "SELECT code FROM units WHERE level = ${level:sqlstring}"},
    {"name": "search", "type": "textbox", "query": "", "label": "Tìm"},
]  # fmt: skip
VARIABLES = read_variables({"templating": {"list": LISTED}})


async def offered(sql: str) -> tuple[Option, ...]:
    level = re.search(r"level = '(\w+)'", sql)
    assert level
    return (Option(f"{level[1]}-1", "Một"), Option(f"{level[1]}-2", "Hai"), Option("it's", "its"))


async def values(**given: str) -> dict[str, str]:
    return {one.variable.name: one.value.value for one in await choose(VARIABLES, given, offered)}


@pytest.mark.parametrize("text", [*HOSTILE, "1 OR 1", "1;", "0x1", "1e9", "--1", "1\n", "۱"])
@pytest.mark.parametrize("how", ["${x}", "${x:raw}", "$x", "[[x]]"])
def test_free_values_never_stand_bare(text: str, how: str) -> None:
    with pytest.raises(FillError, match="sqlstring"):
        fill_sql(f"SELECT {how}", {"x": Value(text, text, free=True)})


@pytest.mark.parametrize("text", ["7", "-3", "0.25"])
def test_numbers_may_stand_bare(text: str) -> None:
    assert fill_sql("SELECT ${x}, ${x:raw}", {"x": Value(text, text, free=True)}) == f"SELECT {text}, {text}"


def test_unknown_formats_are_said() -> None:
    with pytest.raises(FillError, match=re.escape("Chưa hỗ trợ: ${x:json}")):
        fill_sql("${x:json}", {"x": Value("a", "a")})


def test_sqlstring_is_grafana_s_where_there_is_no_backslash() -> None:
    assert sqlstring("it's") == "'it''s'"


def test_titles_get_the_text() -> None:
    known = {"unit": Value("K1", "Sở Y tế"), "n": Value("a b&c", "A")}
    assert (
        fill_text("${unit}: $n ${n:raw} ${n:queryparam} ${other} $$", known)
        == "Sở Y tế: A a b&c var-n=a%20b%26c ${other} $$"
    )


async def test_defaults() -> None:
    assert await values() == {"level": "province", "days": "30", "unit": "province-1", "search": ""}


async def test_choices_follow_one_another() -> None:
    found = await values(level="commune", unit="commune-2", search="tìm", nothing="x")
    assert found == {"level": "commune", "days": "30", "unit": "commune-2", "search": "tìm"}
    assert (await values(level="district"))["unit"] == "district-1"


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["level", "days", "unit"])
async def test_values_that_are_no_options_are_refused(name: str, text: str) -> None:
    with pytest.raises(ChoiceError, match="không có giá trị"):
        await values(**{name: text})


@pytest.mark.parametrize("text", ["x" * 201, "a\x00b", "a\nb", "\u202e"])
async def test_free_texts_are_bounded(text: str) -> None:
    with pytest.raises(ChoiceError, match="Tìm: nhiều nhất 200 ký tự"):
        await values(search=text)


async def test_what_a_table_says_is_as_free_as_what_a_viewer_says() -> None:
    chosen = {one.variable.name: one.value for one in await choose(VARIABLES, {"unit": "it's"}, offered)}
    assert fill_sql("${unit:sqlstring}", chosen) == "'it''s'"
    with pytest.raises(FillError):
        fill_sql("${unit:raw}", chosen)
    assert fill_sql("ORDER BY ${level:raw} LIMIT ${days}", chosen) == "ORDER BY province LIMIT 30"


async def test_a_plain_name_that_a_query_lists_may_stand_in_sql() -> None:
    kind = Value("dossier", "dossier", free=True, listed=True)
    assert fill_sql("FROM ${kind:raw}_items()", {"kind": kind}) == "FROM dossier_items()"
    for hostile in ("a b", "a;b", "a'", "é", "", "1a", "a" * 65):
        with pytest.raises(FillError):
            fill_sql("${kind:raw}", {"kind": Value(hostile, "", free=True, listed=True)})
    with pytest.raises(FillError):
        fill_sql("${kind:raw}", {"kind": Value("dossier", "", free=True)})


async def test_a_default_that_is_no_option_gives_way_to_the_first() -> None:
    async def others(_sql: str) -> tuple[Option, ...]:
        return (Option("other", "Other"), Option("another", "Another"))

    chosen = {one.variable.name: one.value for one in await choose(VARIABLES, {}, others)}
    assert chosen["unit"].value == "other"


async def test_options_that_cannot_be_read_are_not_guessed() -> None:
    async def away(_sql: str) -> tuple[Option, ...]:
        raise RetriableError("connection refused")

    with pytest.raises(RetriableError):
        await choose(VARIABLES, {"unit": "province-1"}, away)
