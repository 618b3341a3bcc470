CREATE TABLE IF NOT EXISTS {database}.kept {on_cluster} (
    kind LowCardinality(String) COMMENT 'Kind of event',
    entity String COMMENT 'Identifier of the entity',
    kept_at DateTime64(6, 'UTC') COMMENT 'When its events were last published again from the tables'
) ENGINE = {replicated}ReplacingMergeTree(kept_at) ORDER BY (kind, entity)
TTL toDateTime(kept_at, 'UTC') + INTERVAL 90 DAY
COMMENT 'Living entities that were published again because nobody spoke of them for long. Read with FINAL';
