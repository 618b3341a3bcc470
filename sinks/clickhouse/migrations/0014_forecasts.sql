CREATE TABLE IF NOT EXISTS {database}.forecasts {on_cluster} (
    code String COMMENT 'Code of the indicator',
    unit String COMMENT 'Unit of the province',
    level LowCardinality(String) COMMENT 'Level of the unit',
    year Int32 COMMENT 'Year whose end is projected',
    made_on Date COMMENT 'Local day on which it was made',
    value Nullable(Float64) COMMENT 'Middle of the possible values at the end of the year; null when there is too little history',
    low Nullable(Float64) COMMENT 'Lower end of the interval',
    high Nullable(Float64) COMMENT 'Upper end of the interval',
    confidence Float64 COMMENT 'Share of the possible values that the interval holds',
    target Float64 COMMENT 'Target on that day',
    on_track Enum8('yes' = 1, 'likely' = 2, 'unlikely' = 3, 'no' = 4, 'unknown' = 5) COMMENT 'yes, no: the whole interval says so; likely, unlikely: its middle does',
    method LowCardinality(String) COMMENT 'How it was projected',
    periods Int32 COMMENT 'Whole periods that it rests on',
    revision UInt64 COMMENT 'When the row was written, microseconds since the epoch'
) ENGINE = {replicated}ReplacingMergeTree(revision) ORDER BY (code, unit, year, made_on)
COMMENT 'Where indicators with a target will stand at the end of the year, as projected each day. Read with FINAL';
