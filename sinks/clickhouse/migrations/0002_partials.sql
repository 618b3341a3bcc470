CREATE TABLE IF NOT EXISTS {database}.partials {on_cluster} (
    generation String COMMENT 'Generation of the rollups that the value belongs to',
    rollup_id LowCardinality(String) COMMENT 'Rollup: measures of one kind that are counted by the same time',
    grain LowCardinality(String) COMMENT 'Length of the bucket: hour, day (Asia/Ho_Chi_Minh) or now',
    unit String COMMENT 'Unit code as the source writes it; unit_codes says which unit it is',
    bucket Int32 COMMENT 'Hours since the epoch (hour), local days since 1970-01-01 (day), 0 (now)',
    part Int32 COMMENT 'Partition of the events that the value was folded from; a cell is the sum over its parts',
    revision Int64 COMMENT 'Offset of the last message that the value includes; of two values the greater revision counts',
    measures Array(Int64) COMMENT 'Absolute values of the measures of the rollup, in the order of the table measures'
) ENGINE = {replicated}ReplacingMergeTree(revision) PARTITION BY generation
ORDER BY (generation, rollup_id, grain, unit, bucket, part)
COMMENT 'What the fold found: cells by partition. Read with FINAL';
