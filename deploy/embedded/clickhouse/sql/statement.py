"""One statement, taken apart as far as the front must know it: its kind, its format clause, an INSERT's head and data."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from deploy.embedded.clickhouse.errors import ServerError
from deploy.embedded.clickhouse.sql.lexer import Token, significant

Kind = Literal["select", "show", "set", "use", "insert", "insert_select", "other"]

SELECT_WORDS = frozenset({"SELECT", "WITH", "FROM"})
SHOW_WORDS = frozenset({"SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS", "CHECK", "KILL"})


@dataclass(frozen=True, slots=True)
class InsertHead:
    """`INSERT INTO target (columns) SETTINGS … FORMAT format`, each part as written, empty where absent."""

    target: str
    columns: str
    settings: str
    format: str
    data: bytes
    """What follows the head in the statement itself, ready for the format's reader."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement and its tokens. For an INSERT with data, the tokens end where the data begin."""

    source: bytes
    kind: Kind
    tokens: Sequence[Token]
    format: str = ""
    format_span: tuple[int, int] = (0, 0)
    end: int = 0
    insert: InsertHead | None = field(default=None)

    @property
    def keyword(self) -> str:
        """The first word, in upper case, past opening brackets."""
        return next((token.word for token in self.tokens if token.text != b"("), "")

    @property
    def returns_rows(self) -> bool:
        """Whether a client expects a table as the answer."""
        return self.kind in {"select", "show"}

    @property
    def text(self) -> str:
        """The statement without its semicolon."""
        return self.source[: self.end].decode("utf-8")

    @property
    def text_without_format(self) -> str:
        """The statement without its semicolon and without its FORMAT clause; a later SETTINGS clause stays."""
        first, last = self.format_span
        if first == last:
            return self.text
        return (self.source[:first] + b" " + self.source[last : self.end]).decode("utf-8")

    @property
    def output_split(self) -> tuple[str, str]:
        """The statement before and after the place where an output clause belongs."""
        first, last = self.format_span
        if first == last:
            return self.text, ""
        return self.source[:first].decode("utf-8"), self.source[last : self.end].decode("utf-8")


def syntax_error(text: str) -> ServerError:
    """The statement cannot be what it claims to be."""
    return ServerError.named(62, f"Syntax error: {text}")


def _checked(stream: Iterator[Token]) -> Iterator[Token]:
    for token in stream:
        if token.kind == "Error":
            raise syntax_error(f"unrecognized token at byte {token.start}: {token.text[:40]!r}")
        yield token


def parse(source: bytes) -> Statement:
    """Takes one statement apart.

    Args:
        source: the statement in UTF-8; an INSERT may carry its data, in any encoding, behind its head.

    Raises:
        ServerError: 62 for an empty query, an unknown token, text that is not UTF-8, or several statements.
    """
    stream = _checked(significant(source))
    head: list[Token] = []
    depth = 0
    for token in stream:
        if token.text == b";":
            break
        head.append(token)
        depth += {b"(": 1, b")": -1}.get(token.text, 0)
        if depth == 0 and token.word == "INSERT" and _opens_insert(head):
            statement = _insert(source, head, stream)
            _utf8(source[: statement.end])
            return statement
    if not head:
        raise ServerError.named(62, "Syntax error: Empty query")
    _nothing_more(stream)
    end = head[-1].end
    _utf8(source[:end])
    name, span = _format_clause(head)
    return Statement(source, _kind(head), head, name, span, end)


def _utf8(text: bytes) -> None:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise syntax_error(f"the statement is not UTF-8 at byte {error.start}") from None


def _nothing_more(stream: Iterator[Token]) -> None:
    if any(token.text != b";" for token in stream):
        raise syntax_error("Multi-statements are not allowed")


def _opens_insert(head: Sequence[Token]) -> bool:
    return len(head) == 1 or head[0].word == "WITH"


def _kind(head: Sequence[Token]) -> Kind:
    first = next((token for token in head if token.text != b"("), head[0])
    if first.word in SELECT_WORDS:
        return "select"
    if head[0].text == b"(":
        return "other"
    if first.word in SHOW_WORDS:
        return "show"
    if first.word == "SET":
        return "set"
    return "use" if first.word == "USE" else "other"


def _format_clause(head: Sequence[Token]) -> tuple[str, tuple[int, int]]:
    """`FORMAT name` at the end of a query, or before its last SETTINGS clause."""
    depth = 0
    for place in range(len(head) - 1, 0, -1):
        token = head[place]
        depth += {b")": 1, b"(": -1}.get(token.text, 0)
        if depth or token.word != "FORMAT" or place + 1 >= len(head):
            continue
        name = head[place + 1].name
        follows = head[place + 2].word if place + 2 < len(head) else "SETTINGS"
        if name is not None and follows == "SETTINGS":
            return name, (token.start, head[place + 1].end)
    return "", (0, 0)


