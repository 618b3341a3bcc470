CREATE TABLE IF NOT EXISTS {database}.sealed {on_cluster} (
    generation String COMMENT 'Generation of the rollups that the value belongs to',
    rollup_id LowCardinality(String) COMMENT 'Rollup of a flow',
    unit String COMMENT 'Unit code as the source writes it',
    bucket Int32 COMMENT 'Local day (days since 1970-01-01, Asia/Ho_Chi_Minh)',
    measures Array(Int64) COMMENT 'Measures of the rollup on that day, over all partitions, by the tables of events',
    sealed_at DateTime64(3, 'UTC') COMMENT 'When the events were read that the value is of; of two values the later counts'
) ENGINE = {replicated}ReplacingMergeTree(sealed_at) PARTITION BY generation
ORDER BY (generation, rollup_id, unit, bucket)
COMMENT 'Days of flows that the fold no longer keeps; they count below seals.sealed_until. Read with FINAL';

CREATE TABLE IF NOT EXISTS {database}.seals {on_cluster} (
    generation String COMMENT 'Generation of the rollups',
    rollup_id LowCardinality(String) COMMENT 'Rollup of a flow',
    sealed_until Int32 COMMENT 'First local day that is not sealed (days since 1970-01-01); it only grows',
    sealed_at DateTime64(3, 'UTC') COMMENT 'When the events of the last sealed day were read'
) ENGINE = {replicated}ReplacingMergeTree(sealed_until) ORDER BY (generation, rollup_id)
COMMENT 'How far each rollup is sealed. Read with FINAL';

CREATE TABLE IF NOT EXISTS {database}.seal_changes {on_cluster} (
    generation String COMMENT 'Generation of the rollups',
    rollup_id LowCardinality(String) COMMENT 'Rollup of a flow',
    unit String COMMENT 'Unit code as the source writes it',
    bucket Int32 COMMENT 'Local day (days since 1970-01-01, Asia/Ho_Chi_Minh)',
    before Array(Int64) COMMENT 'The value that was replaced; zeros where there was none',
    after Array(Int64) COMMENT 'The value that took its place; zeros where nothing is left',
    reason LowCardinality(String) COMMENT 'What came after the day was sealed: late, corrected, moved, unit changed, deleted; recomputed when no event explains it',
    before_at DateTime64(3, 'UTC') COMMENT 'sealed_at of the value that was replaced; 1970 where there was none',
    changed_at DateTime64(3, 'UTC') COMMENT 'When the events were read that the new value is of'
) ENGINE = {replicated}ReplacingMergeTree(changed_at)
ORDER BY (generation, rollup_id, unit, bucket, before_at)
COMMENT 'What sealed values were before late events changed them. Read with FINAL';

CREATE TABLE IF NOT EXISTS {database}.seal_marks {on_cluster} (
    generation String COMMENT 'Generation of the rollups',
    kind LowCardinality(String) COMMENT 'Kind of event',
    looked_at DateTime64(3, 'UTC') COMMENT 'Days before sealed_until hold all events that were stored before',
    sealed_until Int32 COMMENT 'First local day that was not sealed then, by any rollup of the kind'
) ENGINE = {replicated}ReplacingMergeTree(looked_at) ORDER BY (generation, kind)
COMMENT 'Up to where late events have been looked for. Read with FINAL';

CREATE TABLE IF NOT EXISTS {database}.state_days {on_cluster} (
    generation String COMMENT 'Generation of the rollups',
    code LowCardinality(String) COMMENT 'Code of an indicator of a state (mode now or age)',
    unit LowCardinality(String) COMMENT 'Unit code as the source writes it',
    day Int32 COMMENT 'Local day (days since 1970-01-01, Asia/Ho_Chi_Minh) at whose end the state was so' CODEC(Delta, LZ4),
    above Int64 COMMENT 'What the unit adds to the numerator',
    below Int64 COMMENT 'What the unit adds to the denominator; 0 when there is none',
    computed_at DateTime64(3, 'UTC') COMMENT 'When the history was read that the value is of; of two values the later counts' CODEC(Delta, LZ4)
) ENGINE = {replicated}ReplacingMergeTree(computed_at) PARTITION BY generation
ORDER BY (generation, code, unit, day)
COMMENT 'Indicators of states at the end of each past local day, by the version history. Read with FINAL';

CREATE TABLE IF NOT EXISTS {database}.state_marks {on_cluster} (
    generation String COMMENT 'Generation of the rollups',
    kind LowCardinality(String) COMMENT 'Kind of event',
    from_day Int32 COMMENT 'First local day in state_days',
    until_day Int32 COMMENT 'First local day that is not in state_days any more',
    looked_at DateTime64(3, 'UTC') COMMENT 'These days hold all versions that were stored before',
    changed_at DateTime64(3, 'UTC') COMMENT 'When any of them was last written',
    revision UInt64 COMMENT 'When the row was written, microseconds since the epoch'
) ENGINE = {replicated}ReplacingMergeTree(revision) ORDER BY (generation, kind)
COMMENT 'Which days of a kind are in state_days. Read with FINAL';
