-- The past by units of today, as the snapshot keeps it for panels: charts ask for it again and again.
ALTER TABLE {database}.figures_touched {on_cluster}
    ADD COLUMN IF NOT EXISTS day Int32 DEFAULT -1 COMMENT 'Local day (days since 1970-01-01) of the cell that came in; 0: a state of now; -1: every day';

CREATE TABLE IF NOT EXISTS {database}.unit_days {on_cluster} (
    build UInt64 COMMENT 'Laying out that the row is of; unit_series says which one is read',
    series LowCardinality(String) COMMENT 'Rollup of flows or of reports; of a state the code of the indicator',
    level LowCardinality(String) COMMENT 'Level of the unit',
    unit LowCardinality(String) COMMENT 'Unit of the province in the tree of today, or unknown',
    day Int32 COMMENT 'Local day (days since 1970-01-01, Asia/Ho_Chi_Minh); of a report the first of its period' CODEC(Delta, LZ4),
    measures Array(Int64) COMMENT 'Measures of the rollup, summed over the codes of the unit; of a state numerator and denominator',
    revision UInt64 COMMENT 'When it was added up, microseconds since the epoch; of two rows the later counts' CODEC(Delta, LZ4),
    gone UInt8 COMMENT '1: there is no such day any more'
) ENGINE = {replicated}ReplacingMergeTree(revision, gone) PARTITION BY build ORDER BY (build, series, level, unit, day)
SETTINGS index_granularity = 1024, old_parts_lifetime = 10
COMMENT 'Days of flows, states and reports by units of today, as far as the snapshot has come: what flow_past, state_past and report_past add up. Read with FINAL';

CREATE TABLE IF NOT EXISTS {database}.unit_series {on_cluster} (
    code String COMMENT 'Code of the indicator',
    mode LowCardinality(String) COMMENT 'flow, now, age or report',
    build UInt64 COMMENT 'Laying out of unit_days that is read',
    series LowCardinality(String) COMMENT 'Where its days stand in unit_days',
    levels Array(String) COMMENT 'Levels of units that it is computed for',
    above_at UInt32 COMMENT 'Place of the numerator in measures, from 1',
    below_at UInt32 COMMENT 'Place of the denominator; 100000, beyond every end, when there is none',
    reports_at UInt32 COMMENT 'report: place of the count of reports; else 100000',
    multiplier Int64 COMMENT 'value = numerator * multiplier / divisor (/ denominator)',
    divisor Int64 COMMENT 'See multiplier',
    native LowCardinality(String) COMMENT 'report: length of the periods that are reported on',
    additivity LowCardinality(String) COMMENT 'report, across units: sum, ratio or none',
    over_time LowCardinality(String) COMMENT 'report, across periods: sum or last',
    reporter LowCardinality(String) COMMENT 'report: level of the units that report, or local',
    reporters Nullable(Int64) COMMENT 'report: how many units report; null: every unit of that level',
    first Int32 COMMENT 'state: first local day that its history has',
    until Int32 COMMENT 'flow: first local day that is not sealed; state: first that its history does not have any more'
) ENGINE = {replicated}ReplacingMergeTree ORDER BY code SETTINGS old_parts_lifetime = 10
COMMENT 'How the past of an indicator follows from unit_days. Replaced as a whole';

CREATE TABLE IF NOT EXISTS {database}.unit_series_next {on_cluster} AS {database}.unit_series
ENGINE = {replicated}ReplacingMergeTree ORDER BY code SETTINGS old_parts_lifetime = 10
COMMENT 'Where the next unit_series is built; not for reading';
