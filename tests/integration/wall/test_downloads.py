"""Files of a panel's result, by a click in a real browser and read back: every row, the chosen variables, the name, the limits."""

import csv
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import openpyxl
import pyarrow.parquet as parquet  # type: ignore[import-untyped]
import pytest
from playwright.sync_api import Browser

from tests.browser import HD
from tests.wall_boards import dashboard, folder
from tests.wall_world import ROOT_UNIT, WallProcess, World

TABLE, HOSTILE, LONG, SLOW = 4, 7, 20, 21
"""Panels: units with their figures; a value that would be SQL; more rows than a file has; more seconds than a query has."""


@pytest.fixture(scope="module")
def boards(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WallProcess]:
    directory = tmp_path_factory.mktemp("downloads")
    home = folder(directory)
    made = dashboard()
    source = made["panels"][3]["targets"][0]["datasource"]
    made["panels"][3]["title"] = 'Bảng: "Đơn vị" / ${level}'
    home.write_text(json.dumps(made), encoding="utf-8")
    heavy = []
    for number, title, sql in (
        (LONG, "Rất dài", "SELECT number, concat('dòng ', toString(number)) AS text FROM numbers(50001)"),
        (SLOW, "Rất lâu", "SELECT sum(sleepEachRow(1)) AS value FROM numbers(40) SETTINGS max_block_size = 1"),
    ):
        place = {"x": 0, "y": 0, "w": 8, "h": 4}
        target = {"refId": "A", "rawSql": sql, "datasource": source}
        heavy.append({"id": number, "type": "table", "title": title, "gridPos": place, "targets": [target]})
    (home.parent / "heavy.json").write_text(
        json.dumps({"uid": "ioc-heavy", "title": "Nặng", "panels": heavy}), encoding="utf-8"
    )
    with WallProcess(world, directory, home) as process:
        yield process


def asked(world: World, level: str) -> list[tuple[Any, ...]]:
    return world.query(
        f"SELECT unit_name, unit, value FROM indicator_now WHERE code = 'DVC-001' AND level = '{level}' "
        "ORDER BY value DESC, unit_name LIMIT 40"
    )


def get(boards: WallProcess, path: str, uid: str = "ioc-one", **given: str) -> httpx.Response:
    return httpx.get(f"{boards.url}/export/{uid}/{path}", params=given, timeout=120)


def test_a_click_saves_what_is_chosen_in_each_format(
    boards: WallProcess, browser: Browser, world: World, tmp_path: Path
) -> None:
    rows = asked(world, "commune")
    assert len(rows) == 40
    context = browser.new_context(viewport={"width": HD["width"], "height": HD["height"]}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(90_000)
    page.goto(f"{boards.url}/d/ioc-one?var-level=commune&viewPanel={TABLE}")
    page.wait_for_selector("#sheet[open] .files")
    files: dict[str, Path] = {}
    for title in ("CSV", "XLSX", "Parquet"):
        with page.expect_download() as caught:
            page.click(f"#sheet .files a:text-is('{title}')")
        name = caught.value.suggested_filename
        assert name.startswith("Một đơn vị - Bảng Đơn vị Xã")
        assert f"Đã tải {name}" in page.locator("#sheet").inner_text()
        files[title] = tmp_path / name
        caught.value.save_as(files[title])
    context.close()
    assert [file.suffix for file in files.values()] == [".csv", ".xlsx", ".parquet"]

    content = files["CSV"].read_bytes()
    assert content.startswith(b"\xef\xbb\xbf"), "Excel knows by it that the file is UTF-8"
    first, *lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert first == ["Đơn vị", "Mã đơn vị", "Giá trị"]
    assert [(name, unit, float(value)) for name, unit, value in lines] == rows
    book = openpyxl.load_workbook(files["XLSX"])
    assert list(book["Dữ liệu"].iter_rows(values_only=True)) == [tuple(first), *rows]
    table = parquet.read_table(files["Parquet"])
    assert table.column_names == ["name", "unit", "value"]
    assert [tuple(row.values()) for row in table.to_pylist()] == rows


def test_the_name_is_composed_and_told_in_both_ways(boards: WallProcess) -> None:
    answer = get(boards, f"{TABLE}.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    said = answer.headers["content-disposition"]
    plain, coded = said.removeprefix("attachment; ").split("; ")
    assert plain.startswith('filename="Mot don vi - Bang Don vi So nganh - ')
    name = unquote(coded.removeprefix("filename*=UTF-8''"))
    assert name.startswith("Một đơn vị - Bảng Đơn vị Sở ngành - ")
    assert not set(name) & set('/\\:"?*<>|')
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_what_there_is_not_and_what_is_not_allowed_is_said_in_words(boards: WallProcess) -> None:
    for path in ("999.csv", f"{TABLE}.pdf", "8.csv", "x.csv"):
        answer = get(boards, path)
        assert (answer.status_code, "Không có tệp" in answer.json()["error"]) == (404, True), path
    assert httpx.get(f"{boards.url}/export/no-such/4.csv").status_code == 404
    assert get(boards, f"{TABLE}.csv", query="B").status_code == 404
    wrong = get(boards, f"{TABLE}.csv", **{"var-level": "village"})
    assert (wrong.status_code, "village" in wrong.json()["error"]) == (400, True)
    refused = get(boards, f"{HOSTILE}.csv", **{"var-search": "' UNION ALL SELECT 1"})
    assert (refused.status_code, "${search:sqlstring}" in refused.json()["error"]) == (400, True)
    kept = get(boards, "6.csv", **{"var-search": "\\' OR 1 --"})
    assert list(csv.reader(io.StringIO(kept.content.decode("utf-8-sig"), newline="")))[1][0] == "\\' OR 1 --"


def test_too_long_a_result_is_refused_and_never_cut(boards: WallProcess) -> None:
    for form in ("csv", "xlsx", "parquet"):
        answer = get(boards, f"{LONG}.{form}", "ioc-heavy")
        assert (answer.status_code, "hơn 50.000 dòng" in answer.json()["error"]) == (413, True)


def test_the_details_say_why_there_is_no_file(boards: WallProcess, browser: Browser) -> None:
    page = browser.new_page()
    page.set_default_timeout(90_000)
    page.goto(f"{boards.url}/d/ioc-one?viewPanel={HOSTILE}&var-search=x")
    page.click("#sheet .files a:text-is('CSV')")
    page.wait_for_selector("#sheet .refused:has-text('${search:sqlstring}')")
    page.close()


def test_one_is_made_at_a_time_and_the_wall_goes_on(boards: WallProcess) -> None:
    """While one file takes as long as ClickHouse allows, five wait, the others are refused at once, and panels are answered."""
    with ThreadPoolExecutor(12) as pool:
        waiting = [
            pool.submit(get, boards, f"{SLOW}.csv", "ioc-heavy"),
            *(pool.submit(get, boards, f"{TABLE}.csv") for _ in range(11)),
        ]
        health = httpx.get(f"{boards.url}/api/frames", params={"uid": "ioc-one", "var-unit": ROOT_UNIT}, timeout=60)
        answers = [one.result() for one in waiting]
    assert health.status_code == 200
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(503) >= 12 - 2 * 5
    assert all("thử lại" in answer.json()["error"] for answer in answers if answer.status_code == 503)
    assert statuses.count(200) >= 4
    assert get(boards, f"{TABLE}.csv").status_code == 200
