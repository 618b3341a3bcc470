"""What a dossier system does not say is null in both shapes; what its lists say is taken where the total is missing."""

from typing import Any

import pytest

from ingest.sources import dossier_national, dossier_rest

NOT_KNOWN = (
    "fee_vnd",
    "paid_online",
    "components",
    "components_digitised",
    "components_reused",
    "result_digitised",
    "vneid",
)
NATIONAL: dict[str, Any] = {
    "mahoso": "000.00.01.H12-010011", "matthc": "1.010727", "malinhvuc": "MT01", "loaidoituong": "4", "kenhtiepnhan": "1",
    "hinhthuc": "1", "trangthaihoso": "4", "donvixuly": "000.00.04.H12", "thanhtoantructuyen": "", "lephi": "", "dinhdanhvneid": "",
    "sothanhphan": "", "sothanhphansohoa": "", "sothanhphantaisudung": "", "ketquasohoa": "", "tailieunop": [], "danhsachlephi": [],
    "danhsachgiaytoketqua": [], "danhsachhosobosung": [],
}  # fmt: skip
REST: dict[str, Any] = {
    "nationcode": "000.00.01.H12-010011", "procedure": {"code": "1.010727"}, "sector": {"code": "MT01"}, "applicant": {"ownerType": 4},
    "applymethod": {"id": 1}, "dossierstatus": {"id": 2}, "currenttask": {"agency": {"code": "000.00.04.H12"}}, "supplements": [],
    "payment": None, "digitization": None, "vneid": None,
}  # fmt: skip


def national(**changed: Any) -> dict[str, Any]:
    _, _, data = dossier_national.read_case({**NATIONAL, **changed})
    return data


def rest(**changed: Any) -> dict[str, Any]:
    _, _, data = dossier_rest.read_case({**REST, **changed})
    return data


@pytest.mark.parametrize("name", NOT_KNOWN)
def test_what_is_not_said_is_null(name: str) -> None:
    assert national()[name] is None
    assert rest()[name] is None


def test_lists_answer_where_totals_are_missing() -> None:
    documents = [{"DuocSoHoa": "1", "DuocTaiSuDung": "0"}, {"DuocSoHoa": "1", "DuocTaiSuDung": "1"}]
    data = national(
        tailieunop=documents,
        danhsachlephi=[{"Gia": "8000"}, {"Gia": "2000"}],
        danhsachgiaytoketqua=[{"DuocSoHoa": "0"}],
    )
    assert (data["components"], data["components_digitised"], data["components_reused"]) == (2, 2, 1)
    assert (data["fee_vnd"], data["result_digitised"]) == (10_000, False)


def test_a_document_that_does_not_tell_leaves_the_count_open() -> None:
    data = national(tailieunop=[{"DuocSoHoa": "1"}, {"DuocSoHoa": ""}])
    assert (data["components"], data["components_digitised"]) == (2, None)


@pytest.mark.parametrize(
    ("flags", "digitised"),
    [([], None), ([""], None), (["0", ""], None), (["0", "0"], False), (["0", "1"], True), (["", "1"], True)],
)
def test_one_digital_paper_makes_a_digital_result(flags: list[str], digitised: bool | None) -> None:
    assert national(danhsachgiaytoketqua=[{"DuocSoHoa": flag} for flag in flags])["result_digitised"] is digitised


def test_a_total_is_over_its_list() -> None:
    assert national(sothanhphan="5", tailieunop=[{"DuocSoHoa": "1"}])["components"] == 5
    assert national(ketquasohoa="0", danhsachgiaytoketqua=[{"DuocSoHoa": "1"}])["result_digitised"] is False


@pytest.mark.parametrize(
    ("payment", "paid_online"),
    [
        ({"amount": 1, "online": True, "paid": True}, True),
        ({"amount": 1, "online": True, "paid": False}, False),
        ({"amount": 1, "online": False, "paid": True}, False),
        ({"amount": 1, "online": None, "paid": True}, None),
        ({"amount": 1}, None),
    ],
)
def test_paid_online_needs_both(payment: dict[str, Any], paid_online: bool | None) -> None:
    assert rest(payment=payment)["paid_online"] is paid_online
