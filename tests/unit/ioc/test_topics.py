"""Topics: one for each kind, fixed partitions, kept or compacted as the stage that reads them needs."""

from ioc.contracts.kinds import KINDS
from ioc.topics import (
    CONTROLS,
    CURSORS,
    DAY_MS,
    DEAD_LETTERS,
    FEEDS,
    FIXED_TOPICS,
    GENERATIONS,
    LISTINGS,
    PARTIALS,
    PARTITIONS,
    events,
    state,
)


def test_names_are_unique() -> None:
    names = [topic.name for topic in FIXED_TOPICS]
    assert len(set(names)) == len(names)


def test_every_kind_has_its_topic() -> None:
    assert {f"events.{kind}" for kind in KINDS} <= {topic.name for topic in FIXED_TOPICS}


def test_data_of_an_entity_keeps_its_partition_from_stage_to_stage() -> None:
    for topic in (*(events(kind) for kind in KINDS), PARTIALS, state("dossier", "g")):
        assert topic.partitions == PARTITIONS


def test_events_and_partials_are_kept_sixty_days_by_the_time_of_publishing() -> None:
    for topic in (events("dossier"), PARTIALS):
        assert topic.config["retention.ms"] == str(60 * DAY_MS)
        assert topic.config["message.timestamp.type"] == "LogAppendTime"


def test_cursors_and_state_are_compacted() -> None:
    for topic in (CURSORS, CONTROLS, LISTINGS, GENERATIONS, state("dossier", "abc")):
        assert topic.config["cleanup.policy"] == "compact"
        assert "retention.ms" not in topic.config


def test_state_belongs_to_a_kind_and_a_generation() -> None:
    assert state("dossier", "0123456789ab").name == "state.dossier.0123456789ab"


def test_control_topics_have_one_partition_so_that_their_order_is_one() -> None:
    assert {topic.partitions for topic in (FEEDS, CURSORS, CONTROLS, LISTINGS, GENERATIONS, DEAD_LETTERS)} == {1}
