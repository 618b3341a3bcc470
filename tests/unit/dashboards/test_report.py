"""Reports from figures to a receipt: files, signature, outbox, and a receiver that refuses, is slow, is away or forgets."""

import json
import stat
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import stamina
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from dashboards.report.document import MANIFEST, NAMESPACE, SIGNATURE
from dashboards.report.figures import FIELDS, Figures
from dashboards.report.make import make, sign
from dashboards.report.outbox import Outbox, Report
from dashboards.report.period import last_month, period_of
from dashboards.report.push import archive, push
from dashboards.report.signing import make_key, public_pem, read_key, verify
from ioc.catalogue.load import load_province
from ioc.errors import ConfigError, FatalError, RetriableError
from ioc.settings.report import ReportSettings
from tests.report_receiver import Receiver

PROVINCE = load_province("ca_mau")
PERIOD = period_of("2026-10")
KEY = Ed25519PrivateKey.generate()
PUBLIC = public_pem(KEY)
MOMENT = datetime(2026, 11, 1, tzinfo=UTC)


def figures(*values: float | None, provisional: bool = False, at: datetime = MOMENT) -> Figures:
    rows: list[dict[str, Any]] = [
        dict.fromkeys(FIELDS) | {
            "code": f"DVC-{n:03d}", "name_vi": "Hồ sơ <tiếp nhận> & “trả”", "value": value,
            "provisional": None if value is None else provisional, "as_of": at.isoformat(),
        }
        for n, value in enumerate(values, 1)
    ]  # fmt: skip
    return Figures(rows, "89abc561c72e", "c0ffee", at)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "reports")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made, stamina.set_testing(True, attempts=4, cap=False):
        yield made


@pytest.fixture
def report(outbox: Outbox) -> Report:
    return make(outbox, PROVINCE, PERIOD, figures(1.5, None), KEY)[0]


def to(receiver: Receiver, **more: Any) -> ReportSettings:
    return ReportSettings(url=receiver.url, **more)


def test_periods_by_name() -> None:
    assert (period_of("2026-Q4").start, period_of("2026-Q4").end) == (date(2026, 10, 1), date(2027, 1, 1))
    assert [period_of(name).name for name in ("2026-12", "2026-Q1", "2026")] == ["2026-12", "2026-Q1", "2026"]
    assert last_month(date(2026, 1, 31)) == period_of("2025-12")
    for wrong in ("2026-13", "2026-Q5", "26-1", "2026-1", "", "0001"):
        with pytest.raises(ConfigError, match="is no period"):
            period_of(wrong)


def test_the_manifest_says_what_the_files_are(report: Report) -> None:
    said = report.manifest
    assert (said["figures"], said["with_value"], said["state"], said["supersedes"]) == (2, 1, "sealed", None)
    assert (said["generation"], said["catalogue_hash"]) == ("89abc561c72e", "c0ffee")
    assert (said["period"], said["end"], said["as_of"]) == ("2026-10", "2026-11-01", "2026-11-01T00:00:00.000000Z")
    assert verify(report.files(), PUBLIC) == said
    whole = json.loads(report.files()["report.json"])
    root = ET.fromstring(report.files()["report.xml"])
    assert [one["code"] for one in whole["figures"]] == ["DVC-001", "DVC-002"]
    names = [one.findtext(f"{{{NAMESPACE}}}name_vi") for one in root]
    assert names == [one["name_vi"] for one in whole["figures"]]
    assert [one.findtext(f"{{{NAMESPACE}}}value") for one in root] == ["1.5", None]
    assert root[0].findtext(f"{{{NAMESPACE}}}provisional") == "false"


@pytest.mark.parametrize(
    ("made", "state"), [(figures(1.0, provisional=True), "provisional"), (figures(None), "provisional")]
)
def test_it_is_sealed_only_when_there_are_figures_and_none_can_change(
    outbox: Outbox, made: Figures, state: str
) -> None:
    assert make(outbox, PROVINCE, PERIOD, made, KEY)[0].manifest["state"] == state


