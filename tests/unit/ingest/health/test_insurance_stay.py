"""What XML1 says of a stay: every field, every code, every refusal; nothing of the person but a number for the keyed hash."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ingest.envelope import Enveloper
from ingest.source import Change
from ingest.sources.folder import Folder
from ingest.sources.health.insurance import InsuranceFiles
from ingest.sources.health.insurance_file import ARRIVED, COMPILED, FACILITY, NAMED
from ingest.sources.health.insurance_stay import read_stay
from ingest.testing import HASH_KEY
from ioc.errors import SkippableError
from ioc.privacy import Pseudonyms

DAY_MS = 86_400_000
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
NOW_MS = 1_795_402_800_000

STAY = {
    "ma_lk": "96001LK7",
    "ma_bn": "BN7",
    "ho_ten": "CANARY-TEN",
    "so_cccd": "096080001234",
    "ngay_sinh": "198003150000",
    "gioi_tinh": "2",
    "maxa_cu_tru": "32002",
    "ma_the_bhyt": "DN4969612345678",
    "ma_benh_chinh": "J18.9",
    "ma_doituong_kcb": "1.1",
    "ngay_vao": "202611200830",
    "ngay_vao_noi_tru": "202611200915",
    "ngay_ra": "202611221530",
    "so_ngay_dtri": "3",
    "ket_qua_dtri": "2",
    "ma_loai_rv": "1",
    "ngay_ttoan": "202611221600",
    "t_thuoc": "300000",
    "t_vtyt": "20000.00",
    "t_tongchi_bv": "1000000.49",
    "t_bntt": "99999.5",
    "t_bncct": "180000",
    "t_bhtt": "720000",
    "ma_loai_kcb": "03",
    "ma_cskcb": "96001",
}
FILE = {FACILITY: "96001", COMPILED: "202611222030", NAMED: None, ARRIVED: NOW_MS}


def read(**changes: str) -> Change:
    return read_stay({**STAY, **FILE, **changes})


def data(**changes: str) -> dict[str, Any]:
    found = read(**changes).data
    assert found is not None
    return found


def test_every_field_of_a_stay() -> None:
    change = read()
    assert (change.entity, change.unit, change.target) == ("96001/96001LK7", "96001", None)
    assert change.data == {
        "patient": "9612345678",
        "setting": "inpatient",
        "insured": True,
        "admitted_at": datetime(2026, 11, 20, 1, 30, tzinfo=UTC),
        "inpatient_at": datetime(2026, 11, 20, 2, 15, tzinfo=UTC),
        "discharged_at": datetime(2026, 11, 22, 8, 30, tzinfo=UTC),
        "settled_at": datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
        "submitted_at": datetime(2026, 11, 22, 13, 30, tzinfo=UTC),
        "days": 3,
        "outcome": "improved",
        "leaving": "home",
        "icd10": "J189",
        "chapter": 10,
        "sex": "female",
        "age_years": 46,
        "commune": "32002",
        "total_vnd": 1_000_000,
        "insurance_vnd": 720_000,
        "copayment_vnd": 180_000,
        "patient_vnd": 100_000,
        "drugs_vnd": 300_000,
        "supplies_vnd": 20_000,
    }


def test_what_a_file_need_not_say_is_null_or_unknown() -> None:
    may_be_empty = ("ngay_vao_noi_tru", "ngay_ra", "ngay_ttoan", "so_ngay_dtri", "ngay_sinh", "maxa_cu_tru", "t_thuoc",
                    "t_vtyt", "t_tongchi_bv", "t_bntt", "t_bncct", "t_bhtt", "ket_qua_dtri", "ma_loai_rv", "gioi_tinh")  # fmt: skip
    found = data(**dict.fromkeys(may_be_empty, ""))
    assert {name for name, value in found.items() if value is None} == {
        "inpatient_at", "discharged_at", "settled_at", "days", "age_years", "total_vnd", "insurance_vnd",
        "copayment_vnd", "patient_vnd", "drugs_vnd", "supplies_vnd",
    }  # fmt: skip
    assert (found["outcome"], found["leaving"], found["sex"], found["commune"]) == ("unknown", "unknown", "unknown", "")
    assert data(t_thuoc="0")["drugs_vnd"] == 0


@pytest.mark.parametrize(
    ("field", "codes"),
    [
        ("ma_loai_kcb", {"1": "outpatient", "01": "outpatient", "02": "outpatient", "3": "inpatient", "04": "day_care",
                         "05": "outpatient", "06": "inpatient", "07": "outpatient", "08": "outpatient",
                         "09": "inpatient", "10": "other"}),
        ("ket_qua_dtri", {"1": "cured", "2": "improved", "3": "unchanged", "4": "worse", "5": "died", "6": "worse",
                          "7": "unknown", "8": "died"}),
        ("ma_loai_rv", {"1": "home", "2": "transfer", "3": "left", "4": "asked", "5": "transfer"}),
        ("gioi_tinh", {"1": "male", "2": "female", "3": "unknown"}),
    ],
)  # fmt: skip
def test_codes(field: str, codes: dict[str, str]) -> None:
    at = {"ma_loai_kcb": "setting", "ket_qua_dtri": "outcome", "ma_loai_rv": "leaving", "gioi_tinh": "sex"}[field]
    assert {code: data(**{field: code})[at] for code in codes} == codes


@pytest.mark.parametrize(
    ("entitled", "place", "setting"),
    [("2", "01", "emergency"), ("2.1", "1", "emergency"), ("2", "03", "inpatient"), ("1.2", "01", "outpatient")],
)
def test_an_emergency_is_an_outpatient_by_the_kind_of_entitlement(entitled: str, place: str, setting: str) -> None:
    assert data(ma_doituong_kcb=entitled, ma_loai_kcb=place)["setting"] == setting


@pytest.mark.parametrize(
    ("entitled", "card", "insured"),
    [("1.1", "DN4969612345678", True), ("9", "DN4969612345678", False), ("9.1", "", False), ("1", "", False)],
)
def test_insured_is_who_has_a_card_and_uses_it(entitled: str, card: str, insured: bool) -> None:
    assert data(ma_doituong_kcb=entitled, ma_the_bhyt=card)["insured"] is insured


@pytest.mark.parametrize(
    ("fields", "number"),
    [
        ({}, "9612345678"),
        ({"ma_the_bhyt": "hc4969612345678"}, "9612345678"),
        ({"ma_the_bhyt": "TE1961111111111; DN4969612345678;"}, "9612345678"),
        ({"ma_the_bhyt": "9612345678"}, "9612345678"),
        ({"ma_the_bhyt": ""}, "096080001234"),
        ({"ma_the_bhyt": "", "so_cccd": " "}, "96001/BN7"),
        ({"ma_the_bhyt": "", "so_cccd": "", "ma_bn": ""}, ""),
    ],
)
def test_the_number_of_a_patient_stays_when_the_card_changes(fields: dict[str, str], number: str) -> None:
    assert data(**fields)["patient"] == number


@pytest.mark.parametrize(
    ("born", "age"),
    [
        ("198011200000", 46), ("198011210000", 45), ("19801121", 45), ("202611200700", 0), ("198000000000", 46),
        ("1980", 46), ("198011000000", 46), ("198012000000", 45), ("192002290000", 106),
    ],
)  # fmt: skip
def test_age_at_admission_by_the_local_day(born: str, age: int) -> None:
    assert data(ngay_sinh=born)["age_years"] == age


def test_admission_before_seven_in_the_morning_is_the_local_day() -> None:
    assert data(ngay_vao="202611200630", ngay_vao_noi_tru="", ngay_sinh="198011200000")["age_years"] == 46


@pytest.mark.parametrize(
    ("written", "dong"),
    [("0", 0), ("123456", 123_456), ("123456.00", 123_456), ("123456.5", 123_457), ("123456.49", 123_456),
     ("123456.05", 123_456), ("123456.500", 123_457), ("000123.10", 123)],
)  # fmt: skip
def test_money_is_rounded_half_up_to_dong_and_exact(written: str, dong: int) -> None:
    assert data(t_bntt=written)["patient_vnd"] == dong


@pytest.mark.parametrize("written", ["-1", "1,5", "1.234", "1e6", "1.", ".5", "1 000", "NaN", "9" * 16, "１２", "một"])
def test_money_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(SkippableError, match="T_BNTT") as caught:
        read(t_bntt=written)
    assert caught.value.reason == "invalid_value"


REFUSED = [
    *[
        ({field: ""}, "missing_field")
        for field in ("ma_lk", "ma_doituong_kcb", "ma_loai_kcb", "ngay_vao", "ma_benh_chinh")
    ],
    ({"ma_cskcb": "", FACILITY: ""}, "missing_field"),
    ({COMPILED: ""}, "missing_field"),
    ({"ma_cskcb": "96002"}, "contradiction"),
    ({"ngay_sinh": "203001010000"}, "contradiction"),
    ({"t_thuoc": "990000"}, "contradiction"),
    ({"t_bhtt": "900000"}, "contradiction"),
    ({COMPILED: "hôm qua"}, "invalid_value"),
    ({COMPILED: "20261322"}, "invalid_value"),
    ({"ma_lk": "96001 LK"}, "invalid_value"),
    ({"ma_lk": "x" * 101}, "invalid_value"),
    ({"ma_lk": "HS-096080001234-1"}, "invalid_value"),
    ({"ma_lk": "HS9612345678.1"}, "invalid_value"),
    ({"ma_cskcb": "Bệnh viện", FACILITY: ""}, "invalid_value"),
    ({"ma_doituong_kcb": "đúng tuyến"}, "invalid_value"),
    ({"ma_loai_kcb": "11"}, "invalid_value"),
    ({"ket_qua_dtri": "9"}, "invalid_value"),
    ({"ma_loai_rv": "6"}, "invalid_value"),
    ({"gioi_tinh": "Nữ"}, "invalid_value"),
    ({"ma_benh_chinh": "viêm phổi"}, "invalid_value"),
    ({"maxa_cu_tru": "xã Đất Mũi"}, "invalid_value"),
    ({"so_ngay_dtri": "2.5"}, "invalid_value"),
    ({"ngay_vao": "20261120"}, "invalid_value"),
    ({"ngay_vao": "202611202460"}, "invalid_value"),
    ({"ngay_ra": "22/11/2026"}, "invalid_value"),
    ({"ngay_sinh": "198002300000"}, "invalid_value"),
    ({"ngay_sinh": "198013000000"}, "invalid_value"),
    ({"ngay_sinh": "15/03/1980"}, "invalid_value"),
]


@pytest.mark.parametrize(("changes", "reason"), REFUSED)
def test_what_cannot_be_is_refused_and_not_repeated(changes: dict[str, str], reason: str) -> None:
    with pytest.raises(SkippableError) as caught:
        read(**changes)
    assert caught.value.reason == reason
    assert not [value for value in changes.values() if len(value) > 4 and value in str(caught.value)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ngay_ra": "202611190000"}, "contradiction"),
        ({"so_ngay_dtri": "4000"}, "invalid_value"),
        ({"ngay_sinh": "180001010000"}, "invalid_value"),
        ({COMPILED: "20271122"}, "invalid_value"),
    ],
)
def test_what_the_contract_refuses(changes: dict[str, str], reason: str) -> None:
    with pytest.raises(SkippableError) as caught:
        enveloper().event(read(**changes), NOW)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({COMPILED: "202611222030", ARRIVED: NOW_MS}, {COMPILED: "202611222031", ARRIVED: NOW_MS - DAY_MS}),
        ({COMPILED: "20261122", ARRIVED: NOW_MS}, {COMPILED: "20261123", ARRIVED: NOW_MS}),
        ({COMPILED: "20261122", ARRIVED: NOW_MS}, {COMPILED: "20261122", ARRIVED: NOW_MS + 1000}),
        ({COMPILED: "20261101", ARRIVED: NOW_MS}, {COMPILED: "20261101", ARRIVED: NOW_MS + 1_000_000}),
        (
            {COMPILED: "20261122", NAMED: NOW_MS - DAY_MS, ARRIVED: NOW_MS},
            {COMPILED: "20261122", NAMED: NOW_MS - DAY_MS + 1, ARRIVED: NOW_MS - 5},
        ),
    ],
)
def test_of_a_visit_sent_again_the_one_that_was_compiled_later_counts(earlier: Any, later: Any) -> None:
    one, other = read(**earlier), read(**later, t_thuoc="300001")
    assert one.updated_ms is not None
    assert other.updated_ms is not None
    assert one.updated_ms < other.updated_ms
    assert enveloper().event(one, NOW).version < enveloper().event(other, NOW).version


def test_the_same_file_again_is_the_same_version() -> None:
    again = {ARRIVED: NOW_MS + DAY_MS}
    assert read().updated_ms == read(**again).updated_ms  # type: ignore[arg-type]


def test_no_file_that_came_in_time_is_ahead_of_its_coming() -> None:
    for compiled in ("20261123", "20261122", "202611231000"):
        change = read(**{COMPILED: compiled})
        assert change.updated_ms is not None
        assert change.updated_ms <= NOW_MS


def enveloper() -> Enveloper:
    stream = InsuranceFiles(Folder.__new__(Folder))
    return Enveloper(stream, Pseudonyms(HASH_KEY))
