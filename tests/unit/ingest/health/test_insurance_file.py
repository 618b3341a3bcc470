"""Insurance files: one record for each HOSO, whatever the file looks like; what is wrong costs no more than it must."""

import base64
import io
import time
import tracemalloc
from collections.abc import Iterator

import pytest

from ingest.simulator.health.insurance_spoil import DTD
from ingest.simulator.health.insurance_xml import (
    STYLES,
    Style,
    Visit,
    document,
    encoded,
    envelope,
    file_hoso,
    hoso,
)
from ingest.source import Record
from ingest.sources.health.insurance_file import ARRIVED, COMPILED, FACILITY, InsuranceFile
from ingest.sources.health.insurance_hoso import MAX_HOSO_BYTES

FIELDS = {"MA_LK": "LK1", "HO_TEN": "Nguyễn Thị Ánh", "GHI_CHU": "a < b & c", "MA_BENH_CHINH": "J18.9", "DU_PHONG": ""}
UTF16 = Style(encoding="utf-16", inner="utf-16")


def visits(number: int) -> list[Visit]:
    return [Visit({**FIELDS, "MA_LK": f"LK{n}"}, drugs=[{"MA_LK": f"LK{n}"}]) for n in range(number)]


def read(body: bytes) -> list[Record]:
    return list(InsuranceFile(None, 7).records(io.BytesIO(body)))


def of(*hosos: str, **changes: str) -> bytes:
    return document("96001", "202611210830", hosos, **changes)  # type: ignore[arg-type]


def reasons(records: list[Record]) -> list[str | None]:
    return [record.fault.reason if record.fault else None for record in records]


@pytest.mark.parametrize("style", [*STYLES, UTF16])
def test_every_way_of_writing_says_the_same(style: Style) -> None:
    records = read(document("96001", "202611210830", [hoso(visit, style) for visit in visits(40)], style))
    assert reasons(records) == [None] * 40
    assert [record.fields["ma_lk"] for record in records] == [f"LK{n}" for n in range(40)]
    assert {name: records[3].fields[name].strip() for name in ("ho_ten", "ghi_chu", "du_phong")} == {
        "ho_ten": "Nguyễn Thị Ánh",
        "ghi_chu": "a < b & c",
        "du_phong": "",
    }
    told = {name: records[3].fields[name] for name in (FACILITY, COMPILED, ARRIVED, "xml1", "xml2")}
    assert told == {FACILITY: "96001", COMPILED: "202611210830", ARRIVED: 7, "xml1": 1, "xml2": 1}


def test_raw_is_the_hoso_and_nothing_else() -> None:
    texts = [hoso(visit) for visit in visits(400)]
    assert [record.raw.decode() for record in read(of(*texts))] == texts


@pytest.mark.parametrize("style", [Style(indent=True), UTF16])
def test_raw_holds_whole_hosos_in_other_styles(style: Style) -> None:
    texts = [hoso(visit, style) for visit in visits(60)]
    records = read(document("96001", "20261121", texts, style))
    assert [record.raw.decode() for record in records] == [text.rstrip() for text in texts]


def test_a_name_in_lower_case_and_other_order_of_files_do_not_count() -> None:
    first = envelope(
        [file_hoso("XML5", encoded("<A/>")), file_hoso("xml1", encoded("<tong_hop><ma_lk>L</ma_lk></tong_hop>"))]
    )
    turned = f"<HOSO><FILEHOSO><NOIDUNGFILE>{encoded('<TONG_HOP><MA_LK>M</MA_LK></TONG_HOP>')}</NOIDUNGFILE><LOAIHOSO> XML1 </LOAIHOSO></FILEHOSO></HOSO>"
    assert [record.fields["ma_lk"] for record in read(of(first, turned))] == ["L", "M"]


def test_content_in_cdata_and_a_comment_between() -> None:
    content = f"<![CDATA[{encoded('<TONG_HOP><MA_LK>L</MA_LK></TONG_HOP>')}]]>"
    (record,) = read(of(f"<!-- </HOSO> -->{envelope([file_hoso('XML1', content)])}"))
    assert record.fields["ma_lk"] == "L"


