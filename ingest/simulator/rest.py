"""Shape 2: the paged REST of a provincial system, with its own status ids and Spring slices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.simulator.errors import RequestError
from ingest.simulator.journal import Journal, Window
from ingest.simulator.model import Channel, Rating, Status, Version
from ingest.simulator.moments import iso, iso_ms, read_iso
from ingest.simulator.national import PAGE_MAX

PAGE_DEFAULT = 20

STATUSES: Mapping[Status, tuple[int, str]] = {
    Status.REGISTERED: (0, "Mới đăng ký"),
    Status.RECEIVED: (1, "Đã tiếp nhận"),
    Status.REFUSED: (12, "Không tiếp nhận"),
    Status.PROCESSING: (2, "Đang xử lý"),
    Status.SUPPLEMENT: (3, "Yêu cầu bổ sung giấy tờ"),
    Status.FEES_DUE: (8, "Chờ thực hiện nghĩa vụ tài chính"),
    Status.WITHDRAWN: (6, "Đã rút hồ sơ"),
    Status.STOPPED: (7, "Dừng xử lý"),
    Status.PROCESSED: (4, "Đã có kết quả"),
    Status.RETURNED: (5, "Đã trả kết quả"),
}
"""National status → id and name in this shape."""

APPLY_METHODS: Mapping[Channel, str] = {
    Channel.ONLINE_FULL: "Trực tuyến toàn trình",
    Channel.ONLINE_PARTIAL: "Trực tuyến một phần",
    Channel.IN_PERSON: "Trực tiếp",
    Channel.POST: "Bưu chính công ích",
    Channel.INTERNAL: "Nội bộ",
}

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Slice:
    """A page of records and where it stands in the whole; `versions` as in the national page."""

    records: list[Record]
    number: int
    size: int
    last: bool
    versions: Sequence[Version] = ()

    def envelope(self, records: Sequence[object]) -> Record:
        """The Spring slice around the records that are really sent."""
        return {
            "content": records,
            "first": self.number == 0,
            "last": self.last,
            "number": self.number,
            "size": self.size,
            "numberOfElements": len(records),
            "empty": not records,
        }


def dossier_record(version: Version) -> Record:
    """One version of a dossier."""
    dossier = version.dossier
    procedure = dossier.procedure
    officer = {"id": version.handler, "fullname": f"CANARY-CANBO {version.handler}"} if version.handler else None
    status_id, status_name = STATUSES[version.status]
    return {
        "id": dossier.code,
        "code": dossier.code,
        "nationCode": dossier.code,
        "acceptedDate": iso(version.received_s),
        "appointmentDate": iso(version.due_s),
        "completedDate": iso(version.finished_s),
        "returnedDate": iso(version.returned_s),
        "updatedDate": iso_ms(version.updated_ms),
        "procedure": {"id": procedure.code, "code": procedure.code, "name": procedure.name},
        "sector": {"code": dossier.field.code, "name": dossier.field.name},
        "currentTask": {"agency": {"code": version.unit, "name": version.unit}, "assignee": officer},
        "accepter": officer,
        "applicant": {
            "fullname": f"CANARY-TEN {dossier.serial}",
            "ownerType": int(dossier.applicant),
            "identityNumber": f"CANARY-CCCD-{dossier.serial}",
            "phoneNumber": f"CANARY-SDT-{dossier.serial}",
            "email": f"canary.{dossier.serial}@example.invalid",
            "noidungyeucaugiaiquyet": f"CANARY-TRICHYEU {dossier.serial}",
        },
        "applyMethod": {"id": int(dossier.channel), "name": APPLY_METHODS[dossier.channel]},
        "dossierStatus": {"id": status_id, "name": status_name},
        "payment": None
        if dossier.fee_vnd is None
        else {"amount": dossier.fee_vnd, "online": bool(version.paid_online), "paid": bool(version.paid)},
        "digitization": None
        if dossier.components is None
        else {
            "components": dossier.components,
            "digitized": dossier.components_digitised,
            "reused": dossier.components_reused,
            "result": version.result_digitised,
        },
        "vneid": dossier.vneid,
        "supplements": [
            {
                "requestedDate": iso(asked.requested_s),
                "previousAppointmentDate": iso(asked.previous_due_s),
                "newAppointmentDate": iso(asked.new_due_s),
            }
            for asked in version.supplements
        ],
    }


def rating_record(rating: Rating) -> Record:
    """One rating."""
    return {
        "id": f"{rating.code}/{rating.updated_ms}",
        "dossierCode": rating.code,
        "score": rating.score,
        "ratedDate": iso(rating.rated_s),
        "updatedDate": iso_ms(rating.updated_ms),
    }


def search_dossiers(journal: Journal, query: Mapping[str, str]) -> Slice:
    """`GET /pa/dossier/search`.

    Raises:
        RequestError: a parameter cannot be read.
    """
    number, size = _paging(query)
    first, end = _window(query, "updated").cut(journal.versions)
    chosen: Sequence[Version]
    accepted, statuses = _window(query, "accepted"), _statuses(query)
    offset = number * size
    if accepted == Window() and statuses is None:
        chosen, total = journal.versions[first + offset : min(end, first + offset + size)], end - first
    else:
        fitting = [v for v in journal.versions[first:end] if _fits(v, accepted, statuses)]
        chosen, total = fitting[offset : offset + size], len(fitting)
    return Slice([dossier_record(version) for version in chosen], number, size, offset + size >= total, chosen)


def search_ratings(journal: Journal, query: Mapping[str, str]) -> Slice:
    """`GET /pa/rating/search`.

    Raises:
        RequestError: a parameter cannot be read.
    """
    number, size = _paging(query)
    first, end = _window(query, "updated").cut(journal.ratings)
    start = first + number * size
    chosen = journal.ratings[start : min(end, start + size)]
    return Slice([rating_record(rating) for rating in chosen], number, size, start + size >= end)


def _fits(version: Version, accepted: Window, statuses: frozenset[Status] | None) -> bool:
    if statuses is not None and version.status not in statuses:
        return False
    if accepted == Window():
        return True
    if version.received_s is None:
        return False
    received_ms = version.received_s * 1000
    return (accepted.from_ms is None or accepted.from_ms <= received_ms) and (
        accepted.to_ms is None or received_ms < accepted.to_ms
    )


def _paging(query: Mapping[str, str]) -> tuple[int, int]:
    try:
        number, size = int(query.get("page") or 0), int(query.get("size") or PAGE_DEFAULT)
    except ValueError as error:
        raise RequestError(f"page, size: {error}") from error
    if number < 0 or size < 1:
        raise RequestError("page counts from 0, size from 1")
    if query.get("spec", "slice") != "slice":
        raise RequestError("spec: only slice is served")
    return number, min(size, PAGE_MAX)


def _window(query: Mapping[str, str], name: str) -> Window:
    try:
        from_ms, to_ms = (read_iso(text) if (text := query.get(f"{name}-{side}")) else None for side in ("from", "to"))
    except ValueError as error:
        raise RequestError(f"{name}-from, {name}-to: {error}") from error
    return Window(from_ms, to_ms)


def _statuses(query: Mapping[str, str]) -> frozenset[Status] | None:
    text = query.get("dossier-status")
    if not text:
        return None
    by_id = {str(status_id): status for status, (status_id, _) in STATUSES.items()}
    try:
        return frozenset(by_id[part.strip()] for part in text.split(","))
    except KeyError as error:
        raise RequestError(f"dossier-status: no id {error}") from error
