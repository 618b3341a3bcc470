"""Both shapes on the wire: sessions, windows, pages, and that they tell the same."""

from typing import Any

import pytest

from ingest.simulator.moments import read_compact, read_iso
from ingest.simulator.server import DossierServer
from tests.unit.ingest.simulator.callers import Caller

KEYS = [
    "MaHoSo",
    "MaTTHC",
    "TenTTHC",
    "MaLinhVuc",
    "TenLinhVuc",
    "ChuHoSo",
    "LoaiDoiTuong",
    "MaDoiTuong",
    "Email",
    "SoDienThoai",
    "TrichYeuHoSo",
    "NgayTiepNhan",
    "NgayHenTra",
    "TrangThaiHoSo",
    "NgayTra",
    "ThongTinTra",
    "HinhThuc",
    "NgayKetThucXuLy",
    "DonViXuLy",
    "GhiChu",
    "TaiLieuNop",
    "DanhSachLePhi",
    "DanhSachHoSoBoSung",
    "DanhSachGiayToKetQua",
    "NgayCapNhat",
    "KenhTiepNhan",
    "ThanhToanTrucTuyen",
    "LePhi",
    "DinhDanhVNeID",
    "SoThanhPhan",
    "SoThanhPhanSoHoa",
    "SoThanhPhanTaiSuDung",
    "KetQuaSoHoa",
]

STATUS_BY_REST_ID = {0: "1", 1: "2", 12: "3", 2: "4", 3: "5", 8: "6", 6: "7", 7: "8", 4: "9", 5: "10"}


async def test_login_and_expiry(caller: Caller) -> None:
    assert (await caller.login(password="guess"))["error_code"] == "98"
    assert (await (await caller.post("DongBoHoSoMC")).json())["error_code"] == "99"
    assert (await caller.login())["error_code"] == "00"
    assert (await caller.call("DongBoHoSoMC"))["error_code"] == "00"


async def test_a_login_needs_its_header(caller: Caller) -> None:
    answer = await caller.http.post("/api/login", json={"username": "connector", "password": "simulator"})
    assert (await answer.json())["error_code"] == "98"


async def test_tokens(caller: Caller) -> None:
    caller.token = "made-up"
    assert (await caller.get("/pa/dossier/search")).status == 401
    wrong = {"grant_type": "client_credentials", "client_id": "connector", "client_secret": "guess"}
    assert (await caller.http.post("/oauth/token", data=wrong)).status == 401
    await caller.get_token()
    assert (await caller.get("/pa/dossier/search")).status == 200


async def test_every_record_has_every_key_as_text_or_list(caller: Caller) -> None:
    records = await caller.all_pages("DongBoHoSoMC")
    assert len(records) == 17 + 600
    for record in records:
        assert set(record) == {*KEYS, "NguoiXuLy"}
        assert all(isinstance(value, str | list) for value in record.values())
        assert "CANARY" in record["ChuHoSo"]
        assert len(record["TaiLieuNop"]) == int(record["SoThanhPhan"] or 0)
        assert sum(int(fee["Gia"]) for fee in record["DanhSachLePhi"]) == int(record["LePhi"] or 0)


@pytest.mark.parametrize("size", [1, 7, 100, 617, 1000])
async def test_pages_of_any_size_give_the_same(caller: Caller, size: int) -> None:
    window = {"TuNgay": "20200101000000", "DenNgay": "20210105000000"}
    whole = await caller.all_pages("DongBoHoSoMC", 1000, **window)
    assert await caller.all_pages("DongBoHoSoMC", size, **window) == whole
    updates = [record["NgayCapNhat"] for record in whole]
    assert updates == sorted(updates)
    assert len(updates) > 17


async def test_a_page_is_cut_to_1000_and_one_beyond_the_end_is_empty(caller: Caller) -> None:
    assert (await caller.call("DongBoHoSoMC", Trang=2, SoLuong=5000)) == {
        "error_code": "00",
        "message": "",
        "TongSo": 617,
        "data": [],
    }
    assert (await caller.search(size=5000))["size"] == 1000


async def test_windows_are_half_open_in_both_shapes(caller: Caller) -> None:
    start = "20200106150000020"
    for from_, to, count in [
        (start, "20200106150000021", 1),
        ("20200106150000", "20200106150000020", 0),
        ("20200106150000", "20200106150001", 1),
        ("20200106150000021", "20200106150500121", 1),
    ]:
        answer = await caller.call("DongBoHoSoMC", TuNgay=from_, DenNgay=to)
        assert (answer["TongSo"], len(answer["data"])) == (count, count)
        found = await caller.search(updated_from=iso(from_), updated_to=iso(to))
        assert found["numberOfElements"] == count


