"""The dossier system by the national sync services: a session, then services that answer windows in pages.

Format: docs/simulator.md, shape 1, after provincial systems' public code. Of a record only what the contract needs is taken;
ChuHoSo, MaDoiTuong, Email, SoDienThoai, TrichYeuHoSo, NguoiXuLy, GhiChu and every list's texts are never read.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ingest.source import Change, Record, System, Target
from ingest.sources import dossier as d
from ingest.sources.body import BodyReader, Envelope
from ingest.sources.paging import Answer, UpdatedStream
from ingest.sources.session import Session
from ingest.sources.values import coded, compact_ms, required, text, utc, whole
from ingest.sources.web import SessionExpiredError, Web
from ioc.clock import LOCAL
from ioc.errors import FatalError, RetriableError
from ioc.settings.sources import DossierSourceSettings

SUCCESS = {"00", "0"}
WRONG_REQUEST = "01"
WRONG_LOGIN = "98"
EXPIRED = "99"

_CASE = (
    "mahoso matthc tentthc malinhvuc tenlinhvuc chuhoso loaidoituong madoituong email sodienthoai trichyeuhoso ngaytiepnhan "
    "ngayhentra trangthaihoso ngaytra thongtintra hinhthuc ngayketthucxuly donvixuly nguoixuly ghichu tailieunop danhsachlephi "
    "danhsachhosobosung danhsachgiaytoketqua kenhtiepnhan thanhtoantructuyen lephi dinhdanhvneid sothanhphan sothanhphansohoa "
    "sothanhphantaisudung ketquasohoa"
)
CASE_FIELDS = frozenset(_CASE.split())
"""Keys of a dossier record that somebody has looked at, also those never read; beside them the update time's."""

RATING_FIELDS = frozenset({"mahoso", "diemdanhgia", "ngaydanhgia"})
"""… and of a rating record."""


class NationalApi:
    """The services of one system, with the session that its streams share."""

    def __init__(self, settings: DossierSourceSettings) -> None:
        self._settings = settings
        self._web = Web(settings.url, settings.timeout_s)
        self._session = Session(self._login)
        self._login_body = BodyReader("data")

    def call(self, service: str, data: dict[str, Any], reader: BodyReader) -> tuple[Envelope, int | None]:
        """A service's answer, and the source's clock when it tells it.

        Raises:
            RetriableError: no answer, or one that cannot be read.
            FatalError: the login or the request is refused.
        """
        return self._session.use(lambda session: self._call(session, service, data, reader))

    def close(self) -> None:
        """Closes the connections."""
        self._web.close()

    def _call(
        self, session: str, service: str, data: dict[str, Any], reader: BodyReader
    ) -> tuple[Envelope, int | None]:
        answer = self._web.ask(
            "POST",
            "/api/service",
            json={
                "session": session,
                "madonvi": self._settings.unit_code,
                "service": service,
                "isUpdating": "False",
                "data": [data],
            },
        )
        envelope = reader.read(answer.body)
        code = str(envelope.members.get("error_code"))
        if code == EXPIRED:
            raise SessionExpiredError(f"{self._web.url} service {service}: error_code {code}")
        self._check(code, envelope, f"service {service}")
        return envelope, answer.clock_ms

    def _login(self) -> str:
        settings = self._settings
        try:
            answer = self._web.ask(
                "POST",
                "/api/login",
                headers={"dstcode": settings.dstcode},
                json={"username": settings.user, "password": settings.password.get_secret_value()},
            )
        except SessionExpiredError as error:
            raise FatalError(f"login refused: {error}; check sources.dossier user, password, dstcode") from error
        envelope = self._login_body.read(answer.body)
        self._check(str(envelope.members.get("error_code")), envelope, "login")
        session = envelope.members.get("session")
        if not isinstance(session, str) or not session:
            raise RetriableError(f"{self._web.url}: a login without a session")
        return session

    def _check(self, code: str, envelope: Envelope, what: str) -> None:
        """Refuses what is no success. Only a message about the request itself is repeated: others can name persons."""
        if code in SUCCESS:
            return
        if code == WRONG_LOGIN:
            raise FatalError(f"{self._web.url}: {what} refused ({code}); check sources.dossier user, password, dstcode")
        if code == WRONG_REQUEST:
            message = str(envelope.members.get("message"))[:200]
            raise FatalError(f"{self._web.url}: {what}: the request is wrong ({code}: {message})")
        raise RetriableError(f"{self._web.url}: {what}: error_code {code[:8]}")


class NationalStream(UpdatedStream):
    """One stream of the national services; a `Source`."""

    name = d.SOURCE

    def __init__(
        self,
        stream: str,
        facet: str,
        service: str,
        read: Callable[[dict[str, Any]], tuple[str, str, dict[str, Any]]],
        known: frozenset[str],
        settings: DossierSourceSettings,
        api: NationalApi,
    ) -> None:
        super().__init__(settings.updated_key.lower(), size=settings.page_size, overlap_s=settings.overlap_s)
        self.stream = stream
        self.targets = (Target("dossier", facet),)
        self.known_fields = known | {self.updated_field}
        self._service = service
        self._read = read
        self._api = api
        self._body = BodyReader("data")

    def read(self, record: Record) -> Change:
        """See `Source.read`."""
        entity, unit, data = self._read(record.fields)
        return Change(entity, unit, self.updated_ms(record), data)

    def ask(self, from_ms: int | None, page: int, size: int) -> Answer:
        """See `UpdatedStream.ask`."""
        data = {
            "TuNgay": "" if from_ms is None else compact(from_ms),
            "DenNgay": "",
            "Trang": page + 1,
            "SoLuong": size,
        }
        envelope, clock = self._api.call(self._service, data, self._body)
        total = envelope.members.get("tongso")
        if not isinstance(total, int | str) or not str(total).isdigit():
            raise RetriableError(f"service {self._service}: TongSo is no number, so the last page cannot be told")
        remaining = max(0, int(total) - (page + 1) * size)
        return Answer(envelope.records, remaining == 0, remaining, clock)

    def updated_ms(self, record: Record) -> int | None:
        """See `UpdatedStream.updated_ms`."""
        return compact_ms(self.updated_field, text(record.fields, self.updated_field))


