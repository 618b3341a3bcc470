CREATE TABLE IF NOT EXISTS {database}.composite_parts {on_cluster} (
    code String COMMENT 'Code of the composite',
    level LowCardinality(String) COMMENT 'Level of units at which the part counts',
    part String COMMENT 'Code of the indicator that earns points',
    points Int64 COMMENT 'Ten-thousandths of a point that it earns at most',
    zero Float64 COMMENT 'Its value at which it earns nothing',
    full Float64 COMMENT 'Its value at which it earns all its points; below zero where less is better',
    revision UInt64 COMMENT 'When the row was loaded, microseconds since the epoch',
    gone UInt8 COMMENT '1: no longer in the catalogue'
) ENGINE = {replicated}ReplacingMergeTree(revision, gone) ORDER BY (code, level, part)
COMMENT 'What the composites consist of; the parts of a composite within a composite stand in its place. Read with FINAL';
