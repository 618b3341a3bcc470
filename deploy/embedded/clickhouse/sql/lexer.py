"""ClickHouse's lexer, rule by rule, on bytes.

Access is decided on these tokens, so they must be the engine's own: where the two would cut differently, a comment or
a quote could hide a keyword from the check. The rules are those of src/Parsers/Lexer.cpp; a property test compares
with the engine's function `tokenizeQuery`. Token names are the engine's.

Bytes, because statements can be followed by binary data; the lexer is lazy and never looks past what is asked for.
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["Whitespace", "Comment", "BareWord", "Number", "String", "Quoted", "HereDoc", "Symbol", "Error"]

_SPACE = re.compile(rb"[ \t\n\r\f\v]+")
_WORD = re.compile(rb"[0-9A-Za-z_$]+")
_WORD_CHARS = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
_DIGITS = frozenset(b"0123456789")
_HEX = frozenset(b"0123456789abcdefABCDEF")
_LINE = re.compile(rb"[^\n]*")
_QUOTED = {
    0x27: re.compile(rb"'(?:[^'\\]++|\\.|'')*+'", re.DOTALL),
    0x22: re.compile(rb'"(?:[^"\\]++|\\.|"")*+"', re.DOTALL),
    0x60: re.compile(rb"`(?:[^`\\]++|\\.|``)*+`", re.DOTALL),
}
_HEX_STRING = {0x78: re.compile(rb"[0-9a-fA-F]*'"), 0x62: re.compile(rb"[01]*'")}
_SYMBOLS = re.compile(rb"->|==|!=|!~\*|!~|~\*|~|<=>|<=|<>|>=|::|\|\||\|>|@@|\\G|[()\[\]{},;.+\-*/%=<>?:|@^]")
_UNICODE_SPACE = re.compile(
    rb"(?:[ \t\n\r\f\v]|\xc2\x85|\xc2\xa0|\xe1\xa0\x8e|\xe2\x80[\x80-\x8f\xa8\xa9\xaf]|\xe2\x81[\x9f\xa0]|\xe3\x80\x80|\xef\xbb\xbf)+"
)
_CURLY = {b"\xe2\x80\x98": (b"\xe2\x80\x99", "String"), b"\xe2\x80\x9c": (b"\xe2\x80\x9d", "Quoted")}


_FAST = re.compile(
    rb"([ \t\n\r\f\v]++)"
    rb"|((?![xXbB]')[A-Za-z_][0-9A-Za-z_$]*+)"
    rb"|([0-9]++(?![0-9A-Za-z_.$]))"
    rb"|('(?:[^'\\]++|\\.|'')*+')"
    rb"|([(),;\[\]{}+]|=(?!=))",
    re.DOTALL,
)
_FAST_KINDS: tuple[Kind, ...] = ("Whitespace", "BareWord", "Number", "String", "Symbol")
"""What nearly every token is, by one expression; the rules below decide about all others."""


class Token(NamedTuple):
    """A piece of a statement: `text` is `source[start:end]`, in bytes."""

    kind: Kind
    text: bytes
    start: int
    end: int

    @property
    def word(self) -> str:
        """A bare word in upper case, for comparing with keywords; empty for anything else."""
        return self.text.decode("ascii").upper() if self.kind == "BareWord" else ""

    @property
    def name(self) -> str | None:
        """The identifier that this token spells (bare or quoted, escapes resolved); None if it spells none."""
        if self.kind == "BareWord":
            return self.text.decode("ascii")
        return unquote(self.text) if self.kind == "Quoted" else None


def _separated(data: bytes, position: int, digits: frozenset[int], start_of_block: bool) -> int:
    """End of a run of digits, where one underscore may stand between two of them."""
    size = len(data)
    while position < size:
        if data[position] in digits:
            start_of_block = False
        elif data[position] == 0x5F and not start_of_block and position + 1 < size and data[position + 1] in digits:
            pass
        else:
            break
        position += 1
    return position


def _exponent(data: bytes, position: int, letters: bytes) -> int:
    if position + 1 < len(data) and data[position] in letters:
        position += 1
        if position + 1 < len(data) and data[position] in b"+-":
            position += 1
        position = _separated(data, position, _DIGITS, True)
    return position


def _number(data: bytes, start: int, after_dot: bool) -> tuple[Kind, int]:
    position, size = start, len(data)
    if after_dot:
        position = _separated(data, position + 1, _DIGITS, False)
    else:
        digits, block = _DIGITS, False
        if position + 2 < size and data[position] == 0x30 and data[position + 1] in b"xXbB":
            if data[position + 1] in b"xX" and data[position + 2] in _HEX:
                digits, block, position = _HEX, True, position + 2
            elif data[position + 1] in b"bB" and data[position + 2] in b"01":
                block, position = True, position + 2
            else:
                position += 1
        else:
            position += 1
        position = _separated(data, position, digits, block)
        if position < size and data[position] == 0x2E:
            position = _separated(data, position + 1, digits, True)
        position = _exponent(data, position, b"pP" if digits is _HEX else b"eE")
    if position < size and data[position] in _WORD_CHARS:
        while position < size and data[position] in _WORD_CHARS:
            position += 1
        whole = all(byte in _WORD_CHARS or byte == 0x24 for byte in data[start:position])
        return ("BareWord" if whole else "Error"), position
    return "Number", position


def _comment(data: bytes, start: int) -> tuple[Kind, int]:
    """A block comment; they nest."""
    position, depth = start + 2, 1
    for mark in re.compile(rb"/\*|\*/").finditer(data, position):
        if mark.start() < position:
            continue
        position = mark.end()
        depth += 1 if mark.group() == b"/*" else -1
        if depth == 0:
            return "Comment", position
    return "Error", len(data)


def _heredoc(data: bytes, start: int) -> int | None:
    close = data.find(b"$", start + 1)
    if close < 0:
        return None
    tag = data[start : close + 1]
    end = data.find(tag, close + 1)
    return None if end < 0 else end + len(tag)


def _next(data: bytes, start: int, before: Token | None) -> tuple[Kind, int]:
    first = data[start]
    if space := _SPACE.match(data, start):
        return "Whitespace", space.end()
    if first in _DIGITS:
        return _number(data, start, before is not None and before.kind == "Symbol" and before.text == b".")
    if first in _QUOTED:
        found = _QUOTED[first].match(data, start)
        if found is None:
            return "Error", len(data)
        return ("String" if first == 0x27 else "Quoted"), found.end()
    if first == 0x2E:
        return _dot(data, start, before)
    pair = data[start : start + 2]
    if pair in {b"--", b"//"} or pair in {b"# ", b"#!"}:
        line = _LINE.match(data, start)
        return "Comment", line.end() if line else len(data)
    if pair == b"/*":
        return _comment(data, start)
    if first == 0x24:
        end = _heredoc(data, start)
        if end is not None:
            return "HereDoc", end
        if start + 1 >= len(data) or data[start + 1] not in _WORD_CHARS:
            return "Symbol", start + 1
    if len(pair) == 2 and pair[1] == 0x27 and first in b"xXbB" and start + 2 < len(data):
        found = _HEX_STRING[first | 0x20].match(data, start + 2)
        return ("String", found.end()) if found else ("Error", len(data))
    if word := _WORD.match(data, start):
        return "BareWord", word.end()
    if symbol := _SYMBOLS.match(data, start):
        return "Symbol", symbol.end()
    return _beyond_ascii(data, start)


def _dot(data: bytes, start: int, before: Token | None) -> tuple[Kind, int]:
    """A qualifier, or the start of a number such as `.5`."""
    digit_follows = start + 1 < len(data) and data[start + 1] in _DIGITS
    operand_before = before is not None and (
        before.text in {b")", b"]"} or before.kind in {"BareWord", "Quoted", "Number"}
    )
    if start > 0 and (not digit_follows or operand_before):
        return "Symbol", start + 1
    return "Number", _exponent(data, _separated(data, start + 1, _DIGITS, True), b"eE")


def _beyond_ascii(data: bytes, start: int) -> tuple[Kind, int]:
    """Quotes, minus and spaces as word processors write them."""
    three = data[start : start + 3]
    if three in _CURLY:
        close, kind = _CURLY[three]
        end = data.find(close, start + 3)
        if end < 0:
            return "Error", len(data)
        return ("String" if kind == "String" else "Quoted"), end + 3
    if three == b"\xe2\x88\x92":
        return "Symbol", start + 3
    if space := _UNICODE_SPACE.match(data, start):
        return "Whitespace", space.end()
    return "Error", start + 1


def tokens(data: bytes, start: int = 0) -> Iterator[Token]:
    """All tokens from `start`, spaces and comments included."""
    before: Token | None = None
    fast = _FAST.match
    size = len(data)
    while start < size:
        found = fast(data, start)
        if found is not None:
            kind, end = _FAST_KINDS[(found.lastindex or 1) - 1], found.end()
        else:
            kind, end = _next(data, start, before)
        token = Token(kind, data[start:end], start, end)
        if kind != "Whitespace" and kind != "Comment":
            before = token
        yield token
        start = end


def significant(data: bytes, start: int = 0) -> Iterator[Token]:
    """The tokens that the parser sees: no spaces, no comments."""
    return (token for token in tokens(data, start) if token.kind not in {"Whitespace", "Comment"})


_ESCAPES = {b"b": b"\b", b"f": b"\f", b"r": b"\r", b"n": b"\n", b"t": b"\t", b"0": b"\0", b"a": b"\a", b"v": b"\v"}
_ESCAPE = {quote: re.compile(rb"\\(x[0-9a-fA-F]{2}|.)|" + quote * 2, re.DOTALL) for quote in (b"'", b'"', b"`")}


def _resolve(found: re.Match[bytes]) -> bytes:
    escaped: bytes | None = found.group(1)
    if escaped is None:
        return found.group()[:1]
    if len(escaped) == 3:
        return bytes([int(escaped[1:], 16)])
    if escaped == b"e":
        return b"\x1b"
    return b"" if escaped == b"N" else _ESCAPES.get(escaped, escaped)


def unquote(text: bytes) -> str:
    """The value of a quoted identifier or a string literal, as the engine reads it (ReadHelpers.cpp)."""
    if text[:1] == b"\xe2":
        return text[3:-3].decode("utf-8", "replace")
    return _ESCAPE[text[:1]].sub(_resolve, text[1:-1]).decode("utf-8", "replace")


def unescape(text: bytes) -> str:
    """A value with backslash escapes and no quotes, as TabSeparated and query parameters write it."""
    return (
        _ESCAPE[b"'"].sub(_resolve, text).decode("utf-8", "replace")
        if b"\\" in text
        else text.decode("utf-8", "replace")
    )


def quote_identifier(name: str) -> str:
    """`name` between backticks."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def quote_string(value: str) -> str:
    """`value` as a string literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
