"""Whether a user may run a statement: decided on its tokens, by the closed lists of `vocabulary.py`.

This is the outer of two walls. The inner one is the engine itself: grants without any source outside, constant
settings (engine/config.py), and `readonly = 2` in every session of a user who may only read (engine/session.py).
"""

import re
from collections.abc import Mapping, Sequence

from deploy.embedded.clickhouse.engine.files import in_memory
from deploy.embedded.clickhouse.engine.session import EngineSession, Stats
from deploy.embedded.clickhouse.errors import ServerError
from deploy.embedded.clickhouse.sql import vocabulary as words
from deploy.embedded.clickhouse.sql.caps import check_caps, check_value
from deploy.embedded.clickhouse.sql.lexer import Token, significant
from deploy.embedded.clickhouse.sql.statement import InsertHead, Statement, syntax_error

EXPRESSIONS_MAX_BYTES = 1 << 20
"""VALUES longer than this are read as plain literals only: they are not looked through for function calls."""

EXPRESSIONS = (
    "input_format_values_interpret_expressions",
    "input_format_values_deduce_templates_of_expressions",
)
READONLY_VALUES = frozenset({"1", "2"})


def denied(what: str) -> ServerError:
    """Nobody may do this here."""
    return ServerError.named(497, f"Not enough privileges. {what} is not available on this server")


def readonly_error(what: str) -> ServerError:
    """This user may not do this."""
    return ServerError.named(164, f"Cannot execute {what} in readonly mode")


class Policy:
    """The rules, with the functions that this engine has.

    Args:
        table_functions: names of its table functions, in lower case.
        outside_functions: names of scalar functions that speak to other machines, in lower case.
    """

    def __init__(self, table_functions: frozenset[str], outside_functions: frozenset[str]) -> None:
        self._names_refused = words.NAMES_REFUSED | outside_functions
        self._functions_refused = table_functions - words.TABLE_FUNCTIONS - self._names_refused
        refused = "|".join(sorted(re.escape(name) for name in self._names_refused | self._functions_refused))
        self._worth_a_look = re.compile(
            rf'["`“]|(?<![0-9a-z_$])(?:{refused}|settings)(?![0-9a-z_$])'.encode(), re.IGNORECASE
        )

    def check(
        self,
        statement: Statement,
        *,
        readonly: bool,
        only_reading: bool = False,
        caps: Mapping[str, int] | None = None,
    ) -> None:
        """Lets a statement pass.

        Args:
            statement: what is to be run.
            readonly: its user may only read; the engine's session is in readonly mode and decides about temporary
                tables.
            only_reading: this query asked for `readonly` itself, and nothing but the front enforces that.
            caps: settings that its user may give no greater value.

        Raises:
            ServerError: 497, nobody may run it; 164, this user may not; 452, it changes a setting that is fixed, or to
                more than the user may have.
        """
        first = statement.keyword
        if first not in words.FIRST_WORDS_READING and first not in words.FIRST_WORDS_WRITING:
            if first in words.FIRST_WORDS_REFUSED:
                raise denied(first)
            begun = statement.tokens[0]
            raise syntax_error(f"failed at position {begun.start + 1}: {begun.text[:40].decode('utf-8', 'replace')}")
        self._check_objects(statement, first)
        self._check_tokens(statement.tokens)
        if caps:
            check_caps(statement.tokens, caps)
        if first in {"CREATE", "REPLACE", "ALTER"}:
            _check_engines(statement.tokens)
        if not (readonly or only_reading):
            return
        writes = first in words.FIRST_WORDS_WRITING - {"CHECK"} or statement.kind in {"insert", "insert_select"}
        temporary = any(token.word == "TEMPORARY" for token in statement.tokens[:4]) or first == "INSERT"
        if writes and (only_reading or not temporary):
            raise readonly_error(first)

    def check_expressions(self, data: bytes) -> bool:
        """Whether text of VALUES is free of functions that are refused, and short enough to be looked through."""
        if len(data) > EXPRESSIONS_MAX_BYTES:
            return False
        if self._worth_a_look.search(data) is None:
            return True
        self._check_tokens(list(significant(data)))
        return True

    def settings(
        self, asked: Mapping[str, str], *, readonly: bool, caps: Mapping[str, int] | None = None
    ) -> dict[str, str]:
        """The settings of a query that are to be applied in the engine.

        Raises:
            ServerError: 452, one of them is fixed, or more than the user may have; 164, the user may not change `readonly`.
        """
        applied: dict[str, str] = {}
        for name, value in asked.items():
            if name in words.SETTINGS_IGNORED:
                continue
            if name == "readonly":
                if readonly and value not in READONLY_VALUES:
                    raise readonly_error("a change of the setting readonly")
                continue
            _check_setting(name)
            if caps:
                check_value(name, value, caps)
            applied[name] = value
        return applied

    def insert_inline(
        self, session: EngineSession, head: InsertHead, parameters: Mapping[str, str], data: bytes | None = None
    ) -> Stats:
        """Inserts data that came with the statement."""
        data = head.data if data is None else data
        with in_memory("inline", data) as part:
            if (head.format or "Values").lower() != "values":
                return session.insert(head, head.format, part, parameters)
            allowed = dict.fromkeys(EXPRESSIONS, "1") if self.check_expressions(data) else {}
            with session.settings(allowed):
                return session.insert(head, "Values", part, parameters)

    def _check_objects(self, statement: Statement, first: str) -> None:
        names = [token.word for token in statement.tokens if token.text != b"("][1:5]
        if names[:2] == ["OR", "REPLACE"]:
            names = names[2:]
        if first in {"CREATE", "REPLACE", "DROP"}:
            if not any(tuple(names[: len(kind)]) == kind for kind in words.CREATE_OBJECTS):
                raise denied(f"{first} {names[0] if names else ''}".strip())
            if names[0] == "DATABASE" and first == "DROP":
                _check_kept(statement.tokens)
        elif first in words.SECOND_WORDS and (not names or names[0] not in words.SECOND_WORDS[first]):
            raise denied(f"{first} {names[0] if names else ''}".strip())
        elif first == "SET" and names and names[0] in {"ROLE", "DEFAULT", "TRANSACTION"}:
            raise denied(f"SET {names[0]}")
        elif first == "ALTER":
            for token in statement.tokens:
                if token.word in words.ALTER_WORDS_REFUSED:
                    raise denied(f"ALTER TABLE … {token.word}")
        elif first == "TRUNCATE" and "DATABASE" in names[:2]:
            _check_kept(statement.tokens)

    def _check_tokens(self, tokens: Sequence[Token]) -> None:
        for place, token in enumerate(tokens):
            before = tokens[place - 1] if place else None
            after = tokens[place + 1].text if place + 1 < len(tokens) else b""
            if before is not None and token.word and (what := words.ADJACENT_REFUSED.get((before.word, token.word))):
                raise denied(what)
            if token.text == b"}" and after == b"(" and not _names_a_table(tokens, place):
                raise denied("A function whose name is a parameter")
            name = token.name
            if name is None:
                continue
            lowered = name.lower()
            if after == b"(" and lowered in self._functions_refused:
                raise denied(f"The function {name}")
            defined = before is not None and (before.text == b"." or before.word == "AS")
            if lowered in self._names_refused and (after == b"(" or not defined):
                raise denied(f"The function {name}")
            if lowered in words.SETTINGS_REFUSED and (after == b"=" or after == b"=="):
                raise ServerError.named(452, f"Setting {name} should not be changed")


