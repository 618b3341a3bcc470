"""The brief of the day as the wall's server shows it, in a real browser."""

from pathlib import Path

import httpx

from tests.browser import HD, chromium
from tests.integration.brief.rig import Rig
from tests.wall_world import WallProcess


def test_the_brief_is_one_click_from_every_dashboard(rig: Rig, tmp_path: Path) -> None:
    with WallProcess(rig.world, tmp_path, settings={"IOC_BRIEF__DIRECTORY": str(rig.folder)}) as wall:
        early = httpx.get(f"{wall.url}/brief")
        assert early.status_code == 404
        assert "Chưa có bản tin. Bản tin của mỗi ngày được lập từ 06:30." in early.text

        assert rig.office().brief()
        (page,), (pdf,) = rig.folder.glob("*.html"), rig.folder.glob("*.pdf")
        day = page.stem.removeprefix("brief-")
        for path, file in (("", page), (f"/{day}", page), (".pdf", pdf), (f"/{day}.pdf", pdf)):
            answer = httpx.get(f"{wall.url}/brief{path}")
            assert answer.content == file.read_bytes()
            assert answer.headers["Content-Type"] == ("application/pdf" if file == pdf else "text/html; charset=utf-8")
        for none in ("/2020-01-01", "/2020-01-01.pdf", f"/{day}.json", "/..%2Fbrief", "/<b>"):
            missing = httpx.get(f"{wall.url}/brief{none}")
            assert missing.status_code == 404
            assert "<b>" not in missing.text

        with chromium() as browser:
            seen = browser.new_page(viewport={"width": HD["width"], "height": HD["height"]})
            faults: list[str] = []
            seen.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
            seen.goto(f"{wall.url}/d/ioc-sector-dvc")
            seen.locator("nav.onward a", has_text="Bản tin điều hành").click()
            seen.wait_for_url(f"{wall.url}/brief")
            assert "Bản tin điều hành" in seen.locator("h1").inner_text()
            assert seen.evaluate("document.fonts.ready.then(() => getComputedStyle(document.body).fontFamily)") != ""
            assert seen.evaluate("[...document.styleSheets].every((sheet) => sheet.cssRules.length > 0)")
            assert faults == []
            seen.goto(f"{wall.url}/d/ioc-units")
            seen.locator("nav.trail summary").click()
            assert seen.locator("nav.trail a", has_text="Bản tin điều hành").get_attribute("href") == "/brief"


def test_where_no_briefs_are_made_nothing_leads_to_one(rig: Rig, tmp_path: Path) -> None:
    with WallProcess(rig.world, tmp_path, settings={"IOC_BRIEF__ENABLED": "false"}) as wall:
        assert "/brief" not in httpx.get(f"{wall.url}/api/dashboards").text
        assert "/brief" not in httpx.get(f"{wall.url}/api/dashboard?uid=ioc-sector-dvc").text
        assert "được lập" not in httpx.get(f"{wall.url}/brief").text
