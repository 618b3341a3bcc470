"""Errors as ClickHouse clients know them: a number, a name and a text.

Source of numbers and names: ClickHouse, src/Common/ErrorCodes.cpp.
"""

import re
from typing import Self

NAMES = {
    36: "BAD_ARGUMENTS",
    48: "NOT_IMPLEMENTED",
    60: "UNKNOWN_TABLE",
    62: "SYNTAX_ERROR",
    73: "UNKNOWN_FORMAT",
    81: "UNKNOWN_DATABASE",
    99: "UNKNOWN_PACKET_FROM_CLIENT",
    101: "UNEXPECTED_PACKET_FROM_CLIENT",
    117: "INCORRECT_DATA",
    164: "READONLY",
    201: "QUOTA_EXCEEDED",
    202: "TOO_MANY_SIMULTANEOUS_QUERIES",
    216: "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING",
    271: "CANNOT_DECOMPRESS",
    273: "CANNOT_CHECK_CHECKSUM",
    307: "TOO_MANY_BYTES",
    344: "SUPPORT_IS_DISABLED",
    372: "SESSION_NOT_FOUND",
    373: "SESSION_IS_LOCKED",
    394: "QUERY_WAS_CANCELLED",
    396: "TOO_MANY_ROWS_OR_BYTES",
    452: "SETTING_CONSTRAINT_VIOLATION",
    497: "ACCESS_DENIED",
    516: "AUTHENTICATION_FAILED",
    745: "SERVER_OVERLOADED",
    1002: "UNKNOWN_EXCEPTION",
}

_FROM_ENGINE = re.compile(r"Code: (\d+)\. DB::\w*Exception: (.*)", re.DOTALL)
_NESTED = re.compile(r"^Code: \d+\. DB::\w*Exception: (.*) \(version [^()]*\)\. \([A-Z_0-9]+\)$", re.DOTALL)
"""The engine wraps its own exception once more when a result was under way."""


class ServerError(Exception):
    """What the client is told: `code` by ClickHouse's numbering, `message` ending in the code's name."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    @classmethod
    def named(cls, code: int, text: str) -> Self:
        """An error of our own; the name of its code is appended, as ClickHouse does."""
        return cls(code, f"{text}. ({NAMES[code]})")


class BrokenStreamError(ServerError):
    """What a client sends cannot be read on from here: it is told why, and the connection ends."""


def from_engine(error: BaseException) -> ServerError:
    """The engine raises everything as one type whose text holds the code; this takes it apart."""
    text = str(error)
    found = _FROM_ENGINE.search(text)
    if found is None:
        return ServerError(1002, f"{text}. ({NAMES[1002]})")
    code, message = int(found.group(1)), found.group(2).strip()
    while nested := _NESTED.match(message):
        message = nested.group(1)
    return ServerError(code, message)


def authentication_failed(user: str) -> ServerError:
    """The same words whether the user is unknown or the password wrong."""
    return ServerError.named(
        516, f"{user}: Authentication failed: password is incorrect, or there is no user with such name"
    )


def too_many_queries(limit: int) -> ServerError:
    """The limit on concurrent queries is reached."""
    return ServerError.named(202, f"Too many simultaneous queries. Maximum: {limit}")