def test_elements_and_tables_that_nobody_knows_are_fields_of_their_own() -> None:
    new = hoso(Visit({"MA_LK": "L", "TRUONG_MOI": "1"})).replace(
        "</HOSO>", f"<GHICHU>x</GHICHU>{file_hoso('XML99', '')}</HOSO>"
    )
    body = of(new).replace(b"<SOLUONGHOSO>", b"<PHIENBAN>2</PHIENBAN><SOLUONGHOSO>")
    (record,) = read(body)
    assert record.fault is None
    assert {"truong_moi", "hoso.ghichu", "xml99", "file.phienban"} <= set(record.fields)


def test_a_text_in_the_place_of_a_table_is_not_shown() -> None:
    good = hoso(Visit({"MA_LK": "L"}))
    (record,) = read(of(good.replace("</HOSO>", file_hoso("CANARY Nguyễn", "") + "</HOSO>")))
    assert record.fields["hoso.loaihoso"] == 1
    assert "canary" not in repr(list(record.fields)).lower()


def test_what_stands_in_the_signature_is_not_looked_at() -> None:
    body = of(hoso(visits(1)[0])).replace(b"<CHUKYDONVI/>", b"<CHUKYDONVI><HOSO/><NGAYLAP>1</NGAYLAP></CHUKYDONVI>")
    (record,) = read(body)
    assert record.fields[COMPILED] == "202611210830"


BAD = {
    "no base64": (envelope([file_hoso("XML1", "@@@@")]), "undecodable"),
    "base64 cut": (envelope([file_hoso("XML1", encoded("<TONG_HOP/>")[:-3])]), "undecodable"),
    "other than ascii": (envelope([file_hoso("XML1", "ế")]), "undecodable"),
    "empty": (envelope([file_hoso("XML1", "")]), "undecodable"),
    "no XML": (envelope([file_hoso("XML1", encoded("<TONG_HOP><A></TONG_HOP>"))]), "undecodable"),
    "windows-1258": (
        envelope([file_hoso("XML1", base64.b64encode(b"<TONG_HOP><A>\xc2\xec</A></TONG_HOP>").decode())]),
        "undecodable",
    ),
    "half of UTF-16": (envelope([file_hoso("XML1", base64.b64encode(b"\xff\xfe<\0A").decode())]), "undecodable"),
    "a DTD": (envelope([file_hoso("XML1", base64.b64encode((DTD + "<TONG_HOP/>").encode()).decode())]), "undecodable"),
    "elements in fields": (envelope([file_hoso("XML1", encoded("<TONG_HOP><A><B/></A></TONG_HOP>"))]), "undecodable"),
    "a field twice": (envelope([file_hoso("XML1", encoded("<TONG_HOP><A/><a/></TONG_HOP>"))]), "contradiction"),
    "another table": (envelope([file_hoso("XML1", encoded("<CHITIEU_CHITIET_THUOC/>"))]), "unknown_kind"),
    "no XML1": (envelope([file_hoso("XML2", encoded("<TONG_HOP/>"))]), "missing_field"),
    "nothing": ("<HOSO/>", "missing_field"),
    "XML1 twice": (envelope([file_hoso("XML1", encoded("<TONG_HOP/>"))] * 2), "contradiction"),
    "too large": (envelope([file_hoso("XML1", "A" * (2 * MAX_HOSO_BYTES))]), "too_large"),
    "just too large": (envelope([file_hoso("XML2", "A" * MAX_HOSO_BYTES)]), "too_large"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_hoso_costs_itself(what: str) -> None:
    bad, reason = BAD[what]
    good = [hoso(visit) for visit in visits(3)]
    records = read(of(good[0], bad, good[1], good[2]))
    assert reasons(records) == [None, reason, None, None]
    assert records[1].raw.decode("utf-8", "ignore") == bad[:MAX_HOSO_BYTES]
    assert records[1].fields == {}


@pytest.mark.parametrize("share", [0.02, 0.3, 0.55, 0.8, 0.995])
def test_of_a_file_that_was_cut_the_whole_hosos_count(share: float) -> None:
    texts = [hoso(visit) for visit in visits(200)]
    whole = of(*texts)
    cut = whole[: int(len(whole) * share)]
    records = read(cut)
    complete = cut.count(b"</HOSO>")
    assert reasons(records) == [None] * complete + ["undecodable"]
    assert cut.endswith(records[-1].raw)
    assert f"no further than HOSO {complete}:" in str(records[-1].fault)


@pytest.mark.parametrize(
    ("told", "reason"), [("4", "contradiction"), ("2", "contradiction"), ("", "missing_field"), ("ba", "invalid_value")]
)
def test_a_wrong_number_of_hosos_stands_beside_the_good_ones(told: str, reason: str) -> None:
    records = read(of(*[hoso(visit) for visit in visits(3)], told=told))
    assert reasons(records) == [None, None, None, reason]
    assert b"<NGAYLAP>202611210830</NGAYLAP>" in records[-1].raw
    assert b"NOIDUNGFILE" not in records[-1].raw


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "undecodable"),
        (b"%PDF-1.7 not XML", "undecodable"),
        (b"<GIAMDINHHS>", "undecodable"),
        (b"<DANHMUC><HOSO/></DANHMUC>", "unknown_kind"),
        (DTD.encode() + of(hoso(visits(1)[0])).partition(b"\n")[2], "undecodable"),
        (b"<GIAMDINHHS>" + b"<A>" * 100, "undecodable"),
        (b"<GIAMDINHHS><A " + b"x" * 3_000_000, "too_large"),
        (b"<GIAMDINHHS>" + b"\xff\xfe" * 10, "undecodable"),
        (b"\xff\xfe<\0G", "undecodable"),
        (b"\xff\xfe" + b"\x00\xd8" * 5, "undecodable"),
    ],
)
def test_what_is_no_insurance_file_is_one_bad_record(body: bytes, reason: str) -> None:
    records = read(body)
    assert reasons(records) == [reason]
    assert len(records[0].raw) <= MAX_HOSO_BYTES


