"""The stream of insurance files as the settings make it, and as the runner sees it."""

import base64
from pathlib import Path

import pytest

from ingest.memory import MemoryPublisher
from ingest.simulator.health.insurance_xml import Visit, document, envelope, file_hoso, hoso
from ingest.sources.health.insurance import insurance_part
from ingest.sources.health.system import health_system
from ingest.testing import Harvest, run
from ioc.errors import ConfigError
from ioc.settings.sources import HealthSourceSettings

VISIT = Visit(
    {
        "MA_LK": "LK1",
        "HO_TEN": "CANARY-TEN",
        "MA_BENH_CHINH": "J18.9",
        "MA_DOITUONG_KCB": "1.1",
        "NGAY_VAO": "202611200830",
        "MA_LOAI_KCB": "01",
        "KET_QUA_DTRI": "2",
    }
)


def settings(folder: Path | None) -> HealthSourceSettings:
    return HealthSourceSettings(drop_dir=folder, settle_s=0, fhir_url="", records_url="", page_size=2)


def harvest(folder: Path, *, before: Harvest | None = None) -> Harvest:
    return run(health_system(settings(folder)), before.publisher if before else MemoryPublisher())


def test_without_a_folder_there_is_no_stream() -> None:
    assert insurance_part(settings(None)) is None
    assert list(health_system(settings(None)).streams) == []


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="not a folder"):
        insurance_part(settings(tmp_path / "file"))


def test_a_visit_sent_again_counts_once_as_it_was_sent_last(tmp_path: Path) -> None:
    (tmp_path / "1.xml").write_bytes(document("96001", "202611210830", [hoso(VISIT)]))
    (tmp_path / "2.xml").write_bytes(document("96001", "202611220830", [hoso(VISIT.but(KET_QUA_DTRI="5"))]))
    events = harvest(tmp_path).events()
    assert {event["entity"] for event in events} == {"96001/LK1"}
    latest = max(events, key=lambda event: event["version"])
    assert latest["data"]["outcome"] == "died"


def test_the_same_file_again_is_no_new_version(tmp_path: Path) -> None:
    body = document("96001", "202611210830", [hoso(VISIT)])
    (tmp_path / "1.xml").write_bytes(body)
    first = harvest(tmp_path)
    (tmp_path / "again.xml").write_bytes(body)
    again = harvest(tmp_path, before=first)
    assert len(again.versions()) == 1


def test_a_file_that_was_written_anew_is_read_anew(tmp_path: Path) -> None:
    whole = document("96001", "202611210830", [hoso(VISIT.but(MA_LK=f"LK{n}")) for n in range(5)])
    (tmp_path / "1.xml").write_bytes(whole[: len(whole) // 2])
    first = harvest(tmp_path)
    assert {letter.reason for letter in first.letters().values()} == {"undecodable"}
    (tmp_path / "1.xml").write_bytes(whole)
    assert len(harvest(tmp_path, before=first).versions()) == 5


def test_two_files_that_are_wrong_in_the_same_way_are_two_letters(tmp_path: Path) -> None:
    body = document("96001", "20261121", [hoso(VISIT)], told="2")
    (tmp_path / "96001_20261121083000.xml").write_bytes(body)
    (tmp_path / "96001_20261121093000.xml").write_bytes(body)
    first = harvest(tmp_path)
    assert len(first.letters()) == 2
    (tmp_path / "96001_20261121083000.xml").write_bytes(body)
    assert len(harvest(tmp_path, before=first).letters()) == 2


def test_personal_text_is_in_no_letter_in_clear_wherever_it_was_put(tmp_path: Path) -> None:
    texts = [hoso(VISIT.but(**{name: "CANARY Nguyễn"})) for name in VISIT.general if name != "HO_TEN"]
    broken = base64.b64encode(b"<TONG_HOP><HO_TEN>CANARY</TONG_HOP>").decode()
    texts += [envelope([file_hoso("XML1", broken)]), envelope([file_hoso("CANARY-LOAI", broken)])]
    (tmp_path / "1.xml").write_bytes(document("96001", "CANARY", texts))
    (tmp_path / "2.xml").write_bytes(document("96001", "202611210830", texts, told="CANARY"))
    found = harvest(tmp_path)
    assert found.events() == []
    # The same HOSO in both files is one letter; SOLUONGHOSO is one more.
    assert len(found.letters()) == len(texts) + 1
    assert not [m for m in found.publisher.messages if b"canary" in m.value.lower()]
