"""A log of dossiers from its source to the wall, with the parts killed on the way, equal to what pandas counts from the CSV."""

import json
import math
import random
import re
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import httpx
import pandas as pd
import psutil
import pytest

from tests.board_screen import Screen
from tests.browser import HD, chromium, screenshot, wait_round
from tests.e2e import made_log
from tests.e2e.live_stack import LiveStack
from tests.e2e.receipt_truth import LOCAL, QUESTIONS, final_dossiers, value
from tests.wall_page import decimals, number

RECEIPT = Path(__file__).parents[3] / "shared" / "domain" / "data" / "receipt.csv"
VICTIMS = ("worker", "sink", "clickhouse", "ingest")
PROVINCE = "000.00.00.H12"
UNKNOWN_CODE = "000.00.99.H12"
PATIENCE_S = 150.0
"""A bound on hanging, not a measure of speed."""

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module", params=["made", "receipt"])
def log(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of the source: always a made one, and the public one where it is at hand."""
    if request.param == "receipt":
        if not RECEIPT.is_file():
            pytest.skip("the public receipt log is not beside this checkout")
        return RECEIPT
    file = tmp_path_factory.mktemp("log") / "made.csv"
    made_log.write(file, cases=600, seed=11)
    return file


@pytest.fixture(scope="module")
def stack(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveStack]:
    """The whole stack over that log. While it flows, parts are killed -9 at random moments; all has arrived when it is handed out."""
    settings = {
        "IOC_EMBEDDED__SIMULATOR__LOG": str(log),
        "IOC_EMBEDDED__SIMULATOR__RATE": "0",
        **{f"IOC_SOURCES__{other}__ENABLED": "false" for other in ("IOFFICE", "HEALTH", "HUB")},
        # Small pages, so that the kills fall into the middle of the flow.
        "IOC_SOURCES__DOSSIER__PAGE_SIZE": "50",
        "IOC_SOURCES__DOSSIER__REQUESTS_PER_S": "15",
        "IOC_WORKER__CHECKPOINT_S": "2",
        "IOC_WALL__REFRESH_S": "1",
    }
    with LiveStack(tmp_path_factory.mktemp("stack"), settings) as live:
        _kill_at_random(live, random.Random(log.name))
        _until(lambda: _arrived(live) >= live.source_state()["visible"]["versions"], "every version in the history")
        yield live


def _kill_at_random(live: LiveStack, chance: random.Random) -> None:
    visible = live.source_state()["visible"]["versions"]
    shares = sorted(chance.uniform(0.02, 0.95) for _ in range(2 * len(VICTIMS)))
    victims = [name for _ in range(2) for name in chance.sample(VICTIMS, len(VICTIMS))]
    for share, name in zip(shares, victims, strict=True):
        _until(lambda share=share: _arrived(live) >= share * visible, f"{share:.0%} of the history")  # type: ignore[misc]
        before = live.kill(name)
        _until(lambda name=name, before=before: _runs_again(live, name, before), f"{name} started again")  # type: ignore[misc]


def _runs_again(live: LiveStack, name: str, before: int) -> bool:
    found = live.component(name)
    return found["pid"] not in (None, before) and found["restarts"] >= 1


def _arrived(live: LiveStack) -> int:
    """Versions in the history; 0 while ClickHouse is being started again."""
    try:
        return int(live.query("SELECT count() AS n FROM dossier_history FINAL")[0]["n"])
    except httpx.HTTPError:
        return 0


def _until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"not reached within {PATIENCE_S:.0f} s: {what}")
        time.sleep(0.2)


def _truth(live: LiveStack, log: Path) -> tuple[pd.DataFrame, date]:
    """The dossiers as the source shows them at this moment, and the local day."""
    state = live.source_state()
    now = pd.Timestamp(state["now"]).tz_convert("UTC")
    return final_dossiers(log, int(state["shift_days"]), now.to_pydatetime()), now.tz_convert(LOCAL).date()


def _same(shown: float | None, true: float | None) -> bool:
    if shown is None or true is None:
        return shown is None and true is None
    return math.isclose(shown, true, rel_tol=1e-9, abs_tol=1e-9)


def _differences(live: LiveStack, log: Path) -> list[str]:
    """Indicators, of the province and of each unit, that are not what pandas counts."""
    cases, today = _truth(live, log)
    # What is reported, and what is a total of others, is not in the log.
    rows = live.query(
        "SELECT code, unit, level, period_start, value FROM indicator_now "
        "WHERE sector = 'DVC' AND kind NOT IN ('latest', 'composite')"
    )
    known = {code: row["unit"] for row in live.query("SELECT * FROM unit_codes") if (code := row["raw_code"])}
    found = []
    for row in rows:
        start = date.fromisoformat(row["period_start"])
        if row["level"] == "province":
            part = cases
        elif row["level"] == "unknown":
            part = cases[~cases["unit"].isin(list(known))]
        else:
            part = cases[cases["unit"].map(known) == row["unit"]]
        true = value(QUESTIONS[row["code"]], part, start, today)
        if not _same(row["value"], true):
            found.append(f"{row['code']} {row['unit']}: {row['value']}, by pandas {true}")
    assert {row["code"] for row in rows if row["level"] == "province"} == set(QUESTIONS)
    return found


def test_every_indicator_equals_pandas(stack: LiveStack, log: Path) -> None:
    _until(
        lambda: not _differences(stack, log),
        "indicator_now equal to pandas: " + "; ".join(_differences(stack, log)[:10]),
    )
    cases, _ = _truth(stack, log)
    assert len(cases) > 100


def test_units_that_nobody_knows_are_shown_and_counted(stack: LiveStack, log: Path) -> None:
    cases, _ = _truth(stack, log)
    unknown = stack.query("SELECT raw_code, entities FROM unknown_units")
    assert {row["raw_code"]: int(row["entities"]) for row in unknown} == {
        UNKNOWN_CODE: int((cases["unit"] == UNKNOWN_CODE).sum())
    }
    by_unit = stack.query("SELECT level, sum(numerator) AS n FROM indicator_now WHERE code = 'DVC-004' GROUP BY level")
    figures = {row["level"]: int(row["n"]) for row in by_unit}
    assert figures.pop("province") == sum(figures.values())


def test_history_holds_each_version_once(stack: LiveStack) -> None:
    state = stack.source_state()
    assert _arrived(stack) == state["visible"]["versions"]
    (row,) = stack.query("SELECT count() AS n, countIf(deleted) AS gone FROM dossier")
    assert (int(row["n"]), int(row["gone"])) == (state["visible"]["dossiers"], 0)
    assert stack.query("SELECT count() AS n FROM dead_letters")[0]["n"] in (0, "0")


def test_reconcile_finds_no_difference(stack: LiveStack) -> None:
    report = json.loads(stack.ioc("reconcile", "--json").stdout)
    assert report["differences"] == []
    assert report["cells"] > 0


def test_explain_prints_the_way_of_an_indicator(stack: LiveStack) -> None:
    printed = stack.ioc("explain", "DVC-011").stdout
    for station in ("events.dossier", "dossier_by_received_at", "partials", "indicator_now", "Trung tâm Giám sát"):
        assert station in printed


def test_status_names_every_part_and_what_was_restarted(stack: LiveStack) -> None:
    status = stack.status()
    components = {c["name"]: c for c in status["components"]}
    assert set(components) == {
        "supervisor",
        "kafka",
        "clickhouse",
        "sink",
        "worker",
        "ingest",
        "simulator",
        "brief",
        "prometheus",
        "wall",
    }
    assert all(c["pid"] and c["memory_bytes"] > 0 for c in components.values())
    assert all(components[name]["restarts"] >= 2 for name in VICTIMS)
    assert {s["name"] for s in status["stages"]} >= {"ingest", "worker", "sink"}


def _figures(screen: Screen) -> dict[str, str]:
    """Name of an indicator → the text of its figure, of all tiles and of the tables of indicators on all pages."""
    shown: dict[str, str] = {}
    for _ in screen.pages():
        for tile in screen.tiles():
            if tile.found["figure"]:
                shown[tile.title] = tile.found["figure"]
            for row in tile.rows:
                if "Chỉ tiêu" in row and re.search(r"\d", row["Giá trị"]["text"]):
                    shown.setdefault(row["Chỉ tiêu"]["text"], row["Giá trị"]["text"])
    return shown


def _shown_as(text: str | None, true: float | None, what: str) -> bool:
    """Whether the text is the figure with the decimals that it is shown with; what cannot be divided is not shown."""
    if true is None:
        assert text is None, f"{what}: nothing to divide by, and yet {text}"
        return False
    assert text is not None, what
    assert abs(number(text) - true) <= 0.5 * 10 ** -decimals(text) + 1e-9, what
    return True


def test_the_wall_and_its_sector_show_the_same_figures(stack: LiveStack, log: Path) -> None:
    url = f"http://127.0.0.1:{stack.settings.wall.port}"
    names = {
        row["name_vi"]: row["code"]
        for row in stack.query(
            "SELECT DISTINCT name_vi, code FROM indicator_now WHERE sector = 'DVC' AND kind NOT IN ('latest', 'composite')"
        )
    }
    with chromium() as browser:
        page = browser.new_page(viewport=HD)  # type: ignore[arg-type]
        page.goto(f"{url}/?rotate=0")
        wait_round(page, 1)
        vital = {
            str(one.get_attribute("data-column")): one.query_selector("b").inner_text()  # type: ignore[union-attr]
            for one in page.query_selector_all(".vital[data-value]")
        }
        screenshot(page, f"e2e-{log.stem}")
        with Screen(browser, url, "sector-dvc", HD, kiosk=False) as screen:
            figures = _figures(screen)
            assert "Dịch vụ công" in screen.page.inner_text("body")
    cases, today = _truth(stack, log)
    start = date(today.year, 1, 1)
    own = [code for code in ("DVC-011", "DVC-002", "DVC-003") if code in QUESTIONS]
    assert sum(_shown_as(vital.get(code), value(QUESTIONS[code], cases, start, today), code) for code in own) >= 2
    compared = sum(
        _shown_as(figures.get(name), value(QUESTIONS[code], cases, start, today), name)
        for name, code in names.items()
        if name in figures
    )
    assert compared >= 20


def test_clickhouse_answers_while_data_flow(stack: LiveStack) -> None:
    clickhouse = stack.settings.clickhouse
    from clickhouse_driver import Client

    client = Client(
        clickhouse.host,
        port=clickhouse.native_port,
        user=clickhouse.analyst.user,
        password=clickhouse.analyst.password.get_secret_value(),
        database=clickhouse.database,
    )
    try:
        (driver,) = client.execute(
            "SELECT numerator FROM indicator_now WHERE code = 'DVC-001' AND unit = %(u)s", {"u": PROVINCE}
        )
    finally:
        client.disconnect()
    (curl,) = stack.query(f"SELECT numerator FROM indicator_now WHERE code = 'DVC-001' AND unit = '{PROVINCE}'")
    assert driver[0] == int(curl["numerator"])


def _moment(live: LiveStack, sql: str) -> pd.Timestamp:
    (row,) = live.query(sql)
    return pd.Timestamp(row["at"], tz="UTC")


def test_figures_grow_old_while_the_worker_stands_still(stack: LiveStack) -> None:
    # What is reported is as old as its period.
    shown = "SELECT min(as_of) AS at FROM indicator_now WHERE sector = 'DVC' AND kind NOT IN ('latest', 'composite')"
    read = "SELECT min(source_time) AS at FROM feeds FINAL WHERE source != 'fold'"
    worker = psutil.Process(int(stack.component("worker")["pid"]))
    worker.suspend()
    try:
        stood = pd.Timestamp.now("UTC")
        _until(lambda: _moment(stack, read) > stood + pd.Timedelta(seconds=6), "the connector read on")
        assert _moment(stack, shown) <= stood
    finally:
        worker.resume()
    _until(lambda: _moment(stack, shown) > stood, "figures renewed")
