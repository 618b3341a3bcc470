"""Logs: a constant text and fields, one line a record, on standard error."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from ioc.logs import configure, get_logger


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


def test_json_is_one_object_a_line_and_keeps_vietnamese(capsys: pytest.CaptureFixture[str]) -> None:
    configure(as_json=True)
    get_logger("sink").warning("rows refused", unit="Sở Tài chính", rows=3)
    out, err = capsys.readouterr()
    record = json.loads(err)
    assert out == ""
    assert (record["event"], record["part"], record["unit"], record["rows"], record["level"]) == (
        "rows refused",
        "sink",
        "Sở Tài chính",
        3,
        "warning",
    )
    assert record["timestamp"].endswith("Z")
    assert "Sở Tài chính" in err


def test_below_the_level_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure("error")
    get_logger("sink").warning("rows refused")
    logging.getLogger("some.library").warning("chatter")
    assert capsys.readouterr().err == ""
    get_logger("sink").error("tables missing")
    assert "tables missing" in capsys.readouterr().err


def test_an_exception_is_in_the_record(capsys: pytest.CaptureFixture[str]) -> None:
    configure(as_json=True)
    try:
        raise ValueError("due before received")
    except ValueError:
        get_logger("ingest").exception("record refused")
    record = json.loads(capsys.readouterr().err)
    assert "due before received" in json.dumps(record["exception"])