def iso(compact: str) -> str:
    text = compact.ljust(17, "0")
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}T{text[8:10]}:{text[10:12]}:{text[12:14]}.{text[14:]}+0700"


async def test_both_shapes_tell_the_same(caller: Caller) -> None:
    national = await caller.all_pages("DongBoHoSoMC")
    rest = await caller.all_slices()
    assert len(national) == len(rest)
    for one, other in zip(national, rest, strict=True):
        assert from_national(one) == from_rest(other)


def from_national(record: dict[str, Any]) -> dict[str, Any]:
    def moment(name: str) -> int | None:
        return read_compact(record[name]) if record[name] else None

    return {
        "code": record["MaHoSo"],
        "procedure": record["MaTTHC"],
        "sector": (record["MaLinhVuc"], record["TenLinhVuc"]),
        "times": [moment(name) for name in ("NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra", "NgayCapNhat")],
        "status": record["TrangThaiHoSo"],
        "unit": record["DonViXuLy"],
        "handler": record["NguoiXuLy"],
        "channel": record["KenhTiepNhan"],
        "applicant": record["LoaiDoiTuong"],
        "fee": record["LePhi"],
        "paid_online": record["ThanhToanTrucTuyen"] if record["LePhi"] else "",
        "components": [record[f"SoThanhPhan{part}"] for part in ("", "SoHoa", "TaiSuDung")],
        "result": record["KetQuaSoHoa"],
        "vneid": record["DinhDanhVNeID"],
        "supplements": [
            tuple(
                read_compact(asked[key]) if asked[key] else None
                for key in ("NgayYeuCau", "NgayHenTraTruoc", "NgayHenTraMoi")
            )
            for asked in record["DanhSachHoSoBoSung"]
        ],
    }


def from_rest(record: dict[str, Any]) -> dict[str, Any]:
    def text(value: object) -> str:
        return "" if value is None else str(int(value)) if isinstance(value, bool) else str(value)

    def moment(value: str | None) -> int | None:
        return read_iso(value) if value else None

    payment, digital = record["payment"] or {}, record["digitization"] or {}
    times = ("acceptedDate", "appointmentDate", "completedDate", "returnedDate", "updatedDate")
    asked_times = ("requestedDate", "previousAppointmentDate", "newAppointmentDate")
    return {
        "code": record["code"],
        "procedure": record["procedure"]["code"],
        "sector": (record["sector"]["code"], record["sector"]["name"]),
        "times": [moment(record[name]) for name in times],
        "status": STATUS_BY_REST_ID[record["dossierStatus"]["id"]],
        "unit": record["currentTask"]["agency"]["code"],
        "handler": (record["currentTask"]["assignee"] or {"id": ""})["id"],
        "channel": text(record["applyMethod"]["id"]),
        "applicant": text(record["applicant"]["ownerType"]),
        "fee": text(payment.get("amount")),
        "paid_online": text(payment.get("online")),
        "components": [text(digital.get(part)) for part in ("components", "digitized", "reused")],
        "result": text(digital.get("result")),
        "vneid": text(record["vneid"]),
        "supplements": [tuple(moment(asked[key]) for key in asked_times) for asked in record["supplements"]],
    }


async def test_ratings_in_both_shapes(caller: Caller) -> None:
    national = await caller.all_pages("DanhGiaHoSo", 7)
    rest = await caller.all_slices("/pa/rating/search", 5)
    assert len(national) > 10
    assert [(r["MaHoSo"], int(r["DiemDanhGia"]), read_compact(r["NgayCapNhat"])) for r in national] == [
        (r["dossierCode"], r["score"], read_iso(r["updatedDate"])) for r in rest
    ]


async def test_search_by_acceptance_and_status(caller: Caller) -> None:
    rest = await caller.all_slices()
    low, high = "2020-02-01T00:00:00.000+0700", "2021-02-01T00:00:00.000+0700"
    expected = [
        r for r in rest if r["acceptedDate"] and low <= r["acceptedDate"] < high and r["dossierStatus"]["id"] in (2, 5)
    ]
    found = await caller.all_slices(size=10, accepted_from=low, accepted_to=high, dossier_status="2,5", spec="slice")
    assert found == expected
    assert found


