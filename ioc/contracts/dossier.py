"""Kind `dossier`: one application for an administrative procedure (hồ sơ thủ tục hành chính).

Facets: `case`, what the dossier system knows of its handling; `rating`, the citizen's satisfaction
rating, which arrives by a stream of its own. Entity: the national dossier code, `MaHoSo`.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ioc.contracts.base import Code, Contract, Count, UtcTime, Vnd
from ioc.contracts.event import Event

DossierStatus = Literal[
    "registered",  # 1 mới đăng ký
    "received",  # 2 được tiếp nhận
    "refused",  # 3 không được tiếp nhận
    "processing",  # 4 đang xử lý
    "supplement",  # 5 yêu cầu bổ sung giấy tờ
    "fees_due",  # 6 yêu cầu thực hiện nghĩa vụ tài chính
    "withdrawn",  # 7 công dân yêu cầu rút hồ sơ
    "stopped",  # 8 dừng xử lý
    "processed",  # 9 đã xử lý xong
    "returned",  # 10 đã trả kết quả
]

Channel = Literal["online_full", "online_partial", "in_person", "post", "internal"]
"""How the dossier came in: dịch vụ công toàn trình, một phần, trực tiếp, bưu chính, nội bộ."""

ApplicantType = Literal["person", "business", "agency", "other"]
"""LoaiDoiTuong: cá nhân, doanh nghiệp, cơ quan, khác."""


class DossierCase(Contract):
    """Handling of a dossier, as the dossier system knows it.

    Null is "the system does not say", never zero or no: a share is taken of the dossiers that it is known of.
    """

    ORDERED: ClassVar[tuple[tuple[str, str], ...]] = (("received_at", "due_at"),)

    procedure: Code = Field(description="Procedure code (MaTTHC)")
    field: Code = Field(description="Field of administration (MaLinhVuc)")
    applicant_type: ApplicantType = Field(description="Who applies (LoaiDoiTuong)")
    channel: Channel = Field(description="Channel it came in by (HinhThuc)")
    status: DossierStatus = Field(description="Status (TrangThaiHoSo)")
    received_at: UtcTime | None = Field(description="Received (NgayTiepNhan)")
    due_at: UtcTime | None = Field(description="Result promised for (NgayHenTra)")
    finished_at: UtcTime | None = Field(description="Handling finished (NgayKetThucXuLy)")
    returned_at: UtcTime | None = Field(description="Result handed over (NgayTra)")
    supplements: Count = Field(description="Times a supplement was asked (DanhSachHoSoBoSung)")
    extensions: Count = Field(description="Times the promised date was moved (NgayHenTraMoi)")
    fee_vnd: Annotated[Vnd, Field(ge=0)] | None = Field(description="Fees and charges due, đồng (DanhSachLePhi)")
    paid_online: bool | None = Field(description="Fees were paid online")
    components: Count | None = Field(description="Documents that the dossier consists of (TaiLieuNop)")
    components_digitised: Count | None = Field(description="… of them digitised")
    components_reused: Count | None = Field(description="… of them taken from digitised data, not asked again")
    result_digitised: bool | None = Field(description="The result was issued as a digital document")
    vneid: bool | None = Field(description="Applicant authenticated by VNeID")


class DossierRating(Contract):
    """A citizen's rating of how the dossier was handled."""

    rating: Annotated[int, Field(ge=1, le=5)] = Field(description="1 very dissatisfied … 5 very satisfied")
    rated_at: UtcTime = Field(description="When it was given")


class DossierCaseEvent(Event[DossierCase]):
    """A version of a dossier's handling."""

    kind: Literal["dossier"]
    facet: Literal["case"]


class DossierRatingEvent(Event[DossierRating]):
    """A version of a dossier's rating."""

    kind: Literal["dossier"]
    facet: Literal["rating"]
