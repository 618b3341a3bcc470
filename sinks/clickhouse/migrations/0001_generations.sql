CREATE TABLE IF NOT EXISTS {database}.generations {on_cluster} (
    generation String COMMENT 'Hash of the compiled rollups, the contracts they read and the ids of the topics: 12 hex digits',
    catalogue_hash String COMMENT 'Hash of the rollups and contracts alone',
    topic_ids String COMMENT 'JSON object: topic name to the id that the broker gave it',
    active_from DateTime64(6, 'UTC') COMMENT 'The views read the generation whose active_from is the greatest'
) ENGINE = {replicated}ReplacingMergeTree(active_from) ORDER BY generation
COMMENT 'Generations of the rollups; one of them is what the views show';

CREATE TABLE IF NOT EXISTS {database}.kind_sources {on_cluster} (
    kind LowCardinality(String) COMMENT 'Kind of event',
    source LowCardinality(String) COMMENT 'System that events of the kind were read from'
) ENGINE = {replicated}ReplacingMergeTree ORDER BY (kind, source)
COMMENT 'Which sources feed a kind: the feeds that an indicator of that kind takes its age from';
