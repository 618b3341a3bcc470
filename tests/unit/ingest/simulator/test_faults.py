"""Every fault: what the client gets, that it is counted, and that the true records are still to be had."""

import json
import unicodedata
from typing import Any

import aiohttp
import pytest

from ingest.simulator.errors import RequestError
from ingest.simulator.faults import NAMES, RECORDS, TRANSPORT, Faults
from ingest.simulator.records import HUGE_BYTES
from ingest.simulator.spoil import BOGUS_HEAD, wrong_encoding
from tests.unit.ingest.simulator.callers import Caller

WINDOW: dict[str, object] = {"TuNgay": "20200101000000", "DenNgay": "20200501000000"}


@pytest.fixture
async def truth(caller: Caller) -> list[dict[str, Any]]:
    """The 17 true records of the window."""
    records = await caller.all_pages("DongBoHoSoMC", 100, **WINDOW)
    assert len(records) == 17
    return records


async def once(caller: Caller, name: str, **more: object) -> list[dict[str, Any]]:
    """The page under one firing of a fault; checks that it fired once and that the next page is true again."""
    await caller.set_faults(**{name: {"times": 1, **more}})
    page: list[dict[str, Any]] = (await caller.call("DongBoHoSoMC", **WINDOW))["data"]
    assert await caller.fired() == {name: 1}
    return page


async def test_429_tells_when_to_come_again(caller: Caller, truth: list[dict[str, Any]]) -> None:
    await caller.set_faults(http_429={"times": 1, "retry_after": 7})
    response = await caller.post("DongBoHoSoMC", **WINDOW)
    assert (response.status, response.headers["Retry-After"]) == (429, "7")
    assert (await caller.call("DongBoHoSoMC", **WINDOW))["data"] == truth


async def test_5xx_in_turn_also_at_the_login(caller: Caller) -> None:
    await caller.set_faults(http_5xx={"times": 4})
    assert [(await caller.post("DongBoHoSoMC")).status for _ in range(2)] == [500, 502]
    assert (await caller.http.post("/api/login", json={})).status == 503
    assert (await caller.http.post("/oauth/token", data={})).status == 500
    assert await caller.fired() == {"http_5xx": 4}


async def test_an_expired_session_is_gone(caller: Caller, truth: list[dict[str, Any]]) -> None:
    await caller.set_faults(expired_session={"times": 1})
    for _ in range(2):
        assert (await (await caller.post("DongBoHoSoMC", **WINDOW)).json())["error_code"] == "99"
    await caller.login()
    assert (await caller.call("DongBoHoSoMC", **WINDOW))["data"] == truth
    await caller.get_token()
    await caller.set_faults(expired_session={"times": 1})
    assert [(await caller.get("/pa/dossier/search")).status for _ in range(2)] == [401, 401]


async def test_a_dropped_connection_ends_in_the_middle_of_the_body(caller: Caller, truth: list[dict[str, Any]]) -> None:
    await caller.set_faults(dropped={"times": 2})
    response = await caller.post("DongBoHoSoMC", **WINDOW)
    assert response.status == 200
    with pytest.raises(aiohttp.ClientPayloadError):
        await response.read()
    with pytest.raises(aiohttp.ClientPayloadError):
        await caller.search()
    assert (await caller.call("DongBoHoSoMC", **WINDOW))["data"] == truth


async def test_truncated_is_a_whole_answer(caller: Caller, truth: list[dict[str, Any]]) -> None:
    await caller.set_faults(truncated={"times": 1})
    body = await (await caller.post("DongBoHoSoMC", **WINDOW)).read()
    with pytest.raises(ValueError, match=r"Unterminated|Expecting|unexpected end"):
        json.loads(body)
    assert (await caller.call("DongBoHoSoMC", **WINDOW))["data"] == truth


