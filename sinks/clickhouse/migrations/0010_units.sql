ALTER TABLE {database}.units {on_cluster}
    ADD COLUMN IF NOT EXISTS successor String COMMENT 'Unit that stands for it from valid_to on; empty when none does' AFTER valid_to,
    COMMENT COLUMN parent 'Code of the unit above, now or at the end of its life; empty for the province',
    COMMENT COLUMN ancestors 'The unit itself, the units above it, last the province: now, or at the end of its life',
    COMMENT COLUMN made_up 'No document at hand names the unit';

CREATE TABLE IF NOT EXISTS {database}.unit_lineage {on_cluster} (
    unit String COMMENT 'Code of a unit of the profile',
    valid_from Date COMMENT 'First day',
    valid_to Date COMMENT 'First day on which it no longer holds; 2149-06-06 for ever',
    stands_for String COMMENT 'What the unit is then: itself, or the one that succeeded it',
    ancestors Array(String) COMMENT 'That one, the units above it then, last the province',
    revision UInt64 COMMENT 'When the row was loaded, microseconds since the epoch',
    gone UInt8 COMMENT '1: no longer in the profile'
) ENGINE = {replicated}ReplacingMergeTree(revision, gone) ORDER BY (unit, valid_from)
COMMENT 'The tree of every day: a row for each unit and interval, without gaps from 1970 on. Read with FINAL';
