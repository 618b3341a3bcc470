"""Shape 1: the national sync services. Every value of a record is text or a list; the empty string is null."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingest.simulator.errors import RequestError
from ingest.simulator.journal import Journal, Window
from ingest.simulator.model import Channel, Dossier, Procedure, Rating, Version
from ingest.simulator.moments import compact, compact_ms, read_compact

PAGE_MAX = 1000
PAGE_DEFAULT = 500

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Records of a page; `versions` are what the records were made of, where these are dossier versions."""

    records: list[Record]
    total: int
    versions: Sequence[Version] = ()


def dossier_record(version: Version, updated_key: str) -> Record:
    """DongBoHoSoMC: one version of a dossier."""
    dossier = version.dossier
    procedure = dossier.procedure
    return {
        "MaHoSo": dossier.code,
        "MaTTHC": procedure.code,
        "TenTTHC": procedure.name,
        "MaLinhVuc": dossier.field.code,
        "TenLinhVuc": dossier.field.name,
        "ChuHoSo": f"CANARY-TEN {dossier.serial}",
        "LoaiDoiTuong": _text(int(dossier.applicant)),
        "MaDoiTuong": f"CANARY-CCCD-{dossier.serial}",
        "Email": f"canary.{dossier.serial}@example.invalid",
        "SoDienThoai": f"CANARY-SDT-{dossier.serial}",
        "TrichYeuHoSo": f"CANARY-TRICHYEU {dossier.serial}",
        "NgayTiepNhan": compact(version.received_s),
        "NgayHenTra": compact(version.due_s),
        "TrangThaiHoSo": _text(int(version.status)),
        "NgayTra": compact(version.returned_s),
        "ThongTinTra": "",
        "HinhThuc": "1" if dossier.channel in (Channel.ONLINE_FULL, Channel.ONLINE_PARTIAL) else "0",
        "NgayKetThucXuLy": compact(version.finished_s),
        "DonViXuLy": version.unit,
        "NguoiXuLy": version.handler,
        "GhiChu": "",
        "TaiLieuNop": _documents(dossier),
        "DanhSachLePhi": _fees(version),
        "DanhSachHoSoBoSung": [
            {
                "NguoiYeuCauBoSung": version.handler,
                "NoiDungBoSung": "Bổ sung giấy tờ",
                "NgayYeuCau": compact(asked.requested_s),
                "NgayHenTraTruoc": compact(asked.previous_due_s),
                "NgayHenTraMoi": compact(asked.new_due_s),
            }
            for asked in version.supplements
        ],
        "DanhSachGiayToKetQua": _results(version),
        updated_key: compact_ms(version.updated_ms),
        "KenhTiepNhan": _text(int(dossier.channel)),
        "ThanhToanTrucTuyen": _flag(version.paid_online),
        "LePhi": _text(dossier.fee_vnd),
        "DinhDanhVNeID": _flag(dossier.vneid),
        "SoThanhPhan": _text(dossier.components),
        "SoThanhPhanSoHoa": _text(dossier.components_digitised),
        "SoThanhPhanTaiSuDung": _text(dossier.components_reused),
        "KetQuaSoHoa": _flag(version.result_digitised),
    }


