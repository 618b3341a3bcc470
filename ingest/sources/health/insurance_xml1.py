"""XML1 of an insurance file (bảng chỉ tiêu tổng hợp khám bệnh, chữa bệnh): from base64 to fields.

TONG_HOP / MA_LK, STT, MA_BN, …
"""

import binascii
import xml.etree.ElementTree as ET
from xml.parsers import expat

from ingest.sources.health.xml_text import DTD_REFUSED, to_utf8, undecodable
from ioc.errors import SkippableError

FIELDS = frozenset({
    "ma_lk", "stt", "ma_bn", "ho_ten", "so_cccd", "ngay_sinh", "gioi_tinh", "nhom_mau", "ma_quoctich", "ma_dantoc",
    "ma_nghe_nghiep", "dia_chi", "matinh_cu_tru", "mahuyen_cu_tru", "maxa_cu_tru", "dien_thoai", "ma_the_bhyt",
    "ma_dkbd", "gt_the_tu", "gt_the_den", "ngay_mien_cct", "ly_do_vv", "ly_do_vnt", "ma_ly_do_vnt", "chan_doan_vao",
    "chan_doan_rv", "ma_benh_chinh", "ma_benh_kt", "ma_benh_yhct", "ma_pttt_qt", "ma_doituong_kcb", "ma_noi_di",
    "ma_noi_den", "ma_tai_nan", "ngay_vao", "ngay_vao_noi_tru", "ngay_ra", "giay_chuyen_tuyen", "so_ngay_dtri",
    "pp_dieu_tri", "ket_qua_dtri", "ma_loai_rv", "ghi_chu", "ngay_ttoan", "t_thuoc", "t_vtyt", "t_tongchi_bv",
    "t_tongchi_bh", "t_bntt", "t_bncct", "t_bhtt", "t_nguonkhac", "t_bhtt_gdv", "nam_qt", "thang_qt", "ma_loai_kcb",
    "ma_khoa", "ma_cskcb", "ma_khuvuc", "can_nang", "can_nang_con", "nam_nam_lien_tuc", "ngay_tai_kham", "ma_hsba",
    "ma_ttdv", "du_phong",
})  # fmt: skip
"""What XML1 has by Decisions 130, 4750 and 3176, in lower case."""

_ROOT = "tong_hop"


def _parser() -> ET.XMLParser:
    return ET.XMLParser(encoding="utf-8")  # noqa: S314 (documents with a DTD never come to it, and without one no entity can be made)


def xml1(encoded: str) -> dict[str, str]:
    """The fields of an XML1 in base64; keys in lower case, empty elements as empty texts.

    Raises:
        SkippableError: it is no base64, no XML, or another table.
    """
    root = _parsed(_decoded(encoded))
    if _key(root.tag) != _ROOT:
        raise SkippableError("unknown_kind", "XML1: its root is not TONG_HOP")
    fields: dict[str, str] = {}
    for element in root:
        if len(element):
            raise SkippableError("undecodable", "XML1: a field holds elements")
        fields[_key(element.tag)] = element.text or ""
    if len(fields) != len(root):
        raise SkippableError("contradiction", "XML1: a field stands in it twice")
    return fields


def _decoded(encoded: str) -> bytes:
    """The bytes that a text in base64 stands for; blanks and line breaks in it do not count."""
    if not encoded.isascii():
        raise undecodable("NOIDUNGFILE of XML1 is not base64: other than ASCII")
    compact = "".join(encoded.split())
    if not compact:
        raise undecodable("NOIDUNGFILE of XML1 is empty")
    try:
        return binascii.a2b_base64(compact, strict_mode=True)
    except binascii.Error as error:
        raise undecodable(f"NOIDUNGFILE of XML1 is not base64: {error}") from None


def _parsed(document: bytes) -> ET.Element:
    try:
        document = to_utf8(document)(document, True)
    except UnicodeError:
        raise undecodable("XML1 is not UTF-16") from None
    # Only in a comment or in CDATA could these characters stand for anything else, and nothing needed is in either.
    if b"<!DOCTYPE" in document:
        raise undecodable(f"XML1: {DTD_REFUSED}")
    try:
        return ET.XML(document, _parser())
    except ET.ParseError as error:
        raise undecodable(f"XML1 is not XML: {expat.ErrorString(error.code)}") from None


def _key(tag: str) -> str:
    """A name without namespace, in lower case."""
    return tag.rpartition("}")[2].lower()
