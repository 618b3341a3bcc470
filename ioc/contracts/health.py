"""Kinds of the healthcare records: `encounter`, `health_record`, `appointment`, `immunization`, `observation`.

Names, ID, card and phone numbers and addresses below the commune never reach an event (Decree 13/2023/NĐ-CP, Law
91/2025/QH15): the connector drops them or puts a keyed hash in their place.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ioc.contracts.base import Code, Contract, Count, Pseudonym, UtcTime, Vnd
from ioc.contracts.event import Event

Money = Annotated[Vnd, Field(ge=0)]


class Encounter(Contract):
    """One visit or stay, as its insurance file or FHIR Encounter tells; entity: `<MA_CSKCB>/<MA_LK>`.

    Fields are named after XML1 of Decision 130/QĐ-BYT (with 4750/QĐ-BYT and 3176/QĐ-BYT).
    """

    ORDERED: ClassVar[tuple[tuple[str, str], ...]] = (("admitted_at", "discharged_at"),)

    patient: Pseudonym = Field(description="Keyed hash of the patient's number; empty when the source gives none")
    setting: Literal["outpatient", "day_care", "inpatient", "emergency", "other"] = Field(description="MA_LOAI_KCB")
    insured: bool = Field(description="Paid by health insurance (MA_DOITUONG_KCB, card given)")
    admitted_at: UtcTime = Field(description="NGAY_VAO")
    inpatient_at: UtcTime | None = Field(description="NGAY_VAO_NOI_TRU")
    discharged_at: UtcTime | None = Field(description="NGAY_RA")
    settled_at: UtcTime | None = Field(description="NGAY_TTOAN")
    submitted_at: UtcTime | None = Field(description="NGAYLAP of the file that carried it")
    days: Annotated[int, Field(ge=0, le=3660)] | None = Field(description="SO_NGAY_DTRI")
    outcome: Literal["cured", "improved", "unchanged", "worse", "died", "unknown"] = Field(description="KET_QUA_DTRI")
    leaving: Literal["home", "transfer", "left", "asked", "other", "unknown"] = Field(description="MA_LOAI_RV")
    icd10: Code = Field(description="MA_BENH_CHINH: ICD-10 code of the main disease, upper case without dot")
    chapter: Annotated[int, Field(ge=0, le=22)] = Field(description="ICD-10 chapter of it; 0 when it is in none")
    sex: Literal["male", "female", "unknown"] = Field(description="GIOI_TINH")
    age_years: Annotated[int, Field(ge=0, le=150)] | None = Field(description="Age at admission, from NGAY_SINH")
    commune: Code = Field(description="MAXA_CU_TRU")
    total_vnd: Money | None = Field(description="T_TONGCHI_BV")
    insurance_vnd: Money | None = Field(description="T_BHTT")
    copayment_vnd: Money | None = Field(description="T_BNCCT")
    patient_vnd: Money | None = Field(description="T_BNTT")
    drugs_vnd: Money | None = Field(description="T_THUOC")
    supplies_vnd: Money | None = Field(description="T_VTYT")


class EncounterCheckIn(Contract):
    """How the patient was identified at the counter, and how the bill was paid."""

    checked_in_at: UtcTime = Field(description="Checked in")
    check_in: Literal["chip_card", "vneid", "insurance_card", "other"] = Field(description="By what")
    cashless: bool | None = Field(description="Paid without cash; null while not paid")


class EncounterEvent(Event[Encounter]):
    """A version of an encounter."""

    kind: Literal["encounter"]
    facet: Literal["stay"]


class EncounterCheckInEvent(Event[EncounterCheckIn]):
    """A version of a check-in."""

    kind: Literal["encounter"]
    facet: Literal["check_in"]


class HealthRecord(Contract):
    """A citizen's electronic health record; entity: keyed hash of the citizen's number."""

    PERSONAL_ENTITY: ClassVar[bool] = True

    created_at: UtcTime = Field(description="Made")
    updated_at: UtcTime = Field(description="Last added to")
    health_book: bool = Field(description="Shown as health book in VNeID (sổ sức khỏe điện tử)")
    vaccinations: Count = Field(description="Vaccinations in it")


class HealthRecordEvent(Event[HealthRecord]):
    """A version of a health record."""

    kind: Literal["health_record"]
    facet: Literal["record"]


class Appointment(Contract):
    """A booking (VnCare and others); entity: `<facility>/<booking number>`."""

    booked_at: UtcTime = Field(description="Booked")
    planned_at: UtcTime | None = Field(description="For when")
    closed_at: UtcTime | None = Field(description="Kept, missed or cancelled")
    state: Literal["booked", "kept", "missed", "cancelled"] = Field(description="State")
    tele: bool = Field(description="A consultation from afar")


class AppointmentEvent(Event[Appointment]):
    """A version of a booking."""

    kind: Literal["appointment"]
    facet: Literal["booking"]


class Immunization(Contract):
    """One vaccination, an immutable fact; entity: `<facility>/<number>`."""

    vaccinated: Pseudonym = Field(description="Keyed hash of the person's number; empty when the source gives none")
    vaccine: Code = Field(description="Code of the vaccine, as the source codes it (CVX, ATC, national list)")
    given_at: UtcTime = Field(description="Given, or refused")
    dose: Annotated[int, Field(ge=0, le=100)] | None = Field(description="Number of the dose in its series")
    state: Literal["completed", "not_done"] = Field(description="Given, or not")
    commune: Code = Field(description="Commune of residence (MAXA_CU_TRU); empty when the source gives none")


class ImmunizationEvent(Event[Immunization]):
    """A vaccination."""

    kind: Literal["immunization"]
    facet: Literal["dose"]


class Observation(Contract):
    """One finding, an immutable fact that may still be corrected; entity: `<facility>/<number>`."""

    subject: Pseudonym = Field(description="Keyed hash of the person's number; empty when the source gives none")
    code: Code = Field(description="What was looked for (LOINC or national code)")
    status: Literal["registered", "preliminary", "final", "amended", "corrected", "cancelled", "unknown"] = Field(
        description="How far it is certain"
    )
    found_at: UtcTime = Field(description="When it was true of the person, or issued")
    value_milli: Annotated[int, Field(ge=-(10**15), le=10**15)] | None = Field(
        description="Value in thousandths of its unit; null when the finding is no number"
    )
    value_unit: Code = Field(description="Unit of the value (UCUM); empty without one")
    disease: Code = Field(description="ICD-10 code that was found, upper case without dot; empty when none was")
    notifiable: bool = Field(description="The disease must be notified (Circular 54/2015/TT-BYT)")
    commune: Code = Field(description="Commune of residence (MAXA_CU_TRU); empty when the source gives none")


class ObservationEvent(Event[Observation]):
    """A version of a finding."""

    kind: Literal["observation"]
    facet: Literal["finding"]
