"""What the simulated dossier system knows: dossiers, their versions, ratings.

A version is the full state of a dossier from its update time on. What never changes in a dossier's life is in `Dossier`, shared by all
of its versions. Moments inside a dossier are whole seconds since the epoch (`_s`), update times are milliseconds (`_ms`), both UTC.
"""

from enum import IntEnum

import msgspec


class Status(IntEnum):
    """TrangThaiHoSo, the national dossier status."""

    REGISTERED = 1
    RECEIVED = 2
    REFUSED = 3
    PROCESSING = 4
    SUPPLEMENT = 5
    FEES_DUE = 6
    WITHDRAWN = 7
    STOPPED = 8
    PROCESSED = 9
    RETURNED = 10


class Channel(IntEnum):
    """KenhTiepNhan, how the dossier came in."""

    ONLINE_FULL = 1
    ONLINE_PARTIAL = 2
    IN_PERSON = 3
    POST = 4
    INTERNAL = 5


class Applicant(IntEnum):
    """LoaiDoiTuong, who applies."""

    PERSON = 1
    BUSINESS = 2
    AGENCY = 3
    OTHER = 4


class Field(msgspec.Struct, frozen=True):
    """A field of administration (lĩnh vực)."""

    code: str
    name: str


class Procedure(msgspec.Struct, frozen=True):
    """An administrative procedure (thủ tục hành chính); `days` are working days, the fee is in đồng.

    `level` is that of the units that handle it: department, district or commune.
    """

    code: str
    name: str
    field: Field
    days: int
    fee_vnd: int
    components: int
    level: str = "department"


class Dossier(msgspec.Struct, frozen=True, gc=False):
    """What stays the same in a dossier's life; None where the system does not know it.

    `serial` marks the made-up personal data of this dossier.
    """

    code: str
    serial: str
    procedure: Procedure
    field: Field
    channel: Channel
    applicant: Applicant
    fee_vnd: int | None = None
    components: int | None = None
    components_digitised: int | None = None
    components_reused: int | None = None
    vneid: bool | None = None


class Supplement(msgspec.Struct, frozen=True, gc=False):
    """One time that missing documents were asked for; the new promised date stands once they came."""

    requested_s: int
    previous_due_s: int
    new_due_s: int | None = None


class Step(msgspec.Struct, frozen=True, gc=False):
    """One step of handling, done at the update time of the version that carries it."""

    name: str
    title: str = ""
    started_s: int | None = None
    planned_s: int | None = None


class Version(msgspec.Struct, frozen=True, gc=False):
    """The full state of a dossier from `updated_ms` on."""

    dossier: Dossier
    updated_ms: int
    status: Status
    unit: str
    handler: str = ""
    received_s: int | None = None
    due_s: int | None = None
    finished_s: int | None = None
    returned_s: int | None = None
    supplements: tuple[Supplement, ...] = ()
    paid: bool | None = None
    paid_online: bool | None = None
    result_digitised: bool | None = None
    step: Step | None = None


class Rating(msgspec.Struct, frozen=True, gc=False):
    """A citizen's rating of a dossier's handling, 1 to 5."""

    code: str
    score: int
    rated_s: int
    updated_ms: int