async def test_an_unescaped_plus_is_understood(caller: Caller) -> None:
    escaped = await caller.search(updated_from="2020-02-01T00:00:00.000+0700")
    assert await caller.search(updated_from="2020-02-01T00:00:00.000 0700") == escaped
    assert await caller.search(updated_from="2020-02-01T00:00:00") == escaped
    assert escaped["content"]


async def test_one_dossier_by_its_code(caller: Caller) -> None:
    answer = await caller.call("TraCuuHoSo", MaHoSo="000.00.01.H12-000007")
    assert [(r["TrangThaiHoSo"], r["NgayKetThucXuLy"]) for r in answer["data"]] == [("10", "20200120223000")]
    assert (await caller.call("TraCuuHoSo", MaHoSo="000.00.01.H12-999999"))["data"] == []


async def test_progress_is_the_steps(caller: Caller) -> None:
    records = await caller.all_pages("CapNhatTienDoHoSoMC", DenNgay="20200501000000")
    made = [(r["MaHoSo"][-6:], r["NguoiXuLy"], r["PhongBanXuLy"], r["NoiDungXuLy"], r["TrangThai"]) for r in records]
    assert made[:3] == [
        ("000007", "Made01", "000.00.01.H12", "Take in", "4"),
        ("000007", "Made02", "000.00.99.H12", "Look", "4"),
        ("000012", "Made03", "000.00.13.H12", "Take in", "1"),
    ]
    assert len(made) == 8


async def test_procedures(caller: Caller) -> None:
    listed = await caller.call("LayDanhSachTTHC")
    code = listed["data"][3]["MaTTHC"]
    (details,) = (await caller.call("LayThuTuc", MaTTHC=code))["data"]
    assert details.items() >= listed["data"][3].items()
    assert int(details["SoNgayGiaiQuyet"]) > 0


@pytest.mark.parametrize(
    ("service", "data"),
    [
        ("LayTatCa", {}),
        ("DongBoHoSoMC", {"TuNgay": "2020-01-01"}),
        ("DongBoHoSoMC", {"Trang": 0, "SoLuong": -1}),
        ("DongBoHoSoMC", {"Trang": "một"}),
        ("TraCuuHoSo", {}),
    ],
)
async def test_a_wrong_call_is_told_so(caller: Caller, service: str, data: dict[str, object]) -> None:
    answer = await caller.call(service, **data)
    assert answer["error_code"] == "01"
    assert answer["message"]


@pytest.mark.parametrize(
    "query", [{"page": -1}, {"size": 0}, {"updated_from": "soon"}, {"dossier_status": "10"}, {"spec": "page"}]
)
async def test_a_wrong_search_is_told_so(caller: Caller, query: dict[str, object]) -> None:
    response = await caller.get("/pa/dossier/search", **query)
    assert response.status == 400
    assert (await response.json())["error"] == "invalid_request"


async def test_a_body_that_is_no_object_is_told_so(caller: Caller) -> None:
    for body in (b"{", b"[]", b"\xff"):
        assert (await caller.http.post("/api/service", data=body)).status == 400


async def test_the_state_counts(caller: Caller, server: DossierServer) -> None:
    state = await (await caller.http.get("/control/state")).json()
    assert state["log"] == {"versions": 17, "visible": 17, "dossiers": 5}
    assert state["generated"] == {"visible": 600}
    assert state["visible"] == {
        "versions": 617,
        "ratings": len(server.journal.ratings),
        "dossiers": len(server.journal.latest),
    }
    assert (state["exhausted"], state["caught_up"], state["faults"]) == (True, True, {})


async def test_the_last_slice_says_so_also_when_it_is_full(caller: Caller) -> None:
    window = {"updated_from": "2020-01-06T15:00:00", "updated_to": "2020-05-01T00:00:00"}
    marks = [await caller.search(page=page, size=size, **window) for page, size in [(0, 17), (0, 16), (1, 16), (2, 16)]]
    assert [(m["numberOfElements"], m["first"], m["last"], m["empty"]) for m in marks] == [
        (17, True, True, False),
        (16, True, False, False),
        (1, False, True, False),
        (0, False, True, True),
    ]
    total = len(await caller.all_slices("/pa/rating/search"))
    assert (await caller.search("/pa/rating/search", size=total))["last"]
    assert not (await caller.search("/pa/rating/search", size=total - 1))["last"]