async def test_wrong_encodings_by_turns_under_a_utf8_header(caller: Caller, truth: list[dict[str, Any]]) -> None:
    await caller.set_faults(wrong_encoding={"times": 2})
    for encoding in ("cp1258", "utf-16"):
        response = await caller.post("DongBoHoSoMC", **WINDOW)
        assert response.charset == "utf-8"
        body = await response.read()
        with pytest.raises(UnicodeDecodeError):
            body.decode("utf-8")
        assert json.loads(unicodedata.normalize("NFC", body.decode(encoding)))["data"] == truth


def test_all_vietnamese_letters_survive_windows_1258() -> None:
    text = "Tiếp nhận: ằ ẳ ẵ ặ ấ ầ ẩ ẫ ậ ế ề ể ễ ệ ố ồ ổ ỗ ộ ớ ờ ở ỡ ợ ứ ừ ử ữ ự ỳ ỷ ỹ ỵ Đ đ ì í ị ĩ ỉ Ư Ơ Ă"
    assert unicodedata.normalize("NFC", wrong_encoding(text.encode(), 1).decode("cp1258")) == text


async def test_slow_gives_the_true_answer_later(caller: Caller, truth: list[dict[str, Any]]) -> None:
    assert await once(caller, "slow", seconds=0.01) == truth
    await caller.set_faults(slow={"times": 1, "seconds": 60})
    with pytest.raises(TimeoutError):
        await caller.http.get(
            "/pa/dossier/search",
            headers={"Authorization": f"bearer {caller.token or await new_token(caller)}"},
            timeout=aiohttp.ClientTimeout(total=0.05),
        )


async def new_token(caller: Caller) -> str:
    await caller.get_token()
    return caller.token


async def test_duplicates_come_beside_the_true_ones(caller: Caller, truth: list[dict[str, Any]]) -> None:
    page = await once(caller, "duplicate")
    assert page[:17] == truth
    assert len(page) == 17 + 6
    assert all(record in truth for record in page)


async def test_out_of_order_is_the_same_page_shuffled(caller: Caller, truth: list[dict[str, Any]]) -> None:
    page = await once(caller, "out_of_order")
    assert page != truth
    assert sorted(page, key=repr) == sorted(truth, key=repr)


async def test_key_case_changes_by_turns_in_the_national_shape_only(
    caller: Caller, truth: list[dict[str, Any]]
) -> None:
    await caller.set_faults(key_case={"times": 3})
    seen = set()
    for _ in range(3):
        page = (await caller.call("DongBoHoSoMC", **WINDOW))["data"]
        assert [list(record.values()) for record in page] == [list(record.values()) for record in truth]
        seen.add(next(iter(page[0])))
    assert seen == {"MAHOSO", "mahoso", "maHoSo"}
    await caller.set_faults(key_case={"probability": 1})
    assert "nationCode" in (await caller.search())["content"][0]


async def test_a_dossier_due_before_received_has_a_code_of_its_own(caller: Caller, truth: list[dict[str, Any]]) -> None:
    page = await once(caller, "due_before_received")
    assert page[:17] == truth
    assert page[17]["MaHoSo"].startswith(BOGUS_HEAD)
    assert page[17]["NgayHenTra"] < page[17]["NgayTiepNhan"]
    await caller.set_faults(due_before_received={"times": 1})
    rest = (await caller.search())["content"][-1]
    assert rest["code"].startswith(BOGUS_HEAD)
    assert rest["appointmentDate"] < rest["acceptedDate"]


async def test_a_record_without_its_code_is_a_copy(caller: Caller, truth: list[dict[str, Any]]) -> None:
    page = await once(caller, "missing_required")
    assert page[:17] == truth
    assert page[17] == {key: value for key, value in truth[0].items() if key != "MaHoSo"}
    await caller.set_faults(missing_required={"times": 2})
    assert not {"id", "code", "nationCode"} & set((await caller.search())["content"][-1])
    assert "dossierCode" not in (await caller.search("/pa/rating/search"))["content"][-1]


async def test_unknown_fields_are_added(caller: Caller, truth: list[dict[str, Any]]) -> None:
    page = await once(caller, "unknown_field")
    assert all(len(record) == len(true) + 1 for record, true in zip(page, truth, strict=True))
    assert all(record.items() >= true.items() for record, true in zip(page, truth, strict=True))


