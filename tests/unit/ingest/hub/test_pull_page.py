"""The page of the data hub says what the code does."""

import re

import pytest

from ingest.sources.hub import xlsxfile
from ingest.sources.hub.ckan import STREAMS
from ingest.sources.hub.ckan_position import MAX_TABLES
from ingest.sources.hub.columns import MAX_COLUMNS, Vocabulary
from ingest.sources.hub.csvfile import MAX_LINE_CHARS
from ingest.sources.hub.rows import KINDS
from ingest.sources.hub.tables import HEAD_ROWS
from tests.repo.tree import read

PAGE = read("docs/connectors-hub.md")


@pytest.mark.parametrize("kind", KINDS)
def test_headings_are_those_of_the_vocabulary(kind: str) -> None:
    vocabulary: Vocabulary = KINDS[kind].vocabulary
    rows = re.findall(r"^\| (\w*) ?\| `(\w+)`( \*)?[^|]*\| (.*) \|$", PAGE, re.MULTILINE)
    told, current = {}, ""
    for name, field, needed, headings in rows:
        current = name or current
        if current == kind:
            told[field] = (bool(needed), tuple(re.findall(r"`(\w+)`", headings)))
    required = {field for choice in vocabulary.required for field in choice}
    assert set(told) == set(vocabulary.headings)
    for field, (needed, headings) in told.items():
        assert headings in (vocabulary.headings[field], ()), field
        assert needed == (field in required), field


def test_streams_and_limits() -> None:
    assert all(f"| `{stream}` |" in PAGE for stream in (*STREAMS, "lgsp_calls", "lgsp_services", "reports"))
    limits = [f"room for {MAX_TABLES} tables", f"first {HEAD_ROWS} rows", f"{MAX_COLUMNS}th of a sheet"]
    limits += [f"over {MAX_LINE_CHARS >> 20} Mi characters", f"over {xlsxfile.MAX_BYTES >> 20} MiB"]
    limits += [f"{xlsxfile.MAX_PARTS:,} parts", f"{xlsxfile.MAX_UNPACKED_BYTES >> 20} MiB unpacked"]
    limits += [
        f"{xlsxfile.MAX_STRINGS_BYTES >> 20} MiB of shared texts",
        f"a {xlsxfile.MAX_RATIO}th",
        f"{xlsxfile.MAX_ROWS:,} rows",
    ]
    assert [limit for limit in limits if limit not in PAGE] == []
