"""Dropped files: each is read once, whole, in order, and from the middle after a restart."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.source import Record
from ingest.sources.folder import WHOLE_LOOK_NS, DroppedFile, Folder
from ioc.errors import ConfigError, FatalError, RetriableError

FUTURE_NS = 3_600 * 10**9


def lines(file: DroppedFile) -> Iterator[Record]:
    for line in file.path.read_bytes().splitlines():
        yield Record(line, {"line": line.decode()})


def folder(path: Path, *, later_ns: int = FUTURE_NS, page_size: int = 2, max_bytes: int = 1000) -> Folder:
    return Folder(
        path,
        (".txt", ".csv"),
        lines,
        page_size=page_size,
        max_bytes=max_bytes,
        now_ns=lambda: time.time_ns() + later_ns,
    )


def read(source: Folder, cursor: str | None = None, pages: int = 1000) -> tuple[list[str], str]:
    found: list[str] = []
    for _, page in zip(range(pages), source.pages(cursor), strict=False):
        found += [record.raw.decode() for record in page.records]
        cursor = page.cursor
    assert cursor is not None
    return found, cursor


def test_files_are_read_in_the_order_of_their_coming_and_once(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("1\n2\n3")
    time.sleep(0.02)  # the clock of inodes has ticks
    (tmp_path / "a.CSV").write_text("4")
    found, cursor = read(folder(tmp_path))
    assert found == ["1", "2", "3", "4"]
    assert read(folder(tmp_path), cursor) == ([], cursor)


def test_a_file_that_comes_by_rename_with_an_old_date_is_not_missed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1")
    _, cursor = read(folder(tmp_path))
    time.sleep(0.02)
    (tmp_path / "old.part").write_text("2")
    os.utime(tmp_path / "old.part", (0, 0))
    assert read(folder(tmp_path), cursor)[0] == []
    (tmp_path / "old.part").rename(tmp_path / "0.txt")
    assert read(folder(tmp_path), cursor)[0] == ["2"]


def test_a_killed_connector_goes_on_in_the_middle_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1\n2\n3\n4\n5")
    first, cursor = read(folder(tmp_path), pages=2)
    assert first == ["1", "2", "3", "4"]
    assert read(folder(tmp_path), cursor)[0] == ["5"]


def test_a_file_written_anew_is_read_anew(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1\n2\n3")
    _, cursor = read(folder(tmp_path), pages=1)
    time.sleep(0.02)
    (tmp_path / "a.txt").write_text("1\n2\n3\n4")
    assert read(folder(tmp_path), cursor)[0] == ["1", "2", "3", "4"]


def test_what_is_still_being_written_waits(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1")
    assert read(folder(tmp_path, later_ns=0))[0] == []
    assert read(folder(tmp_path))[0] == ["1"]


def test_names_of_unfinished_and_foreign_files_are_not_looked_at(tmp_path: Path) -> None:
    for name in (".a.txt", "a.txt.part", "a.txt.tmp", "a.doc"):
        (tmp_path / name).write_text("1")
    (tmp_path / "folder.txt").mkdir()
    assert read(folder(tmp_path))[0] == []


def test_a_file_that_is_too_large_is_a_dead_letter(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x" * 1001)
    (first, *_) = folder(tmp_path).pages(None)
    assert first.records[0].fault is not None
    assert first.records[0].fault.reason == "too_large"
    assert "a file of 1001 bytes, at most 1000" in str(first.records[0].fault)
    assert first.records[0].raw == b"a.txt", "its name is in the sealed letter alone"


def test_a_folder_that_is_not_there_may_come(tmp_path: Path) -> None:
    with pytest.raises(RetriableError):
        read(folder(tmp_path / "none"))
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError):
        folder(tmp_path / "file")


def test_a_cursor_that_is_none_is_fatal(tmp_path: Path) -> None:
    with pytest.raises(FatalError):
        read(folder(tmp_path), "what")


def test_the_last_page_tells_up_to_when_the_folder_was_looked_through(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1")
    pages = list(folder(tmp_path).pages(None))
    assert not pages[-1].records
    assert pages[-1].source_time is not None
    assert pages[0].source_time is not None
    assert pages[-1].source_time > pages[0].source_time
    assert pages[0].remaining == 0


def test_a_name_that_is_not_utf_8_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"b\xe1o.txt")).write_text("1\n2\n3")
    found, cursor = read(folder(tmp_path), pages=1)
    assert found == ["1", "2"]
    assert read(folder(tmp_path), cursor)[0] == ["3"]


def test_while_nothing_comes_or_goes_the_files_are_looked_at_once_a_minute(tmp_path: Path) -> None:
    now_ns = [time.time_ns() + FUTURE_NS]
    source = Folder(tmp_path, (".txt",), lines, page_size=2, max_bytes=1000, now_ns=lambda: now_ns[0])
    (tmp_path / "a.txt").write_text("1")
    _, cursor = read(source)
    assert read(source, cursor) == ([], cursor)
    time.sleep(0.02)
    (tmp_path / "a.txt").write_text("2")
    assert read(source, cursor) == ([], cursor)
    now_ns[0] += WHOLE_LOOK_NS
    found, cursor = read(source, cursor)
    assert found == ["2"]


def test_what_is_written_anew_is_seen_with_what_comes(tmp_path: Path) -> None:
    source = folder(tmp_path)
    (tmp_path / "a.txt").write_text("1")
    _, cursor = read(source)
    assert read(source, cursor) == ([], cursor)
    time.sleep(0.02)
    (tmp_path / "a.txt").write_text("2")
    (tmp_path / "b.txt").write_text("3")
    assert sorted(read(source, cursor)[0]) == ["2", "3"]