def test_what_was_changed_missing_added_or_signed_by_another_is_found(report: Report) -> None:
    files = report.files()
    for wrong, words in (
        ({**files, "report.json": files["report.json"] + b" "}, "report.json was changed"),
        ({name: text for name, text in files.items() if name != "report.xml"}, "report.xml is missing"),
        ({**files, "more.json": b""}, "more.json is not in the manifest"),
        ({**files, MANIFEST: files[MANIFEST].replace(b"sealed", b"SEALED")}, "is not of key"),
        ({name: text for name, text in files.items() if name != SIGNATURE}, "manifest.sig is missing"),
        ({**files, SIGNATURE: b"{}"}, "cannot be read"),
    ):
        with pytest.raises(FatalError, match=words):
            verify(wrong, PUBLIC)
    with pytest.raises(FatalError, match="is not of key"):
        verify(files, public_pem(Ed25519PrivateKey.generate()))
    with pytest.raises(ConfigError, match="not PEM"):
        verify(files, "x")


def test_a_key_is_private_and_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    public = make_key(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert public_pem(read_key(file)) == public
    with pytest.raises(ConfigError, match="never written over"):
        make_key(file)
    file.chmod(0o640)
    with pytest.raises(ConfigError, match="mode to 0600"):
        read_key(file)
    with pytest.raises(ConfigError, match="ioc report key"):
        read_key(None)


def test_the_same_figures_are_reported_once_and_other_ones_take_their_place(outbox: Outbox, report: Report) -> None:
    later = datetime(2026, 11, 2, tzinfo=UTC)
    again, is_new = make(outbox, PROVINCE, PERIOD, figures(1.5, None, at=later), KEY)
    assert (again.id, is_new) == (report.id, False)
    corrected, is_new = make(outbox, PROVINCE, PERIOD, figures(2.5, None, at=later), KEY)
    assert is_new
    assert corrected.manifest["supersedes"] == report.id
    assert [one.id for one in outbox.reports()] == [report.id, corrected.id]
    assert make(outbox, PROVINCE, period_of("2026-09"), figures(1.5), KEY)[0].manifest["supersedes"] is None


def test_a_maker_that_died_leaves_nothing_half_and_what_was_made_is_signed(outbox: Outbox, report: Report) -> None:
    (outbox.folder / ".making-x").mkdir()
    (outbox.folder / ".making-x" / "report.json").write_text("half", encoding="utf-8")
    died = outbox.add((report.folder / MANIFEST).read_bytes().replace(b"2026-10", b"2026-09"), {})
    assert died.state == "made"
    assert not (outbox.folder / ".making-x").exists()
    assert sign(outbox, died, KEY).state == "signed"


def test_a_report_is_sent_once_and_its_receipt_kept(outbox: Outbox, report: Report, receiver: Receiver) -> None:
    done = push(outbox, report, to(receiver, token=SecretStr("secret")))
    assert (done.state, done.words) == ("received", "BC-0001")
    assert json.loads((report.folder / "receipt.json").read_bytes())["report"] == report.id
    assert receiver.headers[0]["Authorization"] == "Bearer secret"
    assert receiver.headers[0]["Idempotency-Key"] == report.id
    assert verify(receiver.kept[report.id], PUBLIC)
    assert push(outbox, done, to(receiver)) == done
    assert receiver.asked == [("PUT", report.id)]
    assert archive(report.files()) == archive(report.files())


def test_a_receiver_that_is_busy_is_asked_again(outbox: Outbox, report: Report, receiver: Receiver) -> None:
    answers = iter([(503, "busy"), (502, "bad gateway"), (404, "")])
    receiver.before = lambda _method, _name: next(answers, None)
    assert push(outbox, report, to(receiver)).state == "received"
    assert [method for method, _ in receiver.asked] == ["PUT", "GET", "GET", "PUT"]


def test_one_that_stays_away_leaves_the_report_for_the_next_push(
    outbox: Outbox, report: Report, receiver: Receiver
) -> None:
    receiver.before = lambda _method, _name: (500, "down")
    with pytest.raises(RetriableError, match="answers 500"):
        push(outbox, report, to(receiver))
    assert outbox.get(report.id).state == "sent"
    receiver.before = lambda _method, _name: None
    assert push(outbox, outbox.get(report.id), to(receiver)).state == "received"
    assert len(receiver.kept) == 1


def test_a_slow_receiver_that_has_kept_it_is_not_sent_it_twice(
    outbox: Outbox, report: Report, receiver: Receiver
) -> None:
    slow = threading.Event()

    def answers_late(_name: str) -> None:
        if not slow.is_set():
            slow.set()
            time.sleep(1.0)

    receiver.after = answers_late
    assert push(outbox, report, to(receiver, timeout_s=0.3)).state == "received"
    assert [method for method, _ in receiver.asked] == ["PUT", "GET"]


def test_a_receiver_that_has_it_already_answers_with_the_same_receipt(
    outbox: Outbox, report: Report, receiver: Receiver
) -> None:
    receiver.take("PUT", report.id, archive(report.files()), {})
    receiver.before = lambda method, name: (409, receiver.receipt(name)) if method == "PUT" else None
    done = push(outbox, report, to(receiver))
    assert (done.state, done.words) == ("received", "BC-0001")


@pytest.mark.parametrize(
    "answer", [(400, "kỳ báo cáo đã khóa"), (409, {"report": "other", "manifest_sha256": "", "receipt": ""})]
)
def test_a_refused_report_says_why_and_is_not_sent_again(
    outbox: Outbox, report: Report, receiver: Receiver, answer: Any
) -> None:
    receiver.before = lambda _method, _name: answer
    with pytest.raises(FatalError, match="refused, and not sent again"):
        push(outbox, report, to(receiver))
    kept = outbox.get(report.id)
    assert kept.state == "refused"
    assert kept.words.startswith(str(answer[0]))
    push(outbox, kept, to(receiver))
    assert len(receiver.asked) == 1
    # What is reported anew does not take the place of what was never taken.
    later = make(outbox, PROVINCE, PERIOD, figures(1.5, None, at=datetime(2026, 11, 3, tzinfo=UTC)), KEY)
    assert (later[1], later[0].manifest["supersedes"]) == (True, None)


def test_a_refused_sender_keeps_its_reports(outbox: Outbox, report: Report, receiver: Receiver) -> None:
    receiver.before = lambda _method, _name: (401, "who?")
    with pytest.raises(FatalError, match=r"report\.token"):
        push(outbox, report, to(receiver))
    assert outbox.get(report.id).state == "sent"


@pytest.mark.parametrize("wrong", ["", "ok", {"report": "other", "manifest_sha256": "x", "receipt": "1"}])
def test_an_answer_that_is_no_receipt_of_it_is_none(
    outbox: Outbox, report: Report, receiver: Receiver, wrong: Any
) -> None:
    receiver.before = lambda _method, _name: (200, wrong)
    with pytest.raises(RetriableError, match="receipt"):
        push(outbox, report, to(receiver))
    assert outbox.get(report.id).state == "sent"


@pytest.mark.parametrize(
    ("url", "words"),
    [("", "nobody to send to"), ("http://example.gov.vn/x", "only https"), ("ftp://127.0.0.1/", "only https")],
)
def test_reports_go_out_encrypted_or_not_at_all(outbox: Outbox, report: Report, url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        push(outbox, report, ReportSettings(url=url))
    assert outbox.get(report.id).state == "signed"


def test_two_processes_do_not_work_on_one_outbox(outbox: Outbox) -> None:
    with outbox.locked(), pytest.raises(RetriableError, match="another process"), outbox.locked():
        pass
    with outbox.locked():
        pass
