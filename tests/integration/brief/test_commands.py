"""`ioc brief` and `ioc reminders` as an operator types them."""

from datetime import timedelta
from pathlib import Path

from ioc import clock
from ioc.clock import LOCAL
from tests.integration.brief.rig import Rig


def test_ioc_brief_writes_both_and_sends_to_who_did_not_get_it(rig: Rig, tmp_path: Path) -> None:
    today = clock.now().astimezone(LOCAL).date()
    rig.write_contacts('since = 2026-11-01\n[brief]\nto = ["chu-tich@tinh.example"]\n')
    out = tmp_path / "out"
    code, said = rig.run("brief", "--out", str(out), "--send")
    assert (code, said.splitlines()[-1]) == (0, "1 sent")
    assert {path.suffix for path in out.glob(f"brief-{today}.*")} == {".json", ".html", ".pdf"}
    assert rig.run("brief", "--out", str(out), "--send")[1].endswith("everybody has it already\n")
    assert len(rig.mail.taken) == 1
    code, said = rig.run("brief", "--date", str(today - timedelta(days=3)))
    assert code == 1
    assert "no brief of" in said


def test_ioc_reminders_shows_sends_and_tells_what_was_sent(rig: Rig) -> None:
    rig.write_contacts('since = 2026-10-01\n[unit."000.00.06.H12"]\nmail = ["van-thu@noi-vu.example"]\n')
    code, said = rig.run("reminders")
    assert code == 0
    assert "van-thu@noi-vu.example" in said
    assert "no address: UBND" in said
    assert rig.mail.taken == [], "showing sends nothing"
    assert rig.run("reminders", "--send")[1].endswith("1 sent\n")
    assert rig.run("reminders", "--send")[1].endswith("nothing to send\n")
    code, said = rig.run("reminders", "--log", "5")
    assert "250 OK" in said
    assert "CC_" in said
