"""A source of dropped files, which no server can spoil, through the whole suite by the rig of pages."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.conformance import SourceConformance
from ingest.pagerig import PageRig
from ingest.source import Change, Page, Record, Stream, System, Target
from ingest.sources.folder import DroppedFile, Folder
from ingest.sources.values import iso_ms, required, utc, whole
from ingest.testing import Rig

FILES, LINES = 4, 60


class Ratings(Stream):
    """Ratings of dossiers, a JSON object a line."""

    name, stream, targets = "files", "ratings", (Target("dossier", "rating"),)
    known_fields = frozenset({"code", "rated", "score", "name"})

    def __init__(self, folder: Path) -> None:
        self._folder = Folder(folder, (".jsonl",), self._records, page_size=25, max_bytes=1 << 20, settle_s=0.0)

    def pages(self, cursor: str | None) -> Iterator[Page]:
        return self._folder.pages(cursor)

    def read(self, record: Record) -> Change:
        fields = record.fields
        rated_ms = iso_ms("rated", required(fields, "rated"))
        data = {"rating": whole("score", required(fields, "score")), "rated_at": utc(rated_ms)}
        return Change(required(fields, "code"), "", rated_ms, data)

    def _records(self, file: DroppedFile) -> Iterator[Record]:
        with file.path.open("rb") as lines:
            for line in lines:
                yield Record(line, json.loads(line))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dropped")
    for file in range(FILES):
        with (folder / f"{file}.jsonl").open("w", encoding="utf-8") as lines:
            for line in range(LINES):
                row = {"code": f"H12-{file}-{line}", "rated": f"2026-08-1{file}T08:{line:02}:00+07:00", "score": "4"}
                lines.write(json.dumps({**row, "name": "CANARY Trần Thử"}) + "\n")
    return folder


class TestDroppedFiles(SourceConformance):
    @pytest.fixture
    def rig(self, dropped: Rig) -> Rig:
        return dropped


@pytest.fixture(scope="module")
def dropped(folder: Path) -> Rig:
    return PageRig(lambda: System([Ratings(folder)], 0.0, 1e9, lambda: None), FILES * LINES)
