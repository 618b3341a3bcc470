"""Headings of tables: which column means which field of a kind.

Headings are compared folded: without diacritics, case and punctuation, so that `Mã chỉ tiêu`, `MA_CHI_TIEU` and `ma chi tieu` are one.
Each field has a list of headings in Vietnamese and English; where a table has several of them, the one that stands first in
the list is read. Columns of persons (name, phone, address) are known and never read. Others are drift.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from ioc.errors import SkippableError

MAX_COLUMNS = 64
"""A table with more columns is none of these."""


@dataclass(frozen=True)
class Vocabulary:
    """The columns of one kind's tables.

    Attributes:
        headings: by field, the headings it may stand under, folded.
        required: a table that lacks one of these fields (each a choice of fields) is none of this kind.
    """

    headings: Mapping[str, tuple[str, ...]]
    required: tuple[tuple[str, ...], ...]

    @property
    def known(self) -> frozenset[str]:
        """Fields that records of this kind may have."""
        return frozenset(self.headings) | HIDDEN

    @cached_property
    def ranks(self) -> dict[str, tuple[str, int]]:
        """By heading: its field, and how many headings of that field are read rather than this one."""
        return {
            heading: (field, rank) for field, headings in self.headings.items() for rank, heading in enumerate(headings)
        }

    def missing(self, fields: Iterable[str]) -> list[str]:
        """Required fields that are not among `fields`."""
        there = set(fields)
        return [" or ".join(choice) for choice in self.required if there.isdisjoint(choice)]


PLACE, UPDATED, COLUMNS = "_place", "_updated_ms", "_columns"
"""Beside the fields of a row: where it stands, the update time that holds for it, and its columns by field."""

HIDDEN = frozenset({PLACE, UPDATED, COLUMNS})

_UNIT = ("ma_don_vi", "unit", "unit_code", "don_vi", "don_vi_bao_cao", "don_vi_quan_ly", "co_quan")

STATISTIC = Vocabulary(
    {
        "series": ("series", "ma_chi_tieu", "series_code", "indicator", "chi_tieu", "chuoi_so_lieu"),
        "unit": _UNIT,
        "period": ("period", "ky", "ky_bao_cao", "ky_so_lieu", "thoi_gian"),
        "value": ("value", "gia_tri", "so_lieu", "ket_qua", "thuc_hien"),
        "numerator": ("numerator", "tu_so"),
        "denominator": ("denominator", "mau_so"),
        "percentage": ("percentage", "percent", "ty_le", "ti_le", "ty_le_phan_tram"),
    },
    (("series",), ("unit",), ("period",), ("value", "percentage")),
)

FACILITY = Vocabulary(
    {
        "code": ("code", "ma", "ma_co_so", "ma_truong", "ma_tram", "ma_camera", "ma_he_thong"),
        "type": ("type", "loai", "loai_hinh", "loai_co_so"),
        "category": ("category", "phan_loai", "cap", "cap_hoc", "cap_do", "hang"),
        "unit": _UNIT,
        "online": ("online", "truc_tuyen", "ket_noi", "dang_su_dung", "hoat_dong"),
        "approved": ("approved", "phe_duyet", "duoc_phe_duyet", "da_phe_duyet"),
        "complete": ("complete", "day_du", "trien_khai_day_du", "hoan_thanh"),
        "last_seen": ("last_seen", "lan_cuoi", "ket_noi_cuoi", "thoi_diem_ket_noi"),
    },
    (("code",), ("type",), ("online",)),
)

VESSEL = Vocabulary(
    {
        "registration": ("registration", "so_dang_ky", "so_hieu", "ma_tau"),
        "length": ("length", "length_m", "chieu_dai", "chieu_dai_m", "chieu_dai_lon_nhat"),
        "licensed_until": ("licensed_until", "han_giay_phep", "giay_phep_den", "giay_phep_den_ngay"),
        "tracked": ("tracked", "giam_sat_hanh_trinh", "co_giam_sat", "lap_vms"),
        "unit": _UNIT,
    },
    (("registration",), ("length",), ("tracked",)),
)

NEVER_READ = frozenset(
    {
        "id", "stt", "tt", "no", "name", "ten", "ten_chi_tieu", "ten_don_vi", "ten_co_so", "ten_truong", "ten_tau",
        "don_vi_tinh", "dvt", "measure", "ghi_chu", "note", "notes", "nguoi_lap", "nguoi_lap_bieu", "nguoi_bao_cao",
        "reporter", "nguoi_lien_he", "contact", "hieu_truong", "chu_tau", "thuyen_truong", "owner", "captain", "cccd", "cmnd",
        "phone", "dien_thoai", "so_dien_thoai", "email", "dia_chi", "address",
    }
)  # fmt: skip
"""Headings that somebody has looked at and that are not read: persons, free texts, numbers of rows."""


@lru_cache(maxsize=4096)
def folded(heading: str) -> str:
    """A heading without diacritics, case and punctuation; words are joined by `_`."""
    plain = unicodedata.normalize("NFD", heading.lower().replace("đ", "d"))
    kept = "".join(
        char if char.isascii() and char.isalnum() else " " for char in plain if not unicodedata.combining(char)
    )
    return "_".join(kept.split())


class Layout:
    """Which column of one table holds which field.

    Attributes:
        columns: field by column name, as the table writes it; None for a column that is not read.
        constants: fields that the table has no column for, and that hold for all of its rows.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        names: Iterable[str],
        mapping: Mapping[str, str] | None = None,
        constants: Mapping[str, str] | None = None,
    ) -> None:
        """Lays out the columns `names`; `mapping` (folded heading to field) goes before the vocabulary."""
        self._vocabulary = vocabulary
        self._mapping = mapping or {}
        best: dict[str, tuple[int, str]] = {}
        self.columns: dict[str, str | None] = {}
        for name in names:
            found = self._find(name)
            if found is None:
                self.columns[name] = self._other(name)
                continue
            field, rank = found
            self.columns[name] = None
            if field not in best or rank < best[field][0]:
                best[field] = rank, name
        for field, (_, name) in best.items():
            self.columns[name] = field
        self.constants = {k: v for k, v in (constants or {}).items() if k not in best}

    @property
    def fields(self) -> set[str]:
        """Fields that the table has."""
        return {f for f in self.columns.values() if f is not None and f in self._vocabulary.headings} | set(
            self.constants
        )

    def check(self) -> None:
        """Raises `SkippableError` when the table lacks a required column."""
        missing = self._vocabulary.missing(self.fields)
        if missing:
            raise SkippableError("missing_field", f"the table has no column for {', '.join(missing)}")

    def take(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row by field: what is never read is left out, unknown columns keep their folded heading."""
        taken: dict[str, Any] = dict(self.constants)
        columns = self.columns
        for name, value in row.items():
            try:
                field = columns[name]
            except KeyError:
                field = columns[name] = self._other(name) if self._find(name) is None else None
            if field is not None:
                taken[field] = value
        return taken

    def _find(self, name: str) -> tuple[str, int] | None:
        heading = folded(name)
        if heading in self._mapping:
            return self._mapping[heading], -1
        return self._vocabulary.ranks.get(heading)

    def _other(self, name: str) -> str | None:
        heading = folded(name)
        return None if not heading or heading in NEVER_READ else heading
