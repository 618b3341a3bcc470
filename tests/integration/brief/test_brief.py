"""The brief says what the tables say: each figure, its target, document, owner and age; on one side, whole, once a day."""

import io
import re
import unicodedata
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from pypdf import PdfReader

from dashboards.brief import words
from dashboards.brief.main import Office
from dashboards.brief.make import Made, make
from dashboards.brief.model import Brief, dump, parse
from dashboards.brief.page import age
from ioc import clock
from ioc.errors import ConfigError
from tests.integration.brief.rig import Rig
from tests.mail_server import MailTestServer
from tests.wall_world import CATALOGUE, PROVINCE, World

A4_POINTS = (595, 842)


@pytest.fixture(scope="module")
def done(world: World, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A brief of the tables as they were filled."""
    folder = tmp_path_factory.mktemp("brief")
    return made(Rig(world, folder / "briefs", MailTestServer(folder), folder / "contacts.toml"))


def made(rig: Rig, **arguments: Any) -> Made:
    return make(rig.settings, CATALOGUE, PROVINCE, None, **arguments)


class Rows(HTMLParser):
    """Rows of tables that bear an attribute: its value → text of the cells."""

    def __init__(self, page: str, attribute: str) -> None:
        super().__init__()
        self.rows: dict[str, list[str]] = {}
        self._attribute, self._row = attribute, ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self._row = dict(attrs).get(self._attribute) or ""
        elif tag == "td" and self._row:
            self.rows.setdefault(self._row, []).append("")

    def handle_data(self, data: str) -> None:
        if self._row and self.rows.get(self._row):
            self.rows[self._row][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "tr" and self._row:
            self.rows[self._row] = [" ".join(cell.split()) for cell in self.rows[self._row]]
            self._row = ""


def text_of(pdf: bytes) -> str:
    """The text of a PDF's only side, in one line."""
    (page,) = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(page.extract_text().split())


def test_every_figure_is_the_one_of_indicator_now(done: Made, world: World) -> None:
    brief = done.brief
    rows = world.query(
        "SELECT code, value, target, toString(status), target_document, responsible, toString(freshness), as_of, provisional "
        "FROM indicator_now WHERE level = 'province'"
    )
    assert len(rows) == len(brief.figures) == 338
    for code, value, target, status, document, responsible, freshness, as_of, provisional in rows:
        one = brief.figures[code]
        assert (one.value, one.target, one.status, one.document) == (value, target, status, document)
        assert (one.responsible, one.freshness, one.provisional) == (responsible, freshness, bool(provisional))
        assert one.as_of == (None if as_of.year == 1970 else as_of)
        if one.as_of is not None:
            # A report is of its whole period, which may end later.
            assert one.age_s == max(0, int((brief.made_at - one.as_of).total_seconds()))
    assert set(brief.off_target) == {row[0] for row in rows if row[3] == "bad"}
    assert len(brief.off_target) > 3
    overdue = world.query(
        "SELECT unit, value FROM indicator_now WHERE code = 'DVC-003' AND value > 0 AND level IN ('department', 'commune')"
    )
    assert {one.unit: float(one.dossiers) for one in brief.overdue} == dict(overdue)


def test_the_page_shows_value_target_document_owner_and_age(done: Made) -> None:
    page = done.page.read_text(encoding="utf-8")
    shown = Rows(page, "data-code").rows
    assert list(shown) == done.brief.off_target[: len(shown)]
    assert len(shown) >= 3
    for code, (name, value, target, responsible, document, old) in shown.items():
        one = done.brief.figures[code]
        assert one.name in name
        assert words.quantity(one.value, one.unit_of_measure) in value
        assert target == words.quantity(one.target, one.unit_of_measure)
        assert responsible == one.responsible
        number = re.match(r"\[\d+\]", document)
        assert number
        assert f"{number[0]} {one.document}" in page
        assert age(one.age_s) in old
    units = Rows(page, "data-unit").rows
    held = {one.unit: one for one in done.brief.overdue}
    assert units
    for unit, (name, dossiers, old) in units.items():
        assert (name, dossiers, old) == (
            held[unit].unit_name, words.number(held[unit].dossiers, 0), age(held[unit].age_s)
        )  # fmt: skip
    assert not re.search(r"""<script|(?:src|href|url)\s*[=(]""", page), "the page stands for itself"


def test_the_pdf_is_one_side_of_a4_with_its_text_whole(done: Made) -> None:
    content = done.pdf.read_bytes()
    (page,) = PdfReader(io.BytesIO(content)).pages
    assert (round(page.mediabox.width), round(page.mediabox.height)) == A4_POINTS
    text = text_of(content)
    assert unicodedata.is_normalized("NFC", text)
    shown = Rows(done.page.read_text(encoding="utf-8"), "data-code").rows
    for cells in shown.values():
        for cell in cells:
            assert cell in text
    for heading in ("1. Chỉ tiêu chưa đạt", "2. Hồ sơ quá hạn", "3. Đơn vị chậm báo cáo", "6. Độ mới của số liệu"):
        assert heading in text
    fonts = {str(font["/BaseFont"]) for font in page["/Resources"]["/Font"].get_object().values()}  # type: ignore[index]
    assert fonts
    assert all("Brief-Inter" in font for font in fonts), fonts


def test_what_is_found_and_how_fresh_the_sources_are_is_said(done: Made, world: World) -> None:
    ((count,),) = world.query("SELECT count() FROM findings FINAL WHERE isNull(resolved_at)")
    assert sum(done.brief.finding_counts.values()) == len(done.brief.findings) == count > 0
    (feed,) = done.brief.feeds
    assert (feed.source, feed.streams, feed.freshness) == ("made-up", 1, "fresh")
    page = done.page.read_text(encoding="utf-8")
    assert "không khớp tử số, mẫu số" in page
    assert "Nguồn made-up (1 luồng)" in page


def test_reports_that_are_missing_are_the_units_that_the_tables_lack(done: Made) -> None:
    brief = done.brief
    assert brief.reports_read
    owed = {one.unit_name: one.reports for one in brief.silent}
    local = [
        series.code for series in CATALOGUE.series.values() if series.reporter == "local" and series.reporters is None
    ]
    assert len(owed) > 60, "every commune owes reports: there are none in the tables"
    communes = [unit.name.vi for unit in PROVINCE.unit if unit.level == "commune" and unit.valid_to is None]
    assert {owed[name] for name in communes} == {len(local)}


def test_the_brief_of_a_day_is_made_once_and_again_the_same(rig: Rig, world: World) -> None:
    first = made(rig)
    kept = {path.name: path.read_bytes() for path in rig.folder.iterdir()}
    assert len(kept) == 3
    first.pdf.unlink()
    first.page.write_text("half a pa", encoding="utf-8")
    world.heartbeat()
    again = made(rig)
    assert again.brief == first.brief
    assert {path.name: path.read_bytes() for path in rig.folder.iterdir()} == kept
    # Elsewhere it is made of what stands now.
    other = made(rig, out=rig.folder.parent / "other")
    assert other.brief.made_at > first.brief.made_at
    assert parse(dump(other.brief)) == other.brief


def test_changes_are_told_from_the_brief_before(rig: Rig, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before: Brief
    with monkeypatch.context() as patched:
        yesterday = clock.now() - timedelta(days=1)
        patched.setattr(clock, "now", lambda: yesterday)
        before = made(rig).brief
        assert before.compared_with is None
    try:
        world.fill(1400, seed=2).heartbeat()
        done = made(rig)
    finally:
        world.fill(1500).heartbeat()
    assert done.brief.compared_with == before.made_at
    rows = Rows(done.page.read_text(encoding="utf-8"), "data-change").rows
    assert len(rows) >= 3
    for code, (_, then, now, change, _, old) in rows.items():
        one, earlier = done.brief.figures[code], before.figures[code]
        assert one.value is not None
        assert earlier.value is not None
        assert one.kind not in ("count", "sum")
        assert then == words.quantity(earlier.value, one.unit_of_measure)
        assert now.startswith(words.quantity(one.value, one.unit_of_measure))
        assert words.difference(one.value - earlier.value, one.unit_of_measure) in change
        assert age(one.age_s) in old
    assert [one.size for one in done.brief.changes] == sorted((one.size for one in done.brief.changes), reverse=True)


def test_an_earlier_day_is_shown_as_it_was_or_refused(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    day = (clock.now() + timedelta(hours=7) - timedelta(days=2)).date()
    with pytest.raises(ConfigError, match=f"no brief of {day} was made"):
        made(rig, day=day)
    with monkeypatch.context() as patched:
        then = clock.now() - timedelta(days=2)
        patched.setattr(clock, "now", lambda: then)
        first = made(rig)
    shown = made(rig, day=day, out=rig.folder.parent / "shown")
    assert (shown.brief, shown.pdf.read_bytes()) == (first.brief, first.pdf.read_bytes())


def test_a_silent_source_of_reports_makes_nobody_late(rig: Rig, world: World) -> None:
    world.heartbeat(timedelta(hours=5))
    try:
        done = made(rig)
    finally:
        world.heartbeat()
    assert (done.brief.reports_read, done.brief.silent) == (False, [])
    assert "không biết đơn vị nào chậm" in done.page.read_text(encoding="utf-8")


def test_leaders_get_it_by_mail_once(rig: Rig) -> None:
    rig.write_contacts(
        'since = 2026-11-01\n[brief]\nto = ["chu-tich@tinh.example", "pho@tinh.example", "sai@tinh.example"]\n'
    )
    rig.mail.at_recipient = lambda address: "550 no such user" if address.startswith("sai") else None
    office: Office = rig.office()
    assert office.brief() is True
    assert office.brief() is True
    assert [recipient for recipient, _ in rig.mail.taken] == ["chu-tich@tinh.example", "pho@tinh.example"]
    _, message = rig.mail.taken[0]
    (pdf,) = message.iter_attachments()
    (kept,) = rig.folder.glob("*.pdf")
    assert pdf.get_content() == kept.read_bytes()
    assert message["Subject"].startswith(f"Bản tin điều hành {words.day((clock.now() + timedelta(hours=7)).date())}")
    newest = {row[3]: row[4] for row in rig.states("brief")}
    assert newest == {"chu-tich@tinh.example": "sent", "pho@tinh.example": "sent", "sai@tinh.example": "refused"}
