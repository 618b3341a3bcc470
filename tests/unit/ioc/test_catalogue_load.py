"""Every fault of a catalogue's or a province's TOML is refused, with file, key, value and what is allowed."""

from pathlib import Path

import pytest

from ioc.catalogue.load import load_catalogue
from ioc.catalogue.read import CatalogueError

GOOD = """\
code = "DVC"
name = { vi = "Dịch vụ công", en = "Public services" }

[[indicator]]
code = "DVC-001"
name = { vi = "Hồ sơ", en = "Dossiers" }
kind = "count"
event = "dossier"
time = "received_at"
filter = [{ field = "status", eq = "returned" }]
unit = "dossier"
levels = ["province", "department"]
direction = "up"
responsible = "Văn phòng UBND tỉnh"
provenance = { origin = "project" }
"""
RATIO = GOOD.replace('kind = "count"', 'kind = "ratio"\nnumerator = [{ field = "vneid", eq = true }]').replace(
    'unit = "dossier"', 'unit = "percent"'
)
MEAN = GOOD.replace('kind = "count"', 'kind = "mean"\nvalue = { from = "received_at", to = "finished_at" }').replace(
    'unit = "dossier"', 'unit = "day"'
)
STOCK = GOOD.replace('kind = "count"', 'kind = "stock"\nwindow = { to_days = -1 }')