def _names_a_table(tokens: Sequence[Token], place: int) -> bool:
    """`INTO {name:Identifier} (columns)`."""
    opening = next((index for index in range(place, -1, -1) if tokens[index].text == b"{"), 0)
    return opening > 0 and tokens[opening - 1].word in {"INTO", "TABLE", "VIEW"} | ({"EXISTS"})


def _check_setting(name: str) -> None:
    if not name.replace("_", "").isalnum() or not name.isascii():
        raise ServerError.named(36, f"{name!r} is no name of a setting")
    if name.lower() in words.SETTINGS_REFUSED:
        raise ServerError.named(452, f"Setting {name} should not be changed")


def _check_kept(tokens: Sequence[Token]) -> None:
    for token in tokens:
        if token.name is not None and token.name.lower() in words.DATABASES_KEPT:
            raise denied(f"Dropping the database {token.name}")


def _check_engines(tokens: Sequence[Token]) -> None:
    """Engines named at the outer level of a definition, before its SELECT."""
    depth = 0
    allowed = words.DATABASE_ENGINES if any(token.word == "DATABASE" for token in tokens[:4]) else words.TABLE_ENGINES
    for place, token in enumerate(tokens):
        depth += {b"(": 1, b")": -1}.get(token.text, 0)
        if depth:
            continue
        if token.word in {"SELECT", "WITH"}:
            return
        if token.word == "ENGINE" and place + 1 < len(tokens):
            place += 2 if tokens[place + 1].text == b"=" else 1
            name = tokens[place].name if place < len(tokens) else None
            if name is None or name.lower() not in allowed:
                raise denied(f"The engine {name or '?'}")


def set_changes(statement: Statement) -> dict[str, str]:
    """The names that a SET statement changes, and their values as written."""
    changes: dict[str, str] = {}
    tokens = list(statement.tokens[1:])
    for place, token in enumerate(tokens):
        if token.text != b"=" or not place:
            continue
        end = place + 1
        depth = 0
        while end < len(tokens) and (depth or tokens[end].text != b","):
            depth += {b"(": 1, b"[": 1, b"{": 1, b")": -1, b"]": -1, b"}": -1}.get(tokens[end].text, 0)
            end += 1
        name = tokens[place - 1].name
        if name is not None and end > place + 1:
            value = statement.source[tokens[place + 1].start : tokens[end - 1].end]
            changes[name] = value.decode("utf-8", "replace")
    return changes
