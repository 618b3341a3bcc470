"""Insurance files as facilities write them: made-up visits in, the bytes of GIAMDINHHS out (Decision 130/QĐ-BYT, 4750, 3176)."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

XML1_FIELDS = (
    "MA_LK", "STT", "MA_BN", "HO_TEN", "SO_CCCD", "NGAY_SINH", "GIOI_TINH", "NHOM_MAU", "MA_QUOCTICH", "MA_DANTOC",
    "MA_NGHE_NGHIEP", "DIA_CHI", "MATINH_CU_TRU", "MAHUYEN_CU_TRU", "MAXA_CU_TRU", "DIEN_THOAI", "MA_THE_BHYT",
    "MA_DKBD", "GT_THE_TU", "GT_THE_DEN", "NGAY_MIEN_CCT", "LY_DO_VV", "LY_DO_VNT", "MA_LY_DO_VNT", "CHAN_DOAN_VAO",
    "CHAN_DOAN_RV", "MA_BENH_CHINH", "MA_BENH_KT", "MA_BENH_YHCT", "MA_PTTT_QT", "MA_DOITUONG_KCB", "MA_NOI_DI",
    "MA_NOI_DEN", "MA_TAI_NAN", "NGAY_VAO", "NGAY_VAO_NOI_TRU", "NGAY_RA", "GIAY_CHUYEN_TUYEN", "SO_NGAY_DTRI",
    "PP_DIEU_TRI", "KET_QUA_DTRI", "MA_LOAI_RV", "GHI_CHU", "NGAY_TTOAN", "T_THUOC", "T_VTYT", "T_TONGCHI_BV",
    "T_TONGCHI_BH", "T_BNTT", "T_BNCCT", "T_BHTT", "T_NGUONKHAC", "T_BHTT_GDV", "NAM_QT", "THANG_QT", "MA_LOAI_KCB",
    "MA_KHOA", "MA_CSKCB", "MA_KHUVUC", "CAN_NANG", "CAN_NANG_CON", "NAM_NAM_LIEN_TUC", "NGAY_TAI_KHAM", "MA_HSBA",
    "MA_TTDV", "DU_PHONG",
)  # fmt: skip
"""XML1 in the order of Decision 130."""

Row = Mapping[str, str]


@dataclass(frozen=True)
class Visit:
    """What one HOSO tells.

    Attributes:
        general: XML1, by its fields.
        drugs: XML2.
        services: XML3.
        tables: the other tables, by LOAIHOSO.
    """

    general: Row
    drugs: Sequence[Row] = ()
    services: Sequence[Row] = ()
    tables: Mapping[str, Row] | None = None

    def but(self, **fields: str) -> "Visit":
        """The same with other fields in XML1."""
        return replace(self, general={**self.general, **fields})


@dataclass(frozen=True)
class Style:
    """How a facility's program writes.

    Attributes:
        indent: line breaks and blanks between elements, and lines of 76 characters in base64.
        prefix: namespace prefix of every outer element.
        encoding: of the outer file, `utf-8`, `utf-8-sig` or `utf-16`.
        inner: of the inner ones.
        declared: the encoding that the inner ones say they have.
    """

    indent: bool = False
    prefix: str = ""
    encoding: str = "utf-8"
    inner: str = "utf-8"
    declared: str = "utf-8"


PLAIN = Style()
STYLES = (
    PLAIN,
    Style(indent=True),
    Style(encoding="utf-8-sig", inner="utf-8-sig"),
    Style(declared="utf-16"),
    Style(prefix="hs", indent=True),
)
"""As files of different programs look: bare, indented, with byte order marks, with a wrong declaration, with a namespace."""


def hoso(visit: Visit, style: Style = PLAIN) -> str:
    """One HOSO."""
    tables = [("XML1", _table("TONG_HOP", visit.general, style))]
    if visit.drugs:
        tables.append(("XML2", _list("CHITIEU_CHITIET_THUOC/DSACH_CHI_TIET_THUOC/CHI_TIET_THUOC", visit.drugs, style)))
    if visit.services:
        tables.append(
            ("XML3", _list("CHITIEU_CHITIET_DVKT_VTYT/DSACH_CHI_TIET_DVKT/CHI_TIET_DVKT", visit.services, style))
        )
    for kind, row in (visit.tables or {}).items():
        tables.append((kind, _table(f"CHI_TIEU_{kind}", row, style)))
    return envelope([file_hoso(kind, encoded(text, style), style) for kind, text in tables], style)


def envelope(files: Sequence[str], style: Style = PLAIN) -> str:
    """A HOSO of files as `file_hoso` makes them."""
    p = f"{style.prefix}:" if style.prefix else ""
    return f"<{p}HOSO>{_break(style)}{''.join(files)}</{p}HOSO>{_break(style)}"


def file_hoso(kind: str, content: str, style: Style = PLAIN) -> str:
    """One FILEHOSO; `content` is what stands in NOIDUNGFILE."""
    p = f"{style.prefix}:" if style.prefix else ""
    inner = f"<{p}LOAIHOSO>{kind}</{p}LOAIHOSO>{_break(style)}<{p}NOIDUNGFILE>{content}</{p}NOIDUNGFILE>"
    return f"<{p}FILEHOSO>{_break(style)}{inner}</{p}FILEHOSO>{_break(style)}"


def encoded(text: str, style: Style = PLAIN) -> str:
    """An inner file in base64."""
    whole = f'<?xml version="1.0" encoding="{style.declared}"?>{_break(style)}{text}'.encode(style.inner)
    plain = base64.encodebytes(whole) if style.indent else base64.b64encode(whole)
    return plain.decode("ascii")


def document(
    facility: str, compiled: str, hosos: Sequence[str], style: Style = PLAIN, told: str | None = None
) -> bytes:
    """A whole file; `told` is its SOLUONGHOSO, the true number when None."""
    p = f"{style.prefix}:" if style.prefix else ""
    at = f' xmlns:{style.prefix}="urn:giamdinh:hoso"' if style.prefix else ""
    told = str(len(hosos)) if told is None else told
    head = (
        f'<?xml version="1.0" encoding="{style.encoding.removesuffix("-sig")}"?>\n<{p}GIAMDINHHS{at}>{_break(style)}'
        f"<{p}THONGTINDONVI><{p}MACSKCB>{facility}</{p}MACSKCB></{p}THONGTINDONVI>{_break(style)}"
        f"<{p}THONGTINHOSO><{p}NGAYLAP>{compiled}</{p}NGAYLAP><{p}SOLUONGHOSO>{told}</{p}SOLUONGHOSO>"
        f"<{p}DANHSACHHOSO>{_break(style)}"
    )
    tail = f"</{p}DANHSACHHOSO></{p}THONGTINHOSO><{p}CHUKYDONVI/></{p}GIAMDINHHS>\n"
    return (head + "".join(hosos) + tail).encode(style.encoding)


def _table(root: str, row: Row, style: Style) -> str:
    return f"<{root}>{_break(style)}{_fields(row, style)}</{root}>"


def _list(path: str, rows: Sequence[Row], style: Style) -> str:
    root, middle, item = path.split("/")
    items = "".join(f"<{item}>{_fields(row, style)}</{item}>{_break(style)}" for row in rows)
    return f"<{root}><{middle}>{_break(style)}{items}</{middle}></{root}>"


def _fields(row: Row, style: Style) -> str:
    end = _break(style)
    return "".join(
        f"<{name}>{escape(value)}</{name}>{end}" if value else f"<{name}/>{end}" for name, value in row.items()
    )


def _break(style: Style) -> str:
    return "\n  " if style.indent else ""