def _insert(source: bytes, head: list[Token], stream: Iterator[Token]) -> Statement:
    """Reads on after INSERT: up to the data if there are any, else to the end."""
    marks: dict[str, Token] = {}
    depth = 0
    opened_columns: Token | None = None
    closed_columns: Token | None = None
    for token in stream:
        if token.text == b";":
            _nothing_more(stream)
            break
        before = head[-1]
        head.append(token)
        if token.text == b"(":
            if depth == 0 and opened_columns is None and "SETTINGS" not in marks and not _is_function(head):
                opened_columns = token
            depth += 1
        elif token.text == b")":
            depth -= 1
            if depth == 0 and closed_columns is None and opened_columns is not None:
                closed_columns = token
        elif token.word in {"SELECT", "WITH", "FROM", "WATCH", "EXPLAIN"} and (depth == 0 or before is opened_columns):
            if depth == 0 and before.word == "INTO":
                continue  # a table of that name
            return _rest_of_insert_select(source, head, stream)
        elif depth == 0 and before.text != b"." and before.word not in {"INTO", "TABLE"}:
            if token.word == "VALUES":
                return _with_data(source, head, marks, (opened_columns, closed_columns), "Values", token.end)
            if token.word == "FORMAT":
                name = next(stream, None)
                if name is None or name.name is None:
                    raise syntax_error("FORMAT without a name")
                head.append(name)
                marks["FORMAT"] = token
                return _with_data(
                    source, head, marks, (opened_columns, closed_columns), name.name, _after_format(source, name.end)
                )
            if token.word == "SETTINGS":
                marks.setdefault("SETTINGS", token)
    if len(head) < 3:
        raise syntax_error("INSERT without a table")
    return _with_data(source, head, marks, (opened_columns, closed_columns), "", head[-1].end)


def _is_function(head: Sequence[Token]) -> bool:
    words = [token.word for token in head[:4]]
    return "FUNCTION" in words and sum(token.text == b"(" for token in head) == 1


def _rest_of_insert_select(source: bytes, head: list[Token], stream: Iterator[Token]) -> Statement:
    for token in stream:
        if token.text == b";":
            _nothing_more(stream)
            break
        head.append(token)
    return Statement(source, "insert_select", head, end=head[-1].end)


def _after_format(source: bytes, position: int) -> int:
    """Data begin after the format's name, blanks on its line, and one line break."""
    while source[position : position + 1] in {b" ", b"\t", b"\f"}:
        position += 1
    if source[position : position + 2] == b"\r\n":
        return position + 2
    return position + 1 if source[position : position + 1] == b"\n" else position


def _with_data(
    source: bytes,
    head: list[Token],
    marks: dict[str, Token],
    columns: tuple[Token | None, Token | None],
    name: str,
    data_start: int,
) -> Statement:
    """An INSERT whose data follow, here or in packets of their own."""
    first = next(place for place, token in enumerate(head) if token.word == "INTO") + 1 if _has_into(head) else 1
    if head[first].word == "TABLE" and len(head) > first + 1 and head[first + 1].text != b".":
        first += 1
    tail = head[-2 if name and name != "Values" else -1] if name else None
    settings_start = marks["SETTINGS"].start if "SETTINGS" in marks else None
    end_of_head = tail.start if tail is not None else head[-1].end
    opened, closed = columns
    target_end = min(
        place for place in (opened.start if opened else None, settings_start, end_of_head) if place is not None
    )
    data = source[data_start:]
    if not name or not data.strip(b" \t\r\n\f;"):
        data = b""

    def text(start: int, end: int) -> str:
        return source[start:end].decode("utf-8", "replace").strip()

    insert = InsertHead(
        target=text(head[first].start, target_end),
        columns=text(opened.start, closed.end) if opened and closed else "",
        settings=text(settings_start, end_of_head) if settings_start is not None else "",
        format=name,
        data=data,
    )
    return Statement(source, "insert", head, insert=insert, end=head[-1].end)


def _has_into(head: Sequence[Token]) -> bool:
    return any(token.word == "INTO" for token in head[:3]) or head[0].word == "WITH"


def with_own_query_ids(statement: Statement) -> str:
    """The statement for the engine, its format clause cut off; a KILL means queries by the ids that clients gave them.

    The engine names its queries itself. The front gives each the client's id as its `log_comment`, so a condition on
    `query_id` becomes one on that.
    """
    if statement.keyword != "KILL":
        return statement.text_without_format
    out: list[bytes] = []
    position = 0
    for token in statement.tokens:
        if token.name == "query_id":
            out += (statement.source[position : token.start], b"Settings['log_comment']")
            position = token.end
    first = statement.format_span[0] or statement.end
    return b"".join((*out, statement.source[position:first])).decode("utf-8")
