"""The mapping of a receipt log, by a made one and, where it is at hand, by the real one."""

import csv
from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from ingest.simulator import receipt
from ingest.simulator.model import Applicant, Channel, Status, Version
from ingest.simulator.moments import compact, compact_ms
from ioc.errors import ConfigError

REAL_LOG = Path(__file__).parents[5] / "shared/domain/data/receipt.csv"


def life(versions: list[Version], number: int) -> list[Version]:
    return [version for version in versions if version.dossier.code == f"000.00.01.H12-{number:06d}"]


@pytest.fixture
def made(made_log: Path) -> list[Version]:
    return receipt.versions(receipt.read_log(made_log), shift_days=0)


def test_a_case_is_its_start_its_steps_and_its_end(made: list[Version]) -> None:
    assert [
        (
            compact_ms(v.updated_ms),
            int(v.status),
            v.unit,
            v.handler,
            compact(v.received_s),
            compact(v.due_s),
            compact(v.finished_s),
            compact(v.returned_s),
        )
        for v in life(made, 7)
    ] == [
        ("20200106150000020", 2, "000.00.01.H12", "", "20200106150000", "20200302150000", "", ""),
        ("20200106150500120", 4, "000.00.01.H12", "Made01", "20200106150000", "20200302150000", "", ""),
        ("20200111055959999", 4, "000.00.99.H12", "Made02", "20200106150000", "20200302150000", "", ""),
        (
            "20200120223000500",
            10,
            "000.00.99.H12",
            "Made02",
            "20200106150000",
            "20200302150000",
            "20200120223000",
            "20200120223000",
        ),
    ]


def test_before_its_start_a_dossier_is_only_registered(made: list[Version]) -> None:
    before, start, after = life(made, 12)
    assert (before.status, before.received_s, before.due_s, before.unit) == (
        Status.REGISTERED,
        None,
        None,
        "000.00.13.H12",
    )
    assert (start.status, start.unit, start.step) == (Status.PROCESSING, "000.00.13.H12", None)
    assert start.received_s == start.updated_ms // 1000
    assert (after.status, after.unit, after.finished_s) == (Status.PROCESSING, "000.00.04.H12", None)


def test_steps_after_the_end_move_a_finished_dossier(made: list[Version]) -> None:
    assert [(v.status, v.unit) for v in life(made, 345)] == [
        (Status.RECEIVED, "000.00.01.H12"),
        (Status.PROCESSING, "000.00.02.H12"),
        (Status.RETURNED, "000.00.02.H12"),
        (Status.RETURNED, "000.00.03.H12"),
    ]


def test_an_end_before_the_start_shows_only_from_the_start_on(made: list[Version]) -> None:
    end, start, step = life(made, 9001)
    assert (end.status, end.finished_s, end.received_s) == (Status.REGISTERED, None, None)
    assert (start.status, compact(start.finished_s), compact(start.received_s)) == (
        Status.RETURNED,
        "20200301180000",
        "20200303140000",
    )
    assert (step.status, step.unit) == (Status.RETURNED, "000.00.07.H12")


def test_at_one_moment_the_start_comes_before_the_step(made: list[Version]) -> None:
    start, step, _ = life(made, 9002)
    assert start.updated_ms == step.updated_ms
    assert (start.status, step.status) == (Status.RECEIVED, Status.PROCESSING)


def test_channels_and_fields(made: list[Version]) -> None:
    by_code = {v.dossier.code[-6:]: (v.dossier.channel, v.dossier.field.code, v.dossier.applicant) for v in made}
    assert by_code == {
        "000007": (Channel.ONLINE_FULL, "MT01", Applicant.OTHER),
        "000012": (Channel.ONLINE_PARTIAL, "MT02", Applicant.OTHER),
        "000345": (Channel.IN_PERSON, "MT03", Applicant.OTHER),
        "009001": (Channel.POST, "MT01", Applicant.OTHER),
        "009002": (Channel.INTERNAL, "Harbour", Applicant.OTHER),
    }


def test_the_shift_moves_every_moment_by_whole_days(made_log: Path, made: list[Version]) -> None:
    moved = receipt.versions(receipt.read_log(made_log), shift_days=100)
    day = 86_400
    for before, after in zip(made, moved, strict=True):
        assert after.updated_ms - before.updated_ms == 100 * day * 1000
        for name in ("received_s", "due_s", "finished_s", "returned_s"):
            old, new = getattr(before, name), getattr(after, name)
            assert (old is None) == (new is None)
            assert old is None or new - old == 100 * day


