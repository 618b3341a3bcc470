"""When a dossier system changes its records: new keys are seen, missing and changed ones refused, and none becomes null."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ingest.sources import dossier_national, dossier_rest
from ioc.errors import SkippableError
from tests.unit.ingest.test_not_known import NATIONAL, REST

PAGE = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text(encoding="utf-8")

STRANGE: tuple[Any, ...] = (True, False, 0.5, {}, {"a": 1}, [7], [[]], "?strange?")
"""What no field of a dossier is, whatever it is."""

NATIONAL_FULL = {
    **NATIONAL, "ngaytiepnhan": "20260810184222", "ngayhentra": "", "ngayketthucxuly": "", "ngaytra": "",
}  # fmt: skip
REST_FULL = {**REST, "accepteddate": None, "appointmentdate": None, "completeddate": None, "returneddate": None}
FREE = {"mahoso", "matthc", "malinhvuc", "donvixuly", "nationcode"}
"""Free texts: any text is one."""

OBJECTS = {"procedure", "sector", "applicant", "applymethod", "dossierstatus", "currenttask", "payment", "digitization"}
YES_OR_NO = {"thanhtoantructuyen", "dinhdanhvneid", "ketquasohoa", "vneid"}


def documented(begin: str) -> set[str]:
    """Keys of the first record of the JSON that follows on the page."""
    text = PAGE[PAGE.index(begin) :]
    found = json.JSONDecoder().raw_decode(text[text.index('{"MaHoSo"' if begin == "DongBo" else '{"id"') :])[0]
    return {key.lower() for key in found}


def test_every_key_that_the_page_shows_is_known() -> None:
    assert documented("DongBo") == dossier_national.CASE_FIELDS | {"ngaycapnhat"}
    assert documented("GET /pa/dossier/search") == dossier_rest.CASE_FIELDS
    ratings = re.findall(r"ratings: (MaHoSo, DiemDanhGia[^.]*)\.", PAGE)
    assert {word.lower() for word in re.findall(r"\b[A-Z][A-Za-z]{4,}\b", ratings[0])} == {
        *dossier_national.RATING_FIELDS,
        "ngaycapnhat",
    }


@pytest.mark.parametrize("value", STRANGE, ids=repr)
@pytest.mark.parametrize("field", NATIONAL_FULL)
def test_a_changed_type_in_the_national_shape_is_refused_and_never_null(field: str, value: Any) -> None:
    if isinstance(value, str) and field in FREE:
        return
    if isinstance(value, bool) and field in YES_OR_NO:
        return
    if field == "hinhthuc":
        return  # not looked at where the channel is told
    with pytest.raises(SkippableError) as refused:
        dossier_national.read_case({**NATIONAL_FULL, field: value})
    assert refused.value.reason == "invalid_value"


@pytest.mark.parametrize("value", STRANGE, ids=repr)
@pytest.mark.parametrize("field", REST_FULL)
def test_a_changed_type_in_the_rest_shape_is_refused_and_never_null(field: str, value: Any) -> None:
    if isinstance(value, str) and field in FREE:
        return
    if isinstance(value, bool) and field in YES_OR_NO:
        return
    if isinstance(value, dict) and field in OBJECTS:
        return
    with pytest.raises(SkippableError) as refused:
        dossier_rest.read_case({**REST_FULL, field: value})
    assert refused.value.reason == "invalid_value"


@pytest.mark.parametrize("field", ["mahoso", "matthc", "malinhvuc", "trangthaihoso"])
def test_a_missing_required_field_is_refused_as_missing(field: str) -> None:
    record = {name: value for name, value in NATIONAL_FULL.items() if name != field}
    with pytest.raises(SkippableError) as refused:
        dossier_national.read_case(record)
    assert refused.value.reason == "missing_field"
