"""What is different between two catalogues: told apart are what is counted and what is merely told."""

import shutil
from pathlib import Path

import pytest

from ioc import generations
from ioc.catalogue.diff import Diff, diff, in_words
from ioc.catalogue.load import PACKAGED, load_catalogue
from ioc.catalogue.profile import load_province
from ioc.catalogue.province import Target

SECTOR = """code = "DVC"
name = {{ vi = "Dịch vụ công", en = "Public services" }}

[[indicator]]
code = "DVC-001"
name = {{ vi = "{name}", en = "Received" }}
kind = "count"
event = "dossier"
filter = [{{ field = "channel", {channel} }}]
time = "received_at"
unit = "dossier"
period = "month"
levels = ["province"]
direction = "none"
freshness_minutes = 60
responsible = "H12"
provenance = {{ origin = "project" }}
{more}
"""

STOCK = """
[[indicator]]
code = "DVC-002"
name = { vi = "Đang giải quyết", en = "Open" }
kind = "stock"
event = "dossier"
filter = [{ field = "finished_at", null = true }]
unit = "dossier"
period = "day"
levels = ["province"]
direction = "none"
freshness_minutes = 60
responsible = "H12"
provenance = { origin = "project" }
"""


def folder(path: Path, name: str = "Tiếp nhận", channel: str = 'eq = "post"', more: str = "") -> Path:
    (path / "indicators").mkdir(parents=True)
    (path / "indicators" / "dvc.toml").write_text(SECTOR.format(name=name, channel=channel, more=more), "utf-8")
    return path


def difference(first: Path, second: Path) -> Diff:
    return diff(load_catalogue(first), load_catalogue(second))


def test_equal_catalogues_have_no_difference(tmp_path: Path) -> None:
    found = difference(folder(tmp_path / "a"), folder(tmp_path / "b"))
    assert found.is_empty
    assert not found.new_generation


def test_a_name_is_told_otherwise_and_needs_no_new_generation(tmp_path: Path) -> None:
    found = difference(folder(tmp_path / "a"), folder(tmp_path / "b", name="Đã tiếp nhận"))
    assert (found.told, found.counted, found.new_generation) == ({"DVC-001": ("name",)}, {}, False)
    assert not found.waiting
    assert not found.is_empty


def test_a_filter_counts_something_else(tmp_path: Path) -> None:
    found = difference(folder(tmp_path / "a"), folder(tmp_path / "b", channel='ne = "post"'))
    assert (found.counted, found.told) == ({"DVC-001": ("filter",)}, {})
    assert found.rollups_changed == ("dossier_by_received_at",)
    assert found.new_generation
    assert found.waiting == {"DVC-001"}


def test_what_comes_and_goes(tmp_path: Path) -> None:
    small, large = folder(tmp_path / "a"), folder(tmp_path / "b", more=STOCK)
    assert (difference(small, large).added, difference(large, small).removed) == (("DVC-002",), ("DVC-002",))
    assert difference(small, large).rollups_added == ("dossier_now",)
    # The measure of the first one is in another place of its vector or not: it means the same.
    assert not difference(small, large).counted
    assert (sorted(difference(small, large).waiting), sorted(difference(large, small).waiting)) == ([], ["DVC-002"])


def test_a_target_is_told_otherwise(tmp_path: Path) -> None:
    catalogue, province = load_catalogue(folder(tmp_path / "a")), load_province("ca_mau")
    aim = Target(code="DVC-001", year=2026, level="province", value=5, document="QĐ 1", reference="Phụ lục I")
    aimed = province.model_copy(update={"target": [*province.target, aim]})
    assert diff(catalogue, catalogue, (province, province)).is_empty
    found = diff(catalogue, catalogue, (province, aimed))
    assert (found.told, found.new_generation) == ({"DVC-001": ("targets",)}, False)


def test_the_difference_in_words(tmp_path: Path) -> None:
    first = load_catalogue(folder(tmp_path / "a"))
    second = load_catalogue(folder(tmp_path / "b", channel='ne = "post"', more=STOCK))
    assert list(in_words(diff(first, second), first, second)) == [
        "+ DVC-002  Đang giải quyết",
        "! DVC-001  counts something else: filter",
        "+ rollup dossier_now  0 measures, now 1",
        "! rollup dossier_by_received_at  1 measures, now 1",
        "this is a new generation: `ioc migrate`, then `ioc catalogue deploy`",
    ]
    assert list(in_words(diff(first, first), first, first)) == []


@pytest.mark.parametrize("directory", [None, "copy"])
def test_a_record_holds_the_whole_catalogue(directory: str | None, tmp_path: Path) -> None:
    where = None
    if directory:
        where = tmp_path / directory
        shutil.copytree(PACKAGED, where, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    catalogue = load_catalogue(where)
    ids = {"events.dossier": "abc"}
    record = generations.record_of(catalogue, where, ids)
    assert record.generation == catalogue.compiled.generation(ids)
    again = generations.catalogue_of(type(record).model_validate_json(record.model_dump_json()))
    assert again.compiled == catalogue.compiled
    assert diff(catalogue, again).is_empty
    assert generations.province_of(record, "ca_mau") == load_province("ca_mau", where)