def progress_record(version: Version, updated_key: str) -> Record:
    """CapNhatTienDoHoSoMC: the step that made a version."""
    step = version.step
    if step is None:
        raise ValueError(f"version of {version.dossier.code} at {version.updated_ms} is no step")
    return {
        "MaHoSo": version.dossier.code,
        "NguoiXuLy": version.handler,
        "ChucDanh": step.title,
        "ThoiDiemXuLy": compact(version.updated_ms // 1000),
        "PhongBanXuLy": version.unit,
        "NoiDungXuLy": step.name,
        "TrangThai": _text(int(version.status)),
        "NgayBatDau": compact(step.started_s),
        "NgayKetThucTheoQuyDinh": compact(step.planned_s),
        updated_key: compact_ms(version.updated_ms),
    }


def rating_record(rating: Rating, updated_key: str) -> Record:
    """DanhGiaHoSo: a rating."""
    return {
        "MaHoSo": rating.code,
        "DiemDanhGia": _text(rating.score),
        "NgayDanhGia": compact(rating.rated_s),
        updated_key: compact_ms(rating.updated_ms),
    }


class NationalServices:
    """The services behind `POST /api/service`."""

    def __init__(self, journal: Journal, procedures: Sequence[Procedure], updated_key: str = "NgayCapNhat") -> None:
        self._journal = journal
        self._procedures = procedures
        self._updated_key = updated_key

    def call(self, service: str, data: object) -> Page:
        """Answers one call.

        Raises:
            RequestError: no such service, or its data are not as it needs.
        """
        key = self._updated_key
        journal = self._journal
        if service in ("DongBoHoSoMC", "CapNhatTienDoHoSoMC", "DanhGiaHoSo"):
            window, offset, size = _window(_first(data))
            if service == "DanhGiaHoSo":
                first, end = window.cut(journal.ratings)
                ratings = journal.ratings[first + offset : min(end, first + offset + size)]
                return Page([rating_record(rating, key) for rating in ratings], end - first)
            versions = journal.versions if service == "DongBoHoSoMC" else journal.progress
            first, end = window.cut(versions)
            chosen = versions[first + offset : min(end, first + offset + size)]
            if service == "DongBoHoSoMC":
                return Page([dossier_record(version, key) for version in chosen], end - first, chosen)
            return Page([progress_record(version, key) for version in chosen], end - first)
        if service == "TraCuuHoSo":
            found = journal.latest.get(_asked(data, "MaHoSo"))
            return Page([dossier_record(found, key)], 1, [found]) if found else Page([], 0)
        if service == "LayDanhSachTTHC":
            return Page([_procedure(procedure) for procedure in self._procedures], len(self._procedures))
        if service == "LayThuTuc":
            code = _asked(data, "MaTTHC")
            details = [_procedure_details(procedure) for procedure in self._procedures if procedure.code == code]
            return Page(details, len(details))
        raise RequestError(f"service {service!r} không có")


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def _flag(known: bool | None) -> str:
    return "" if known is None else "1" if known else "0"


def _documents(dossier: Dossier) -> list[Record]:
    digitised, reused = dossier.components_digitised or 0, dossier.components_reused or 0
    return [
        {
            "TenTepDinhKem": f"Thành phần {i + 1}",
            "DuocSoHoa": _flag(i < digitised),
            "DuocTaiSuDung": _flag(i < reused),
        }
        for i in range(dossier.components or 0)
    ]


def _fees(version: Version) -> list[Record]:
    fee_vnd = version.dossier.fee_vnd
    if not fee_vnd:
        return []
    return [
        {
            "TenPhiLePhi": "Lệ phí",
            "HinhThucThu": _flag(bool(version.paid_online)),
            "Gia": _text(fee_vnd),
            "LoaiPhiLePhi": "2",
        }
    ]


def _results(version: Version) -> list[Record]:
    if version.result_digitised is None:
        return []
    return [{"TenGiayTo": "Kết quả giải quyết", "DuocSoHoa": _flag(version.result_digitised)}]


def _procedure(procedure: Procedure) -> Record:
    return {
        "MaTTHC": procedure.code,
        "TenTTHC": procedure.name,
        "MaLinhVuc": procedure.field.code,
        "TenLinhVuc": procedure.field.name,
    }


def _procedure_details(procedure: Procedure) -> Record:
    return {
        **_procedure(procedure),
        "SoNgayGiaiQuyet": _text(procedure.days),
        "LePhi": _text(procedure.fee_vnd),
        "SoThanhPhan": _text(procedure.components),
    }


def _first(data: object) -> Record:
    if data in ([], None):
        return {}
    if isinstance(data, list) and isinstance(data[0], dict):
        return data[0]
    raise RequestError("data phải là danh sách các đối tượng")


def _asked(data: object, key: str) -> str:
    value = _first(data).get(key)
    if not isinstance(value, str) or not value:
        raise RequestError(f"data[0].{key} thiếu")
    return value


def _window(asked: Record) -> tuple[Window, int, int]:
    try:
        from_ms, to_ms = (
            read_compact(text) if (text := str(asked.get(key) or "")) else None for key in ("TuNgay", "DenNgay")
        )
        page, size = int(asked.get("Trang") or 1), int(asked.get("SoLuong") or PAGE_DEFAULT)
    except (ValueError, TypeError) as error:
        raise RequestError(f"TuNgay, DenNgay, Trang, SoLuong: {error}") from error
    if page < 1 or size < 1:
        raise RequestError("Trang và SoLuong phải từ 1")
    size = min(size, PAGE_MAX)
    return Window(from_ms, to_ms), (page - 1) * size, size
