"""What a panel asks of a data source, and what it gets: the same question is asked once for all viewers."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ioc.errors import IocError

Source = Literal["clickhouse", "prometheus"]


class RefusedError(IocError):
    """The data source is there and does not answer this question: its own words."""


@dataclass(frozen=True)
class Question:
    """A query as it is sent; equal ones are one."""

    text: str
    """SQL, or PromQL."""
    source: Source = "clickhouse"
    window_s: int = 0
    """Of PromQL: how far back a range reaches; 0: the newest value alone."""
    legend: str = ""
    """Of PromQL: how a series is named, with `{{label}}`."""


@dataclass(frozen=True)
class Frame:
    """A result: names and types (ClickHouse's) of its columns, and its rows."""

    columns: list[str]
    types: list[str]
    rows: list[list[Any]]


class Reader(Protocol):
    """Asks the data sources."""

    async def ask(self, question: Question) -> Frame:
        """The answer.

        Raises:
            RetriableError: the source cannot be reached, does not answer in time, or breaks off.
            RefusedError: the source answers with an error, or is not set up.
        """