def catalogue_of(folder: Path, **files: str) -> Path:
    (folder / "indicators").mkdir()
    for name, text in files.items():
        (folder / "indicators" / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def faults_of(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(CatalogueError) as refused:
        load_catalogue(catalogue_of(folder, dvc=text))
    return refused.value.faults


@pytest.mark.parametrize("text", [GOOD, RATIO, MEAN, STOCK])
def test_what_the_faults_are_made_from_is_good(text: str, tmp_path: Path) -> None:
    assert list(load_catalogue(catalogue_of(tmp_path, dvc=text)).indicators) == ["DVC-001"]


FAULTS = [
    (GOOD, "code = ", "code = = ", "not TOML"),
    (GOOD, 'code = "DVC"', 'code = "dvc"', "code: String should match pattern '^[A-Z]{2,3}$' (value 'dvc')"),
    (GOOD, 'code = "DVC"', 'code = "VB"', "DVC-001 does not begin with the sector's code VB"),
    (GOOD, '"DVC-001"', '"DVC-1"', "DVC-1.code: String should match pattern"),
    (GOOD, "unit =", "units =", "DVC-001.units: Extra inputs are not permitted (value 'dossier')"),
    (GOOD, 'responsible = "Văn phòng UBND tỉnh"', "", "DVC-001.responsible: Field required"),
    (GOOD, 'en = "Dossiers"', 'en = ""', "DVC-001.name.en: String should have at least 1 character"),
    (GOOD, 'kind = "count"', 'kind = "gauge"', "DVC-001.kind: Input should be 'count', 'sum', 'mean', 'ratio', 'stock', 'latest' or 'composite' (value 'gauge')"),
    (GOOD, 'unit = "dossier"', 'unit = "kg"', "DVC-001.unit: Input should be 'dossier', 'document'"),
    (GOOD, '"department"]', '"ward"]', "DVC-001.levels.1: Input should be 'province', 'district'"),
    (GOOD, '["province", "department"]', "[]", "DVC-001.levels: List should have at least 1 item"),
    (GOOD, 'direction = "up"', 'direction = "better"', "DVC-001.direction: Input should be 'up', 'down' or 'none'"),
    (GOOD, 'direction = "up"', 'direction = "up"\nwarning_margin = -1', "DVC-001.warning_margin: Input should be greater"),
    (GOOD, 'direction = "up"', 'direction = "up"\nfreshness_minutes = 0', "DVC-001.freshness_minutes: Input should be greater"),
    (GOOD, 'direction = "up"', 'direction = "up"\nfreshness_minutes = "15"', "DVC-001.freshness_minutes: Input should be a valid integer"),
    (GOOD, '"project" }', '"document" }', "DVC-001.provenance: origin `document` needs `document` and `reference`"),
    (GOOD, '"project" }', '"memory" }', "DVC-001.provenance.origin: Input should be 'document' or 'project'"),
    (GOOD, 'time = "received_at"', "", "DVC-001: kind count needs `time`, the event time it is counted by"),
    (GOOD, 'time = "received_at"', 'time = "received_at"\nvalue = { field = "fee_vnd" }', "DVC-001: kind count takes no `value`"),
    (GOOD, 'time = "received_at"', 'time = "received_at"\nwindow = { to_days = -1 }', "DVC-001: kind count takes no `window`"),
    (GOOD, 'time = "received_at"', 'time = "received_at"\nnumerator = [{ field = "vneid", eq = true }]', "DVC-001: kind count takes no `numerator`"),
    (GOOD, 'unit = "dossier"', 'unit = "percent"', "DVC-001: a ratio is shown in percent and nothing else is; not a count in percent"),
    (GOOD, 'unit = "dossier"', 'unit = "day"', "DVC-001: a duration is shown in hour or day and nothing else is; not this count in day"),
    (RATIO, 'unit = "percent"', 'unit = "dossier"', "DVC-001: a ratio is shown in percent"),
    (RATIO, 'numerator = [{ field = "vneid", eq = true }]', "", "DVC-001: kind ratio needs `numerator`"),
    (MEAN, 'value = { from = "received_at", to = "finished_at" }', "", "DVC-001: kind mean needs `value`"),
    (MEAN, 'from = "received_at", to', "to", "DVC-001.value: give either `field`, or `from` and `to`"),
    (MEAN, 'from = "received_at"', 'field = "fee_vnd", from = "received_at"', "DVC-001.value: give either `field`"),
    (MEAN, 'unit = "day"', 'unit = "vnd"', "DVC-001: a duration is shown in hour or day"),
    (STOCK, 'time = "received_at"', "", "DVC-001: a stock has neither `time` nor `window`, or both"),
    (STOCK, "window = { to_days = -1 }", "", "DVC-001: a stock has neither `time` nor `window`, or both"),
    (STOCK, "to_days = -1", "", "DVC-001.window: give `from_days`, `to_days` or both"),
    (STOCK, "to_days = -1", "from_days = 0, to_days = -1", "DVC-001.window: window 0..-1 is empty"),
    (GOOD, ', eq = "returned"', "", "DVC-001.filter.0: give exactly one comparison for status, not none"),
    (GOOD, 'eq = "returned"', 'eq = "returned", ne = "received"', "DVC-001.filter.0: give exactly one comparison for status, not ['eq', 'ne']"),
    (GOOD, 'eq = "returned"', "in = []", "DVC-001.filter.0.in: List should have at least 1 item"),
    (GOOD, 'eq = "returned"', 'eq = "returned", by = "day"', "DVC-001.filter.0: `by` belongs to a comparison of two fields, not to eq"),
    (GOOD, 'eq = "returned"', 'like = "%"', "DVC-001.filter.0.like: Extra inputs are not permitted (value '%')"),
    (GOOD, 'eq = "returned"', 'eq = "done"', "DVC-001: status.eq: 'done' is not one of registered, received"),
    (GOOD, '"received_at"', '"recieved_at"', "DVC-001: time 'recieved_at' is not one of due_at, finished_at"),
    (GOOD, 'event = "dossier"', 'event = "balloon"', "DVC-001: event 'balloon' is not one of dossier"),
]  # fmt: skip


@pytest.mark.parametrize(("good", "what", "fault", "named"), FAULTS)
def test_a_fault_is_named(good: str, what: str, fault: str, named: str, tmp_path: Path) -> None:
    assert what in good
    faults = faults_of(tmp_path, good.replace(what, fault))
    assert any(named in line for line in faults), faults
    assert all(line.startswith(str(tmp_path / "indicators" / "dvc.toml")) for line in faults)


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    wrong = GOOD.replace('"up"', '"better"').replace('"count"', '"gauge"')
    uncompiled = GOOD.replace("DVC", "VB").replace('"received_at"', '"recieved_at"')
    with pytest.raises(CatalogueError) as refused:
        load_catalogue(catalogue_of(tmp_path, dvc=wrong, vb=uncompiled, x="["))
    faults = refused.value.faults
    assert len(faults) == 4
    assert [Path(line.partition(":")[0]).name for line in faults] == ["dvc.toml", "dvc.toml", "x.toml", "vb.toml"]
    assert str(refused.value) == "\n".join(faults)


def test_a_code_stands_once(tmp_path: Path) -> None:
    body = GOOD[GOOD.index("[[") :]
    assert "DVC-001 stands in" in faults_of(tmp_path, GOOD + body)[0]


def test_a_sector_may_stand_in_several_files(tmp_path: Path) -> None:
    other = GOOD.replace("DVC-001", "DVC-002").replace("returned", "received")
    folder = catalogue_of(tmp_path, dvd=GOOD)
    (folder / "indicators" / "dvc").mkdir()
    (folder / "indicators" / "dvc" / "more.toml").write_text(other, encoding="utf-8")
    (sector,) = load_catalogue(folder).sectors
    assert (sector.code, [i.code for i in sector.indicator]) == ("DVC", ["DVC-001", "DVC-002"])


def test_a_sector_has_one_name(tmp_path: Path) -> None:
    other = GOOD.replace("DVC-001", "DVC-002").replace("returned", "received").replace("Dịch vụ công", "Khác")
    with pytest.raises(CatalogueError, match="name: the sector DVC is called 'Dịch vụ công' in"):
        load_catalogue(catalogue_of(tmp_path, dvc=GOOD, dvd=other))


def test_two_indicators_are_not_one_measure(tmp_path: Path) -> None:
    twin = GOOD[GOOD.index("[[") :].replace("DVC-001", "DVC-002").replace('vi = "Hồ sơ"', 'vi = "Khác"')
    assert "DVC-002 is the same measure as DVC-001" in faults_of(tmp_path, GOOD + twin)[0]


def test_a_folder_without_indicators_is_no_catalogue(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"holds no \*\.toml; set catalogue\.directory"):
        load_catalogue(tmp_path)


def test_bytes_that_are_not_utf_8_are_refused(tmp_path: Path) -> None:
    catalogue_of(tmp_path, dvc=GOOD)
    (tmp_path / "indicators" / "dvc.toml").write_bytes(GOOD.encode("utf-16"))
    with pytest.raises(CatalogueError, match=r"dvc\.toml: not TOML"):
        load_catalogue(tmp_path)
