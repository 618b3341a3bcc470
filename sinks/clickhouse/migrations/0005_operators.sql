CREATE TABLE IF NOT EXISTS {database}.unit_mappings {on_cluster} (
    code String COMMENT 'Code as a source writes it',
    unit String COMMENT 'Unit that it stands for',
    reason String COMMENT 'Why, for those who look at it later',
    mapped_at DateTime64(6, 'UTC') COMMENT 'When it was mapped',
    revision UInt64 COMMENT 'When the row was written, microseconds since the epoch',
    gone UInt8 COMMENT '1: no longer mapped'
) ENGINE = {replicated}ReplacingMergeTree(revision, gone) ORDER BY code
COMMENT 'Codes of sources that operators have mapped to units, beside the profile of the province, which wins. Read with FINAL';

CREATE TABLE IF NOT EXISTS {database}.feed_log {on_cluster} (
    source LowCardinality(String) COMMENT 'System read from',
    stream LowCardinality(String) COMMENT 'Stream of that system',
    unit String COMMENT 'Own code of the unit that reports itself; empty for the stream',
    read_at DateTime64(6, 'UTC') COMMENT 'When the heartbeat was made',
    records Int32 COMMENT 'Records since the heartbeat before',
    rejected Int32 COMMENT '… of them sent to the dead letters',
    late Int32 COMMENT '… of them older than what was read before'
) ENGINE = {replicated}ReplacingMergeTree ORDER BY (source, stream, unit, read_at)
TTL toDateTime(read_at, 'UTC') + INTERVAL 2 DAY
COMMENT 'Heartbeats that had records, for two days: how much came in an hour or a day. Read with FINAL';

ALTER TABLE {database}.indicator_now {on_cluster}
ADD COLUMN IF NOT EXISTS unplanned_age_s Int64 COMMENT 'age_s without the time that planned maintenance of its sources explains' AFTER age_s;

ALTER TABLE {database}.indicator_next {on_cluster}
ADD COLUMN IF NOT EXISTS unplanned_age_s Int64 COMMENT 'age_s without the time that planned maintenance of its sources explains' AFTER age_s;

ALTER TABLE {database}.indicator_now {on_cluster}
COMMENT COLUMN freshness 'unplanned_age_s against the minutes of the indicator: up to them fresh, up to three times as much late, then stale';

ALTER TABLE {database}.indicator_now {on_cluster}
COMMENT COLUMN as_of 'Moment up to which every stream of its kind was read (or the unit that reports itself has reported) and folded; 1970 when there is none';

ALTER TABLE {database}.indicator_now {on_cluster}
COMMENT COLUMN freshness_minutes 'Up to this age fresh: what the indicator allows, and planned maintenance since as_of; the table indicators has it without';

DROP TABLE IF EXISTS {database}.kind_sources {on_cluster};
