"""Lives of dossiers and reports, day by day: whatever comes when, the stream is what the oracle says of the tables.

Each test tells one story and works its figures out in comments; after every step the rig holds all cells against the oracle. With real
servers: what lives longer than Kafka's log, and a topic that was made again, in `test_generations.py`; a log that was cut, and
what a worker forgets, in `test_worker.py`.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from sinks.clickhouse.mappings import Mapping, store
from sinks.sealing import SEAL_DAYS
from streams.seals import KEPT_DAYS
from tests.clickhouse_front import FrontProcess
from tests.integration.lives_rig import NAME, Lives, feedback
from tests.integration.lives_worker import Worker
from tests.integration.sealing_rig import TODAY, Failing, at, case, rating

AN_XUYEN, DAT_MUI = "000.00.35.H12", "000.00.56.H12"
"""Two communes of the profile."""

RECEIVED, FINISHED = "dossier_by_received_at", "dossier_by_finished_at"


@pytest.fixture(scope="module")
def house(clickhouse_front: FrontProcess) -> Iterator[Lives]:
    made = Lives(clickhouse_front)
    with made.client:
        yield made


@pytest.fixture
def lives(house: Lives) -> Lives:
    house.clear("dossier")
    return house


def test_a_dossier_due_long_ago_and_closed_today(lives: Lives) -> None:
    # Received 200 days ago and promised for the 150th; one of the two is finished today.
    long_ago: dict[str, Any] = {"received_at": at(200), "due_at": at(150)}
    lives.tell(200, *(case(name, at(200), AN_XUYEN, status="processing", **long_ago) for name in ("a", "b")))
    lives.morning(1)
    assert lives.seals()[RECEIVED] == TODAY - 1 - SEAL_DAYS
    # Open: 2; overdue: 2; by more than ten days: 2.
    assert lives.now("DVC-004", "DVC-003", "DVC-028", unit=AN_XUYEN) == [2, 2, 2]
    lives.tell(0, case("a", at(0), AN_XUYEN, status="processed", finished_at=at(0), **long_ago))
    assert lives.now("DVC-004", "DVC-003", "DVC-028", unit=AN_XUYEN) == [1, 1, 1]
    # In time: 0 of 1 that had a date; late: 1, by 150 days. Today is provisional, the day of its receipt is sealed and what it was.
    assert lives.flow("DVC-002") == {0: (0, 1, True)}
    assert lives.flow("DVC-018") == {0: (1, None, True)}
    assert lives.flow("DVC-020") == {0: (150 * 86_400, 1, True)}
    lives.morning(0)
    assert lives.flow("DVC-001") == {200: (2, None, False)}
    assert lives.changes(RECEIVED) == []


def test_a_dossier_open_for_longer_than_the_log_is_in_a_new_generation(lives: Lives) -> None:
    # Kafka keeps 60 days. One dossier is open for 400 days, another was finished after five and is rated a year later.
    lives.tell(400, case("open", at(400), status="processing", received_at=at(400), due_at=at(380)))
    lives.tell(395, case("rated", at(395), status="returned", received_at=at(400), finished_at=at(395)))
    for ago in range(390, 0, -55):
        lives.keep(ago)
        lives.log.cut(ago)
        if ago in (280, 60):
            lives.morning(ago)
    lives.tell(1, rating("rated", at(1), 5))
    lives.log.cut(0)
    # Of a month ago: the open one. What was finished is in sealed days, so nobody spoke of it again: its rating stands alone.
    bare = Worker("bare", lives.kinds, lives.log)
    bare.follow()
    assert bare.exist("dossier") == ["open"]
    # Before it lets a generation begin, a deployment has the keeper do a round: the rating made the dossier count again.
    assert lives.keep(0).entities["dossier"] >= 1
    lives.start("next")
    lives.morning(0)
    assert lives.workers[-1].exist("dossier") == ["open", "rated"]
    for generation in (lives.generation, "next"):
        folded = lives.folded(generation)
        assert folded["dossier_age_due_at", "day"] == {("H12", TODAY - 380): [1]}
        assert [day for _, day in folded["dossier_by_rated_at", "day"]] == [TODAY - 1]
        # Both were received on the sealed day 400 days ago.
        assert lives.sealed(generation)[RECEIVED, "H12", TODAY - 400][20] == 2


def test_an_old_version_arrives_after_its_entity_left_the_state(lives: Lives) -> None:
    # A report of 120 days ago was answered after four days; another one is still open.
    lives.clear("feedback_case")
    asked: dict[str, Any] = {"reported_at": at(120), "due_at": at(115)}
    first = feedback("f", at(120), state="received", **asked)
    lives.tell(120, first, feedback("open", at(120), **asked))
    lives.tell(116, feedback("f", at(116), state="answered", answered_at=at(116), rating=5, **asked))
    assert lives.worker.knows("feedback_case") == (2, 0)
    lives.morning(50)
    # Days up to the 83rd before today are sealed, the fold keeps two more: of the answered one a hash and a version are left.
    assert lives.horizon("feedback_case") == TODAY - 50 - SEAL_DAYS - KEPT_DAYS
    assert lives.worker.knows("feedback_case") == (1, 1)
    # Its first version comes again, and one that nobody had seen and that speaks of a day that is not sealed: both are older.
    lives.tell(45, first)
    lives.tell(44, feedback("f", at(118), state="answered", answered_at=at(46), **asked))
    assert lives.now("PA-015", "PA-003") == [1, 1]
    assert lives.flow("PA-002") == {116: (1, None, False)}
    lives.morning(40)
    lives.tell(39, first)
    # A newer one brings it back: 2 are open, both overdue; the sealed answer is taken away.
    lives.tell(30, feedback("f", at(30), state="assigned", **asked))
    assert lives.now("PA-015", "PA-003") == [2, 2]
    lives.morning(29)
    assert lives.changes("feedback_case_by_answered_at") == [("H12", 116, "moved")]
    assert lives.flow("PA-002") == {}
    # Answered for good, 118 days after it was reported.
    lives.tell(2, feedback("f", at(2), state="answered", answered_at=at(2), **asked))
    lives.morning(0)
    assert lives.flow("PA-002") == {2: (1, None, True)}
    assert lives.flow("PA-005") == {2: (118 * 86_400, 1, True)}


def test_an_old_version_arrives_when_the_log_has_lost_the_newer_one(lives: Lives) -> None:
    # One report was answered 196 days ago, one was taken back. Their first versions are read again 50 days ago (dead letters that are
    # replayed, a file that is dropped again): the worker knows better, but a log of 60 days holds nothing else of them.
    lives.clear("feedback_case")
    asked: dict[str, Any] = {"reported_at": at(200), "due_at": at(195)}
    old = [feedback(name, at(200), state="received", **asked) for name in ("answered", "gone")]
    lives.tell(200, *old)
    lives.tell(
        196,
        feedback("answered", at(196), state="answered", answered_at=at(196), **asked),
        feedback("gone", at(196), deleted=True),
    )
    lives.morning(100)
    assert lives.worker.knows("feedback_case") == (0, 2)
    lives.tell(50, *old)
    lives.log.cut(1)
    bare = Worker("bare", lives.kinds, lives.log)
    bare.follow()
    assert bare.exist("feedback_case") == ["answered", "gone"]
    # The keeper finds whom the log has only old versions of, and says the newer ones once more.
    assert lives.keep(49).entities == {"feedback_case": 2}
    lives.start("next")
    lives.morning(0)
    assert lives.workers[-1].exist("feedback_case") == []
    assert lives.now("PA-015", "PA-003") == [0, 0]


def test_an_old_version_of_a_dossier_arrives_after_its_days_were_sealed(lives: Lives) -> None:
    # Of a kind with several facets an entity stays: an old version of it is recognised, and a rating finds its dossier.
    lives.tell(0, case("a", at(120), status="returned", received_at=at(120), finished_at=at(119), returned_at=at(119)))
    lives.morning(0)
    assert lives.worker.knows("dossier") == (1, 0)
    lives.tell(0, case("a", at(121), status="processing", received_at=at(1)), rating("a", at(0), 4))
    assert lives.flow("DVC-053") == {0: (1, None, True)}
    assert lives.now("DVC-004") == [0]


def test_a_correction_moves_an_event_from_one_sealed_day_to_another(lives: Lives) -> None:
    # Three of the 100th day before today; one of them is corrected to the 90th, to the third, and to the 95th.
    lives.tell(100, *(case(name, at(100), AN_XUYEN, received_at=at(100)) for name in "abc"))
    lives.morning(10)
    assert lives.flow("DVC-001") == {100: (3, None, False)}
    lives.tell(9, case("a", at(9), AN_XUYEN, received_at=at(90)))
    lives.morning(8)
    assert lives.flow("DVC-001") == {100: (2, None, False), 90: (1, None, False)}
    assert lives.changes(RECEIVED) == [(AN_XUYEN, 100, "moved"), (AN_XUYEN, 90, "moved")]
    lives.tell(3, case("a", at(3), AN_XUYEN, received_at=at(3)))
    lives.morning(2)
    assert lives.flow("DVC-001") == {100: (2, None, False), 3: (1, None, True)}
    lives.tell(1, case("a", at(1), AN_XUYEN, received_at=at(95)))
    lives.morning(0)
    assert lives.flow("DVC-001") == {100: (2, None, False), 95: (1, None, False)}
    assert lives.flow("DVC-001", grain="to_date")[0][0] == 3
    assert lives.changes(RECEIVED)[2:] == [(AN_XUYEN, 90, "moved"), (AN_XUYEN, 95, "moved")]


def test_an_event_arrives_while_its_day_is_being_sealed(lives: Lives) -> None:
    # One dossier a day; while its day is sealed another one of that day is told: before the values, before the row that shows
    # them, before the mark. The worker has forgotten the day when the next round finds it.
    moments = {60: "sealed", 55: "seals", 50: "seal_marks"}
    lives.tell(45, *(case(f"first {day}", at(day), AN_XUYEN, received_at=at(day)) for day in moments))
    for day, table in moments.items():
        told: list[int] = []

        def interfere(sql: str, day: int = day, table: str = table, told: list[int] = told) -> None:
            if sql.startswith(f"INSERT INTO {NAME}.{table}") and not told:
                told.append(day)
                lives.read(day - 40, case(f"second {day}", at(day - 40), AN_XUYEN, received_at=at(day)))

        # The newest event was read so that this day is the last one to be sealed now.
        lives.read(day - 40, case(f"newest {day}", at(day - 40), DAT_MUI, received_at=None))
        lives.sealing(lives.generation, Failing(lives.client, interfere)).round()
        assert told
        lives.rest(lives.worker)
        assert lives.horizon("dossier") > TODAY - day
        lives.morning(day - 41)
        assert lives.flow("DVC-001", AN_XUYEN)[day] == (2, None, False)
    assert sum(above for above, _, _ in lives.flow("DVC-001", AN_XUYEN).values()) == 6


def test_a_dossier_is_reopened_one_is_moved_and_one_is_deleted(lives: Lives) -> None:
    # Four of An Xuyên, all received 110 days ago, promised for the 95th and finished on the 100th.
    times: dict[str, Any] = {"received_at": at(110), "due_at": at(95)}
    done: dict[str, Any] = {**times, "finished_at": at(100), "status": "processed"}
    lives.tell(100, *(case(n, at(100), AN_XUYEN, **done) for n in ("reopened", "moved", "deleted", "untouched")))
    lives.morning(3)
    assert lives.flow("DVC-015", AN_XUYEN) == {100: (4, None, False)}
    assert lives.now("DVC-004", "DVC-035", unit=AN_XUYEN) == [0, 4]
    lives.tell(
        2, case("reopened", at(2), AN_XUYEN, status="processing", **times), case("moved", at(2), DAT_MUI, **done),
        case("deleted", at(2), AN_XUYEN, deleted=True),
    )  # fmt: skip
    # One is open again, and overdue since the 95th; of the results that wait one lies in Đất Mũi, one is left.
    assert lives.now("DVC-004", "DVC-003", "DVC-035", unit=AN_XUYEN) == [1, 1, 1]
    assert lives.now("DVC-004", "DVC-003", "DVC-035", unit=DAT_MUI) == [0, 0, 1]
    lives.morning(1)
    # Received: the deleted one is gone everywhere, the moved one from An Xuyên. Finished: the reopened one is gone too.
    assert lives.flow("DVC-001", AN_XUYEN) == {110: (2, None, False)}
    assert lives.flow("DVC-001") == {110: (3, None, False)}
    assert lives.flow("DVC-015", AN_XUYEN) == lives.flow("DVC-015", DAT_MUI) == {100: (1, None, False)}
    assert lives.changes(RECEIVED) == [
        (AN_XUYEN, 110, "corrected, deleted, unit changed"),
        (DAT_MUI, 110, "unit changed"),
    ]
    assert lives.changes(FINISHED) == [(AN_XUYEN, 100, "deleted, moved, unit changed"), (DAT_MUI, 100, "unit changed")]
    # It is finished for good, and the deleted one comes back.
    lives.tell(0, case("reopened", at(0), AN_XUYEN, status="processed", finished_at=at(0), **times))
    lives.tell(0, case("deleted", at(0), AN_XUYEN, **done))
    lives.morning(0)
    assert lives.flow("DVC-015", AN_XUYEN) == {100: (2, None, False), 0: (1, None, True)}
    # In time: 2 of 2 then, 0 of 1 today.
    assert lives.flow("DVC-002", AN_XUYEN) == {100: (2, 2, False), 0: (0, 1, True)}
    assert lives.now("DVC-004", "DVC-003", "DVC-035", unit=AN_XUYEN) == [0, 0, 3]


def test_a_unit_code_is_mapped_a_month_later(lives: Lives) -> None:
    # A new office writes a code that nobody knows: two dossiers 70 days ago, one 40 days ago, one 32 days ago, all open; one of
    # An Xuyên, where the office belongs, on the 70th.
    listed = [(70, "a"), (70, "b"), (40, "c"), (32, "d")]
    lives.tell(70, case("known", at(70), AN_XUYEN, status="processing", received_at=at(70)))
    lives.tell(32, *(case(name, at(32), "XX.99", status="processing", received_at=at(ago)) for ago, name in listed))
    lives.morning(1)
    assert lives.now("DVC-004", unit="unknown") == [4]
    assert lives.now("DVC-004", unit=AN_XUYEN) == [1]
    strangers = {70: (2, None, False), 40: (1, None, False), 32: (1, None, True)}
    assert lives.flow("DVC-001", "unknown") == strangers
    province = lives.flow("DVC-001")
    assert province == {**strangers, 70: (3, None, False)}
    before = lives.folded(lives.generation), lives.sealed(lives.generation)
    store(lives.client, NAME, Mapping("XX.99", AN_XUYEN, "văn phòng mới", datetime.now(UTC)))
    lives.morning(0)
    # Everything of the code counts in An Xuyên, on sealed days and others; nothing was counted again, the province is the same.
    assert lives.now("DVC-004", unit="unknown") == []
    assert lives.now("DVC-004", unit=AN_XUYEN) == [5]
    assert lives.flow("DVC-001", "unknown") == {}
    assert {day: above for day, (above, _, _) in lives.flow("DVC-001", AN_XUYEN).items()} == {70: 3, 40: 1, 32: 1}
    assert lives.flow("DVC-001").keys() == province.keys()
    assert lives.changes(RECEIVED) == []
    assert lives.sealed(lives.generation) == before[1]


def a_version(rnd: random.Random, kind: str, entity: str, ago: float) -> dict[str, Any]:
    """Some version of an entity, as of so many days ago; its moments lie up to 150 days further back."""
    back = sorted(at(min(399, ago + rnd.choice((0, 1, 3, 20, 60, 150)) * rnd.random())) for _ in range(4))
    unit, gone = rnd.choice((AN_XUYEN, DAT_MUI, "XX.99", "H12")), rnd.random() < 0.1

    def maybe(moment: datetime) -> datetime | None:
        return moment if rnd.random() < 0.7 else None

    if kind == "feedback_case":
        times: dict[str, Any] = {"due_at": maybe(back[2]), "answered_at": maybe(back[1])}
        state = rnd.choice(("received", "assigned", "answered", "closed"))
        return feedback(entity, at(ago), unit, deleted=gone, state=state, reported_at=back[0], **times)
    if rnd.random() < 0.2:
        return rating(entity, at(ago), rnd.randint(1, 5))
    times = {"received_at": maybe(back[0]), "due_at": maybe(back[2]), "finished_at": maybe(back[1])}
    state = rnd.choice(("received", "processing", "processed", "refused"))
    return case(entity, at(ago), unit, deleted=gone, status=state, returned_at=maybe(back[3]), **times)


def test_half_a_year_of_whatever_comes(lives: Lives) -> None:
    # Every third week connectors read new versions, late ones and ones that were read before; in the middle a generation begins.
    lives.clear("dossier", "feedback_case")
    rnd = random.Random(11)
    told: list[dict[str, Any]] = []
    for step, ago in enumerate(range(200, -1, -20)):
        some = [rnd.choice(told) for _ in range(8) if told]
        for _ in range(25):
            kind = rnd.choice(("dossier", "feedback_case"))
            late = rnd.choice((0, 0, 5, 20, 80)) * rnd.random()
            some.append(a_version(rnd, kind, f"{kind} {rnd.randrange(15 + 5 * step)}", ago + late))
        told += some
        lives.read(ago, *some)
        lives.keep(ago)
        lives.log.cut(ago)
        if ago == 80:
            lives.start("next")
        if step % 3 == 1:
            lives.morning(ago)
    for worker in lives.workers:
        kept, left = worker.knows("feedback_case")
        assert min(kept, left) > 10
    lives.morning(0)
    assert len(lives.changes(RECEIVED)) > 10
