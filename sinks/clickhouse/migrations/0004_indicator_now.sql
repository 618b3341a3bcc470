CREATE TABLE IF NOT EXISTS {database}.indicator_now {on_cluster} (
    code String COMMENT 'Code of the indicator',
    sector LowCardinality(String) COMMENT 'Sector, the letters of the code',
    name_vi String COMMENT 'Name, Vietnamese',
    name_en String COMMENT 'Name, English',
    kind LowCardinality(String) COMMENT 'count, sum, mean, ratio or stock',
    direction LowCardinality(String) COMMENT 'up: more is better; down: less is better; none',
    unit_of_measure LowCardinality(String) COMMENT 'Unit of value and target',
    unit String COMMENT 'Unit of the province, or unknown: codes that no unit has',
    unit_name String COMMENT 'Name of the unit, Vietnamese; for unknown with the codes that the sources wrote',
    level LowCardinality(String) COMMENT 'Level of the unit; unknown lies below the province and is counted in it',
    period_grain LowCardinality(String) COMMENT 'Period that the value is for: day, month, year to date, or now',
    period_start Date COMMENT 'First local day of the period',
    numerator Int64 COMMENT 'Sum of the numerator measure',
    denominator Nullable(Int64) COMMENT 'Sum of the denominator measure; null when the indicator has none',
    value Nullable(Float64) COMMENT 'The figure; null when there is nothing to divide by or nothing was folded yet',
    target Nullable(Float64) COMMENT 'Target of the level: of the latest year up to the current one, else of the next',
    target_document String COMMENT 'Document that sets the target',
    status Enum8('good' = 1, 'warning' = 2, 'bad' = 3, 'none' = 4) COMMENT 'Value against target; none without either',
    as_of DateTime64(6, 'UTC') COMMENT 'Moment up to which every feed of its sources was read; 1970 when there is none',
    age_s Int64 COMMENT 'Seconds from as_of to refreshed_at',
    freshness Enum8('fresh' = 1, 'late' = 2, 'stale' = 3, 'no_data' = 4) COMMENT 'age_s against freshness_minutes',
    freshness_minutes Int32 COMMENT 'Up to this fresh, up to three times this late, then stale',
    responsible String COMMENT 'Unit that answers for the indicator',
    refreshed_at DateTime64(6, 'UTC') COMMENT 'When the snapshot was taken'
) ENGINE = {replicated}MergeTree ORDER BY (code, level, unit) SETTINGS old_parts_lifetime = 10
COMMENT 'Every indicator for every unit as of the last refresh: what the wall reads. Replaced as a whole';

CREATE TABLE IF NOT EXISTS {database}.indicator_next {on_cluster} AS {database}.indicator_now
ENGINE = {replicated}MergeTree ORDER BY (code, level, unit) SETTINGS old_parts_lifetime = 10
COMMENT 'Where the next snapshot is built before it replaces indicator_now; not for reading';
