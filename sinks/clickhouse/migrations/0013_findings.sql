CREATE TABLE IF NOT EXISTS {database}.findings {on_cluster} (
    reason LowCardinality(String) COMMENT 'contradictory: the percentage is not its own numerator over denominator; part_over_whole; out_of_domain; jump: far from the values before; repeated: the whole report of the period before once more; several_reports: of a series that one unit reports; unknown_series; wrong_period: not of the length that the series has',
    entity String COMMENT 'Report that it is about: series/unit/period',
    series String COMMENT 'Series',
    unit String COMMENT 'Unit code as the source writes it',
    period_grain LowCardinality(String) COMMENT 'Length of the period',
    period_start Date COMMENT 'First local day of the period',
    stated Nullable(Float64) COMMENT 'What was reported; it counts as it stands',
    expected Nullable(Float64) COMMENT 'What it is held against: its own quotient, a bound, the usual value',
    found_at DateTime64(6, 'UTC') COMMENT 'When the report was read that it was found in',
    resolved_at Nullable(DateTime64(6, 'UTC')) COMMENT 'When it was no longer so; null: it still is',
    revision UInt64 COMMENT 'When the row was written, microseconds since the epoch'
) ENGINE = {replicated}ReplacingMergeTree(revision) ORDER BY (reason, entity)
COMMENT 'What is wrong with reported figures. Flagged, never hidden and never corrected. Read with FINAL';