async def test_a_huge_record_is_a_copy(caller: Caller, truth: list[dict[str, Any]]) -> None:
    page = await once(caller, "huge_record")
    assert page[:17] == truth
    assert page[17] == {**truth[0], "GhiChu": page[17]["GhiChu"]}
    assert len(page[17]["GhiChu"]) == HUGE_BYTES


async def test_a_fault_waits_for_what_it_applies_to(caller: Caller) -> None:
    await caller.set_faults(huge_record={"times": 1}, duplicate={"times": 1})
    await caller.call("DongBoHoSoMC", TuNgay="20300101000000")
    await caller.call("LayDanhSachTTHC")
    assert await caller.fired() == {"duplicate": 1}
    await caller.call("DongBoHoSoMC", **WINDOW)
    assert await caller.fired() == {"duplicate": 1, "huge_record": 1}


@pytest.mark.parametrize("name", NAMES)
async def test_under_any_fault_at_one_in_two_the_whole_window_is_read(
    caller: Caller, truth: list[dict[str, Any]], name: str
) -> None:
    await caller.set_faults(**{name: {"probability": 0.5, "seconds": 0.001, "retry_after": 0}})
    read: dict[tuple[str, str], dict[str, Any]] = {}
    for page in range(1, 10):
        for record in await patiently(caller, page):
            if (code := record.get("mahoso")) and not code.startswith(BOGUS_HEAD):
                read.setdefault((code, record["ngaycapnhat"]), record)
    assert set(read) == {(record["MaHoSo"], record["NgayCapNhat"]) for record in truth}
    assert (await caller.fired())[name] > 0


async def patiently(caller: Caller, page: int) -> list[dict[str, Any]]:
    """A page of two, asked for until it is whole; keys in lower case."""
    for _ in range(30):
        try:
            response = await caller.post("DongBoHoSoMC", **WINDOW, Trang=page, SoLuong=2)
            if response.status != 200:
                continue
            answer = json.loads((await response.read()).decode("utf-8"))
        except (aiohttp.ClientPayloadError, ValueError):
            continue
        if answer["error_code"] == "99":
            await caller.login()
        else:
            return [{key.lower(): value for key, value in record.items()} for record in answer["data"]]
    raise AssertionError(f"page {page} never came whole")


def test_draws_are_seeded() -> None:
    def draws(seed: int) -> list[bool]:
        faults = Faults(seed, {"slow": 0.5})
        return [faults.draw("slow") for _ in range(50)]

    assert draws(1) == draws(1)
    assert draws(1) != draws(2)


def test_only_one_transport_fault_meets_one_answer() -> None:
    faults = Faults(1, dict.fromkeys(NAMES, 1.0))
    assert faults.draw_one(TRANSPORT) == TRANSPORT[0]
    assert faults.fired == {TRANSPORT[0]: 1}
    assert set(NAMES) == set(TRANSPORT) | set(RECORDS)


@pytest.mark.parametrize(
    "wanted",
    [
        {"fire": {"times": 1}},
        {"slow": 1},
        {"slow": {"often": 1}},
        {"slow": {"probability": 2}},
        {"slow": {"times": -1}},
        {"slow": {"times": True}},
    ],
)
def test_a_wrong_setting_changes_nothing(wanted: dict[str, object]) -> None:
    faults = Faults()
    with pytest.raises(RequestError):
        faults.configure({"duplicate": {"times": 1}, **wanted})
    assert faults.settings == {}


async def test_faults_are_set_shown_and_switched_off(caller: Caller) -> None:
    await caller.set_faults(slow={"times": 1, "seconds": 2}, duplicate={"probability": 0.5})
    await caller.set_faults(slow=None)
    shown = await (await caller.http.get("/control/faults")).json()
    assert set(shown["settings"]) == {"duplicate"}
    assert shown["settings"]["duplicate"]["probability"] == 0.5
    refused = await caller.http.post("/control/faults", json={"fire": {}})
    assert refused.status == 400
    assert "no fault 'fire'" in (await refused.json())["message"]