def test_the_last_day_is_local_and_no_deadline_counts(made_log: Path) -> None:
    assert receipt.last_day(receipt.read_log(made_log)) == date(2020, 3, 30)


def test_a_moment_after_17_utc_is_of_the_next_local_day(made_log: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text(made_log.read_text().replace("2020-03-30 18:30:00.250000+02:00", "2020-03-30 19:00:00.250000+02:00"))
    assert receipt.last_day(receipt.read_log(log)) == date(2020, 3, 31)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("case:channel,", "channel,", "columns missing: case:channel"),
        ("Desk,case-345", "Pigeon,case-345", "line 6: 'Pigeon'"),
        ("case-12,", "dossier-12,", "line 4: case 'dossier-12'"),
        ("2020-01-30 11:00:00.001000+01:00", "2020-01-30 11:00:00", "line 4: '2020-01-30 11:00:00' has no offset"),
        ("2020-01-30 11:00:00.001000+01:00", "yesterday", "line 4: "),
    ],
)
def test_a_wrong_log_is_refused_by_file_and_line(made_log: Path, tmp_path: Path, old: str, new: str, said: str) -> None:
    log = tmp_path / "log.csv"
    log.write_text(made_log.read_text().replace(old, new))
    with pytest.raises(ConfigError, match=r"log\.csv") as caught:
        receipt.read_log(log)
    assert said in str(caught.value)


def test_an_empty_log_is_refused(made_log: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text(made_log.read_text().splitlines()[0] + "\n")
    with pytest.raises(ConfigError, match="no case"):
        receipt.read_log(log)
    with pytest.raises(ConfigError, match="No such file"):
        receipt.read_log(tmp_path / "none.csv")


@pytest.mark.skipif(not REAL_LOG.exists(), reason="the receipt log is not at hand")
def test_the_real_log_whole() -> None:
    """Every version of every real case, against the log read in another way: by its text and datetime alone."""
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    with REAL_LOG.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows[row["case:concept:name"]].append(row)
    cases = receipt.read_log(REAL_LOG)
    shift = 5000
    versions = receipt.versions(cases, shift)
    assert receipt.last_day(cases) == date(2012, 1, 23)
    assert len(versions) == 11_340
    assert all(a.updated_ms <= b.updated_ms for a, b in pairwise(versions))
    lives: dict[str, list[Version]] = defaultdict(list)
    for version in versions:
        lives[version.dossier.code].append(version)
    assert len(lives) == 1434

    def at(text: str) -> float:
        return (datetime.fromisoformat(text) + timedelta(days=shift)).timestamp()

    channels = {"Internet": 1, "e-mail": 2, "Desk": 3, "Post": 4, "Intern": 5}
    fields = {"General": "MT01", "Experts": "MT02", "Customer contact": "MT03"}
    for name, lines in rows.items():
        case = lines[0]
        start, due, end = at(case["case:startdate"]), at(case["case:deadline"]), case["case:enddate"]
        ended = at(end) if end else None
        steps = [(at(line["time:timestamp"]), line["org:group"], line["org:resource"]) for line in lines]
        expected = sorted([start, *(step[0] for step in steps), *([ended] if ended else [])])
        got = lives[receipt.dossier_code(int(name.removeprefix("case-")))]
        assert [version.updated_ms / 1000 for version in got] == pytest.approx(expected, abs=0.001)
        for version, moment in zip(got, expected, strict=True):
            received, finished = moment >= start, ended is not None and moment >= max(ended, start)
            assert version.received_s == (int(start) if received else None)
            assert version.due_s == (int(due) if received else None)
            assert version.finished_s == version.returned_s == (int(ended or 0) if finished else None)
            seen = [step for step in steps if step[0] <= moment]
            assert version.unit == (receipt.unit_code(seen[-1][1]) if seen else receipt.RECEIVING_UNIT)
            assert version.handler == (seen[-1][2] if seen else "")
            assert version.status == (1 if not received else 10 if finished else 4 if seen else 2)
        assert got[0].dossier.channel == channels[case["case:channel"]]
        assert got[0].dossier.field.code == fields[case["case:department"]]
