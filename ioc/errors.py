"""Errors, named by what the caller should do next.

    IocError
    ├── RetriableError   try the same thing again later (broker away, time-out, HTTP 5xx)
    ├── SkippableError   this record is at fault: send it to the dead letters, go on (carries a reason code)
    └── FatalError       stop and call a person: going on would lose or falsify data
        └── ConfigError  the settings or the catalogue are wrong; the message names file, key and value

Messages name the file, key, row or offset at fault and what to do about it.
"""

from typing import Literal, get_args

Reason = Literal[
    "undecodable",  # bytes are not what the format says: truncated JSON, wrong encoding
    "missing_field",  # a required field is absent
    "invalid_value",  # a field is there and its value is outside the contract
    "contradiction",  # fields deny one another: due before received
    "too_large",  # over the size the contract allows
    "unknown_kind",  # a record of a kind that this stream does not carry
]
"""Why a record went to the dead letters: a closed list, so that an operator can count and replay by reason."""

REASONS: tuple[Reason, ...] = get_args(Reason)


class IocError(Exception):
    """Base of every error that the project raises on purpose."""


class RetriableError(IocError):
    """The same call may succeed later; nothing about the data is wrong."""


class SkippableError(IocError):
    """One record is at fault. It goes to the dead letters with `reason`; the stream goes on."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason: Reason = reason


class FatalError(IocError):
    """Going on would lose or falsify data: halt, commit nothing, alert."""


class ConfigError(FatalError):
    """Settings or catalogue are wrong; the message names file, key, value and what is allowed."""
