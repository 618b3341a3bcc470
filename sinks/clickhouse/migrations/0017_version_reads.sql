CREATE TABLE IF NOT EXISTS {database}.version_reads {on_cluster} (
    kind LowCardinality(String) COMMENT 'Kind of event',
    facet LowCardinality(String) COMMENT 'Part of the entity that the version is of',
    entity String COMMENT 'Identifier of the entity',
    version Int64 COMMENT 'Version of the facet',
    first_observed_at SimpleAggregateFunction(min, DateTime64(6, 'UTC')) COMMENT 'When the version was read first: since then it is known',
    last_observed_at SimpleAggregateFunction(max, DateTime64(6, 'UTC')) COMMENT 'When it was read last'
) ENGINE = {replicated}AggregatingMergeTree PARTITION BY kind ORDER BY (kind, facet, entity, version)
COMMENT 'Since when each version is known: a history keeps one row of a version, however often it is read. Read with FINAL';
