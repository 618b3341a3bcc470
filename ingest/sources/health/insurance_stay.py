"""What the XML1 of a HOSO says of a visit or stay."""

import re
from collections.abc import Mapping
from typing import Any

from ingest.source import Change
from ingest.sources.health.icd10 import chapter, icd10
from ingest.sources.health.insurance_codes import EMERGENCY, LEAVING, NOT_INSURED, OUTCOME, SETTING, SEX
from ingest.sources.health.insurance_file import ARRIVED, COMPILED, FACILITY, NAMED
from ingest.sources.health.insurance_values import age_years, compiled, minute, moment_ms, patient, vnd
from ingest.sources.values import coded, invalid, required, text, utc, whole
from ioc.clock import LOCAL
from ioc.errors import SkippableError

_FACILITY = re.compile(r"[0-9A-Z]{3,10}")
_LINK = re.compile(r"[0-9A-Za-z._:-]{1,100}")
_ENTITLED = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,2})?")
_COMMUNE = re.compile(r"[0-9A-Z]{0,10}")
"""What these codes may look like: a name or an address that was put there by mistake must not leave."""

_ROUNDING_VND = 2
"""By so much sums of rounded amounts may differ."""

_NUMBERS = ("ma_the_bhyt", "so_cccd", "dien_thoai")
_NUMBER_CHARS = 9
_OWN_CHARS = 10
"""The last ten of a card are the person's own; of an identity number they are enough to tell the person."""


def read_stay(fields: Mapping[str, Any]) -> Change:
    """The stay that a record of `insurance_file` tells.

    Raises:
        SkippableError: a field is missing, has no such value, or denies another.
    """
    facility = _facility(fields)
    link = _matching("MA_LK", required(fields, "ma_lk"), _LINK)
    _check_link(link, fields)
    of_file = compiled("NGAYLAP", text(fields, COMPILED))
    entitled = _matching("MA_DOITUONG_KCB", required(fields, "ma_doituong_kcb"), _ENTITLED).partition(".")[0]
    setting = coded("MA_LOAI_KCB", required(fields, "ma_loai_kcb").zfill(2), SETTING)
    admitted = minute(fields, "ngay_vao")
    if admitted is None:
        raise SkippableError("missing_field", "NGAY_VAO: missing or empty")
    days = text(fields, "so_ngay_dtri")
    code = icd10("MA_BENH_CHINH", required(fields, "ma_benh_chinh"))
    data = {
        "patient": patient(facility, fields),
        "setting": "emergency" if setting == "outpatient" and entitled == EMERGENCY else setting,
        "insured": entitled != NOT_INSURED and bool(text(fields, "ma_the_bhyt")),
        "admitted_at": admitted,
        "inpatient_at": minute(fields, "ngay_vao_noi_tru"),
        "discharged_at": minute(fields, "ngay_ra"),
        "settled_at": minute(fields, "ngay_ttoan"),
        "submitted_at": utc(of_file.at_ms),
        "days": whole("SO_NGAY_DTRI", days) if days else None,
        "outcome": coded("KET_QUA_DTRI", text(fields, "ket_qua_dtri"), OUTCOME),
        "leaving": coded("MA_LOAI_RV", text(fields, "ma_loai_rv"), LEAVING),
        "icd10": code,
        "chapter": chapter(code),
        "sex": coded("GIOI_TINH", text(fields, "gioi_tinh"), SEX),
        "age_years": age_years("NGAY_SINH", text(fields, "ngay_sinh"), admitted.astimezone(LOCAL).date()),
        "commune": _matching("MAXA_CU_TRU", text(fields, "maxa_cu_tru"), _COMMUNE),
        "total_vnd": vnd(fields, "t_tongchi_bv"),
        "insurance_vnd": vnd(fields, "t_bhtt"),
        "copayment_vnd": vnd(fields, "t_bncct"),
        "patient_vnd": vnd(fields, "t_bntt"),
        "drugs_vnd": vnd(fields, "t_thuoc"),
        "supplies_vnd": vnd(fields, "t_vtyt"),
    }
    _check_sums(data)
    return Change(
        f"{facility}/{link}",
        facility,
        of_file.updated_ms(moment_ms(fields, NAMED), moment_ms(fields, ARRIVED) or 0),
        data,
    )


def _facility(fields: Mapping[str, Any]) -> str:
    """MA_CSKCB of XML1, else MACSKCB of the file; these must not deny one another."""
    own, of_file = text(fields, "ma_cskcb"), text(fields, FACILITY)
    if own and of_file and own != of_file:
        raise SkippableError("contradiction", "MA_CSKCB of XML1 is not MACSKCB of the file")
    if not (own or of_file):
        raise SkippableError("missing_field", "MA_CSKCB: missing or empty")
    return _matching("MA_CSKCB", own or of_file, _FACILITY)


def _check_link(link: str, fields: Mapping[str, Any]) -> None:
    """A link key names the visit in every event: one that was built from the patient's number must not leave."""
    numbers = {number.strip() for field in _NUMBERS for number in text(fields, field).split(";")}
    if any(len(number) >= _NUMBER_CHARS and number[-_OWN_CHARS:] in link for number in numbers):
        raise SkippableError("invalid_value", "MA_LK: holds the patient's card, identity or phone number")


def _check_sums(data: Mapping[str, Any]) -> None:
    """Parts of a bill are not more than the bill: T_TONGCHI_BV is the sum of all drugs, supplies and services."""
    total = data["total_vnd"]
    if total is None:
        return
    for parts, names in (
        (("drugs_vnd", "supplies_vnd"), "T_THUOC and T_VTYT"),
        (("insurance_vnd", "copayment_vnd"), "T_BHTT and T_BNCCT"),
    ):
        if sum(data[part] or 0 for part in parts) > total + _ROUNDING_VND:
            raise SkippableError("contradiction", f"{names} together are more than T_TONGCHI_BV")


def _matching(field: str, value: str, form: re.Pattern[str]) -> str:
    if form.fullmatch(value) is None:
        raise invalid(field, value, f"such a code ({form.pattern})")
    return value
