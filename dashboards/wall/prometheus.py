"""Asks Prometheus by its HTTP API (`/api/v1/query`, `/api/v1/query_range`) and gives its answers as tables."""

import math
import re
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec

from dashboards.wall.question import Frame, Question, RefusedError
from ioc.clock import now
from ioc.errors import RetriableError

_CONNECT_S = 2.0
_ANSWER_S = 10.0
_POINTS = 180
"""Points of a range: as many as a panel can show apart."""
_STEP_S = 15
"""The smallest step, and what larger ones are multiples of: how often Prometheus is set to look."""
_SERIES = 200
_LABEL = re.compile(r"\{\{\s*([\w.:]+)\s*\}\}")


class _Sampled(msgspec.Struct):
    metric: dict[str, str] = {}
    value: tuple[float, str] | None = None
    values: list[tuple[float, str]] = []


class _Data(msgspec.Struct):
    resultType: str = ""  # noqa: N815 - Prometheus' word
    result: Any = None


class _Answer(msgspec.Struct):
    status: str
    data: _Data = msgspec.field(default_factory=_Data)
    error: str = ""


_DECODER = msgspec.json.Decoder(_Answer)


class Prometheus:
    """A connection pool to one server; an asynchronous context manager. Without an address every question is refused."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(_ANSWER_S, connect=_CONNECT_S), trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def query(self, question: Question) -> Frame:
        """Runs an instant query (a row a series: `name`, its labels, `value`) or a range (`time`, a column a series).

        Raises:
            RetriableError: the server cannot be reached, does not answer in time, or breaks off.
            RefusedError: the server answers with an error, or its address is not set.
        """
        if not self._url:
            raise RefusedError(
                "Chưa có Prometheus: cài gói prometheus trên máy này rồi khởi động lại, hoặc đặt wall.prometheus_url"
            )
        end = now().timestamp()
        form: dict[str, str] = {"query": question.text}
        if question.window_s:
            step = _step(question.window_s)
            # Points of a grid that stands still: the same moments are asked for in every round.
            last = math.floor(end / step) * step
            form |= {"start": str(last - question.window_s // step * step), "end": str(last), "step": str(step)}
        address = f"{self._url}/api/v1/{'query_range' if question.window_s else 'query'}"
        try:
            answer = await self._client.post(address, data=form)
        except httpx.TransportError as error:
            raise RetriableError(f"{self._url}: {type(error).__name__} {error}".rstrip()) from error
        try:
            told = _DECODER.decode(answer.content)
        except msgspec.DecodeError as error:
            raise RefusedError(f"{address}: HTTP {answer.status_code}, no answer of Prometheus ({error})") from error
        if told.status != "success":
            raise RefusedError(told.error[:300] or f"HTTP {answer.status_code}")
        return _frame(question, told.data)


def _step(window_s: int) -> int:
    return max(1, math.ceil(window_s / _POINTS / _STEP_S)) * _STEP_S


def _frame(question: Question, data: _Data) -> Frame:
    if data.resultType == "scalar":
        return Frame(["value"], ["Float64"], [[_number(data.result[1])]])
    series = msgspec.convert(data.result, list[_Sampled])[:_SERIES]
    names = _names(question, [one.metric for one in series])
    if data.resultType == "vector":
        labels = sorted({label for one in series for label in one.metric} - {"__name__", "name", "value"})
        rows: list[list[Any]] = [
            [name, *(one.metric.get(label, "") for label in labels), _number(one.value[1]) if one.value else None]
            for name, one in zip(names, series, strict=True)
        ]
        return Frame(["name", *labels, "value"], ["String"] * (len(labels) + 1) + ["Nullable(Float64)"], rows)
    held: dict[float, list[float | None]] = {}
    if series:
        # Every point of the grid, also those at which no series has a value: a gap is seen as one.
        step = _step(question.window_s)
        moments = [at for one in series for at, _ in one.values]
        count = round((max(moments) - min(moments)) / step)
        held = {min(moments) + n * step: [None] * len(series) for n in range(count + 1)}
    for position, one in enumerate(series):
        for at, value in one.values:
            held.setdefault(at, [None] * len(series))[position] = _number(value)
    times = [[_stamp(at), *held[at]] for at in sorted(held)]
    return Frame(["time", *names], ["DateTime64(3, 'UTC')"] + ["Nullable(Float64)"] * len(names), times)


def _number(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def _names(question: Question, metrics: list[dict[str, str]]) -> list[str]:
    """Names of series as Grafana gives them; equal ones are told apart by a number."""
    legend = "" if question.legend == "__auto" else question.legend
    names: list[str] = []
    for metric in metrics:
        name = _LABEL.sub(lambda found, of=metric: of.get(found[1], ""), legend) if legend else _auto(metric, metrics)  # type: ignore[misc]
        name = name or question.text
        names.append(name if name not in names else f"{name} ({names.count(name) + 1})")
    return names


def _auto(metric: dict[str, str], metrics: list[dict[str, str]]) -> str:
    """The labels in which the series differ; of one series its metric."""
    differing = sorted(label for label in metric if any(other.get(label) != metric[label] for other in metrics))
    return ", ".join(metric[label] for label in differing) or metric.get("__name__", "")
