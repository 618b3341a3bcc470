"""Tokens of statements; the comparison with the engine's own lexer is in the conformance suite."""

import pytest

from deploy.embedded.clickhouse.sql.lexer import quote_identifier, quote_string, significant, tokens, unescape, unquote


def cut(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text.decode()) for token in tokens(text.encode())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1", [("BareWord", "SELECT"), ("Whitespace", " "), ("Number", "1")]),
        ("a.1.2", [("BareWord", "a"), ("Symbol", "."), ("Number", "1"), ("Symbol", "."), ("Number", "2")]),
        ("'a\\'b''c'", [("String", "'a\\'b''c'")]),
        ("`a\\`b`", [("Quoted", "`a\\`b`")]),
        ("/* /* */ x */y", [("Comment", "/* /* */ x */"), ("BareWord", "y")]),
        ("--x\ny", [("Comment", "--x"), ("Whitespace", "\n"), ("BareWord", "y")]),
        ("#!x", [("Comment", "#!x")]),
        ("#x", [("Error", "#"), ("BareWord", "x")]),
        ("$a$ ' $a$;", [("HereDoc", "$a$ ' $a$"), ("Symbol", ";")]),
        ("$a", [("BareWord", "$a")]),
        ("x'4a'", [("String", "x'4a'")]),
        ("x 'a'", [("BareWord", "x"), ("Whitespace", " "), ("String", "'a'")]),
        ("1e-5", [("Number", "1e-5")]),
        ("1a", [("BareWord", "1a")]),
        ("0x1G", [("BareWord", "0x1G")]),
        ("1_000", [("Number", "1_000")]),
        ("‘a’“b”", [("String", "‘a’"), ("Quoted", "“b”")]),
        ("a\u00a0b", [("BareWord", "a"), ("Whitespace", "\u00a0"), ("BareWord", "b")]),
        ("'open", [("Error", "'open")]),
        ("/* open", [("Error", "/* open")]),
        ("ủ", [("Error", "�"), ("Error", "�"), ("Error", "�")]),
        ("->::||", [("Symbol", "->"), ("Symbol", "::"), ("Symbol", "||")]),
    ],
)
def test_tokens(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(token.kind, token.text.decode(errors="replace")) for token in tokens(text.encode())] == expected


def test_tokens_cover_the_whole_text() -> None:
    text = b"WITH x AS (SELECT 'a' /* b */ FROM t) SELECT $$h$$, `q`, 0x1F -- end"
    pieces = list(tokens(text))
    assert b"".join(token.text for token in pieces) == text
    assert all(token.text == text[token.start : token.end] for token in pieces)


def test_significant_tokens_leave_out_spaces_and_comments() -> None:
    assert [token.text for token in significant(b" a/**/ , --x\n b")] == [b"a", b",", b"b"]


def test_lazy_tokens_do_not_look_at_data_behind_the_head() -> None:
    stream = significant(b"INSERT INTO t FORMAT Native\n\x00'\xff")
    assert [next(stream).text for _ in range(5)][-1] == b"Native"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"'a''b'", "a'b"),
        (b"`a``b`", "a`b"),
        (b"'a\\nb\\x41\\\\'", "a\nbA\\"),
        (b'"fi\\x6ce"', "file"),
        (b"'\"\"'", '""'),
        ("“b”".encode(), "b"),
        (b"'\\N'", ""),
    ],
)
def test_values_of_quoted_text(text: bytes, value: str) -> None:
    assert unquote(text) == value


def test_names_of_tokens() -> None:
    bare, quoted, number = significant(b"Abc `d\\x65` 1")
    assert (bare.name, bare.word) == ("Abc", "ABC")
    assert (quoted.name, quoted.word) == ("de", "")
    assert number.name is None


@pytest.mark.parametrize("value", ["plain", "it's", "back\\slash", "`tick`", "dòng\nmới", ""])
def test_quoting_and_back(value: str) -> None:
    for quoted in (quote_identifier(value), quote_string(value)):
        assert next(token.kind for token in tokens(quoted.encode())) in {"Quoted", "String"}
        assert unquote(quoted.encode()) == value


def test_unescape_of_tab_separated_values() -> None:
    assert unescape("a\\tb\\\\ ủy".encode()) == "a\tb\\ ủy"