def national_system(settings: DossierSourceSettings) -> System:
    """The system that the settings name.

    Raises:
        ConfigError: its address is none.
    """
    api = NationalApi(settings)
    streams = [
        NationalStream(d.CASES, "case", "DongBoHoSoMC", read_case, CASE_FIELDS, settings, api),
        NationalStream(d.RATINGS, "rating", "DanhGiaHoSo", read_rating, RATING_FIELDS, settings, api),
    ]
    return System(streams, settings.poll_s, settings.requests_per_s, api.close)


def compact(moment_ms: int) -> str:
    """`yyyyMMddHHmmssSSS` in Asia/Ho_Chi_Minh."""
    local = datetime.fromtimestamp(moment_ms // 1000, UTC).astimezone(LOCAL)
    return f"{local:%Y%m%d%H%M%S}{moment_ms % 1000:03}"


def read_case(fields: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Entity, unit and contract fields of a dossier record (DongBoHoSoMC).

    Raises:
        SkippableError: a field is missing or cannot be.
    """
    entity = required(fields, "mahoso")
    channel, form = text(fields, "kenhtiepnhan"), text(fields, "hinhthuc")
    supplements = d.objects(fields, "danhsachhosobosung")
    data = {
        "procedure": required(fields, "matthc"),
        "field": required(fields, "malinhvuc"),
        "applicant_type": coded("loaidoituong", text(fields, "loaidoituong"), d.APPLICANT),
        "channel": coded("kenhtiepnhan", channel, d.CHANNEL) if channel else coded("hinhthuc", form, d.FORM),
        "status": coded("trangthaihoso", required(fields, "trangthaihoso"), d.NATIONAL_STATUS),
        "received_at": _moment(fields, "ngaytiepnhan"),
        "due_at": _moment(fields, "ngayhentra"),
        "finished_at": _moment(fields, "ngayketthucxuly"),
        "returned_at": _moment(fields, "ngaytra"),
        "supplements": len(supplements),
        "extensions": sum(map(_is_extension, supplements)),
        "fee_vnd": _number(fields, "lephi", _fees),
        "paid_online": _yes(fields, "thanhtoantructuyen"),
        "components": _number(fields, "sothanhphan", lambda all_: len(d.objects(all_, "tailieunop")) or None),
        "components_digitised": _number(fields, "sothanhphansohoa", lambda all_: _documents(all_, "duocsohoa")),
        "components_reused": _number(fields, "sothanhphantaisudung", lambda all_: _documents(all_, "duoctaisudung")),
        "result_digitised": _result_digitised(fields),
        "vneid": _yes(fields, "dinhdanhvneid"),
    }
    return entity, text(fields, "donvixuly"), data


def read_rating(fields: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Entity, unit (none) and contract fields of a rating record (DanhGiaHoSo).

    Raises:
        SkippableError: a field is missing or cannot be.
    """
    entity = required(fields, "mahoso")
    score, rated = required(fields, "diemdanhgia"), required(fields, "ngaydanhgia")
    return entity, "", {"rating": whole("diemdanhgia", score), "rated_at": utc(compact_ms("ngaydanhgia", rated))}


def _moment(fields: dict[str, Any], field: str) -> datetime | None:
    return utc(compact_ms(field, text(fields, field)))


def _yes(fields: dict[str, Any], field: str) -> bool | None:
    value = fields.get(field)
    return value if isinstance(value, bool) else coded(field, text(fields, field), d.YES)


def _number(fields: dict[str, Any], field: str, otherwise: Callable[[dict[str, Any]], int | None]) -> int | None:
    """The number that the system tells, or what its list comes to; null where it tells neither."""
    told = text(fields, field)
    return whole(field, told) if told else otherwise(fields)


def _documents(fields: dict[str, Any], field: str) -> int | None:
    """How many documents of the list are flagged; null where there is no list, or a flag that does not tell."""
    flags = [_yes(document, field) for document in d.objects(fields, "tailieunop")]
    return None if not flags or None in flags else flags.count(True)


def _result_digitised(fields: dict[str, Any]) -> bool | None:
    """What the system tells of the result, or what its list of papers comes to: one digital paper is enough."""
    flags = [_yes(fields, "ketquasohoa")]
    if flags == [None]:
        flags = [_yes(paper, "duocsohoa") for paper in d.objects(fields, "danhsachgiaytoketqua")]
    return True if True in flags else None if not flags or None in flags else False


def _fees(fields: dict[str, Any]) -> int | None:
    fees = d.objects(fields, "danhsachlephi")
    return sum(whole("gia", text(fee, "gia") or "0") for fee in fees) if fees else None


def _is_extension(supplement: dict[str, Any]) -> bool:
    moved = text(supplement, "ngayhentramoi")
    return bool(moved) and moved != text(supplement, "ngayhentratruoc")