def test_a_tag_without_end_does_not_take_for_ever() -> None:
    began = time.process_time()
    assert reasons(read(b"<GIAMDINHHS><A b='" + b"x" * 30_000_000)) == ["too_large"]
    assert time.process_time() - began < 2


class Endless(io.RawIOBase):
    """A file of very many HOSO that is made while it is read."""

    def __init__(self, text: bytes, number: int) -> None:
        self._parts = self._made(text, number)
        self.size = 0

    def _made(self, text: bytes, number: int) -> Iterator[bytes]:
        head, _, tail = of("@", told=str(number)).partition(b"@")
        yield head
        for _ in range(number):
            yield text
        yield tail

    def read(self, size: int = -1) -> bytes:
        gathered = bytearray()
        while len(gathered) < size and (part := next(self._parts, None)) is not None:
            gathered += part
        self.size += len(gathered)
        return bytes(gathered)


def test_a_file_of_50_mb_costs_no_more_memory_than_a_small_one() -> None:
    text = hoso(Visit(FIELDS, tables={"XML5": {"DIEN_BIEN_LS": "x" * 60_000}})).encode()
    tracemalloc.start()
    stream = Endless(text, 650)
    found = sum(record.fault is None for record in InsuranceFile(None, 0).records(stream))  # type: ignore[arg-type]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == 650
    assert stream.size > 50e6
    assert peak < 4e6


def test_one_huge_hoso_costs_no_more_memory_either() -> None:
    text = envelope([file_hoso("XML1", "A" * 1_000_000 + "\n" * 1_000_000)] * 10).encode()
    tracemalloc.start()
    stream = Endless(text, 1)
    records = list(InsuranceFile(None, 0).records(stream))  # type: ignore[arg-type]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert reasons(records) == ["too_large"]
    assert stream.size > 19e6
    assert peak - 2 * len(text) < 8e6
