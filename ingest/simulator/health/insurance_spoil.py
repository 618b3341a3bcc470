"""What goes wrong with insurance files. A spoiled file comes beside the true one; what it makes up is of visits that there are not."""

import base64
from collections.abc import Callable, Sequence

from ingest.simulator.faults import Faults
from ingest.simulator.health.insurance_xml import PLAIN, Style, Visit, document, encoded, envelope, file_hoso, hoso
from ingest.simulator.records import HUGE_BYTES

DTD = '<?xml version="1.0"?>\n<!DOCTYPE GIAMDINHHS [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n'

Told = Callable[[Visit], str]


def _bogus(visit: Visit, number: int) -> Visit:
    return visit.but(MA_LK=f"BOGUS{number}")


def _xml1(content: str) -> str:
    return envelope([file_hoso("XML1", content)])


_HOSOS: dict[str, Told] = {
    "bad_base64": lambda _visit: _xml1(encoded("<TONG_HOP/>")[:-5] + "!!!"),
    "bad_xml": lambda _visit: _xml1(encoded("<TONG_HOP><MA_LK>1</TONG_HOP>")),
    "inner_dtd": lambda _visit: _xml1(base64.b64encode((DTD + "<TONG_HOP/>").encode()).decode()),
    "missing_required": lambda visit: hoso(visit.but(MA_LK="")),
    "no_general": lambda _visit: envelope([file_hoso("XML5", encoded("<A/>"))]),
    "wrong_code": lambda visit: hoso(visit.but(MA_LOAI_RV="99")),
    "fractional_money": lambda visit: hoso(visit.but(T_TONGCHI_BV="1234.5678")),
    "discharged_first": lambda visit: hoso(visit.but(NGAY_RA="200001010000")),
    "parts_over_total": lambda visit: hoso(visit.but(T_THUOC="999999999")),
    "huge_record": lambda visit: hoso(visit.but(GHI_CHU="x" * HUGE_BYTES)),
}
"""One HOSO more, which is bad."""

FILES = (
    "wrong_count",
    "truncated",
    "outer_dtd",
    "other_root",
    "not_xml",
    "unknown_field",
    "duplicate",
    "out_of_order",
    "wrong_encoding",
)
"""The whole file once more, otherwise."""

NAMES = (*_HOSOS, *FILES)


def spoiled(name: str, facility: str, compiled: str, visits: Sequence[Visit], faults: Faults) -> bytes:
    """The file that a fault drops beside the true one of these visits; there is at least one."""
    fired = faults.fired[name]
    if name in _HOSOS:
        return document(facility, compiled, [_HOSOS[name](_bogus(visits[0], fired))])
    if name == "out_of_order":
        visits = faults.random.sample(visits, len(visits))
    if name == "unknown_field":
        style = PLAIN
        hosos = [_with_unknown(visit) for visit in visits]
    else:
        style = Style(encoding="utf-16") if name == "wrong_encoding" else PLAIN
        hosos = [hoso(visit, style) for visit in visits]
    whole = document(facility, compiled, hosos, style, str(len(hosos) + 1) if name == "wrong_count" else None)
    if name == "truncated":
        return whole[: -len(hosos[-1].encode()) // 2 - 100]
    if name == "outer_dtd":
        return DTD.encode() + whole.partition(b"\n")[2]
    if name == "other_root":
        return whole.replace(b"GIAMDINHHS", b"DANHMUCTHUOC")
    if name == "not_xml":
        return b"%PDF-1.7 CANARY-TEN Nguy\xe1\xbb\x85n V\xc4\x83n A"
    return whole


def _with_unknown(visit: Visit) -> str:
    known = hoso(visit.but(TRUONG_MOI="chưa từng có"))
    return known.replace("</HOSO>", file_hoso("XML99", encoded("<MOI/>")) + "</HOSO>")
