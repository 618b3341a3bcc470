"""The front cuts statements into tokens exactly as the engine does: access is decided on them."""

from collections.abc import Iterator

import pytest
from clickhouse_driver import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from deploy.embedded.clickhouse.sql.lexer import tokens
from tests.clickhouse_front import WRITER, FrontProcess

PIECES = [
    "SELECT", "INTO", "OUTFILE", "file", "x", "_a1", "$a", "a$b", "1", "0x1F", "0b101", "1e5", "1.5", ".5", "1_000",
    "1__0", "0xp", "1a", "1.FROM", "x.1.INTO", "t.1.1", "1e+", "'", "''", "\\'", "\\", '"', "`", "``", "--", "//", "#",
    "# ", "#!", "/*", "*/", "/", "*", "$", "$$", "$tag$", "$a$b$", ";", ",", "(", ")", "[", "]", "{", "}", ".", "..",
    ":", "::", "|", "||", "@", "@@", "?", "->", "-", "+", "=", "==", "!=", "!", "<", "<=", "<>", "<=>", "|>", "!~*", "~*", ">", ">=", "%",
    "^", "&", "~", " ", "\n", "\t", "\r", "\v", "\f", "\x00", "\u00a0", "\u2003", "\u3000", "\ufeff", "‘", "’", "“",
    "”", "−", "ủ", "x'4a'", "X'", "b'01'", "B'2'", "\\G", "\u200b", "\x85", "\x1f", "'a'", '"b"', "`c`",
]  # fmt: skip
KINDS = {
    "Whitespace": "Whitespace", "Comment": "Comment", "BareWord": "BareWord", "Number": "Number",
    "StringLiteral": "String", "QuotedIdentifier": "Quoted", "HereDoc": "HereDoc",
}  # fmt: skip


@pytest.fixture(scope="module")
def engine(front: FrontProcess) -> Iterator[Client]:
    client = Client(front.host, front.native_port, user=WRITER.name, password=WRITER.password)
    yield client
    client.disconnect()


def ours(text: str) -> list[tuple[int, int, str]]:
    """Up to the first error, past which nothing is run."""
    cut: list[tuple[int, int, str]] = []
    for token in tokens(text.encode("utf-8")):
        cut.append((token.start, token.end, token.kind))
        if token.kind == "Error":
            return [*cut[:-1], (token.start, 0, "Error")]
    return cut


def theirs(engine: Client, text: str) -> list[tuple[int, int, str]]:
    cut: list[tuple[int, int, str]] = []
    rows = engine.execute("SELECT tokenizeQuery(unhex(%(hex)s))", {"hex": text.encode("utf-8").hex()})[0][0]
    for start, end, kind in rows:
        if kind.startswith("Error"):
            return [*cut, (start, 0, "Error")]
        cut.append((start, end, KINDS.get(kind, "Symbol")))
    return cut


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map("".join))
@example("SELECT 1 /* a /* b */ INTO OUTFILE 'x' */")
@example("SELECT $a$ -- $a$ INTO OUTFILE 'x'")
@example("SELECT 'a\\' INTO OUTFILE ''")
@example("SELECT “a” INTO OUTFILE ‘x’")
@example("SELECT 1#INTO OUTFILE")
@example("SELECT x'zz' INTO OUTFILE 'x'")
def test_the_same_tokens(engine: Client, text: str) -> None:
    assert ours(text) == theirs(engine, text)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=20))
def test_the_same_tokens_of_any_text(engine: Client, text: str) -> None:
    assert ours(text) == theirs(engine, text)
