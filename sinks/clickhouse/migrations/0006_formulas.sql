-- Places in vectors belong to a generation, labels do not: several generations stand side by side.
CREATE TABLE IF NOT EXISTS {database}.formulas {on_cluster} (
    generation String COMMENT 'Generation of the rollups that the places belong to',
    code String COMMENT 'Code of the indicator',
    mode LowCardinality(String) COMMENT 'flow (over a period), now, age (days relative to today), or report (last reported figure)',
    numerator_rollup String COMMENT 'Rollup of the numerator',
    numerator_position UInt16 COMMENT 'Place of the numerator in the vector, from 1',
    denominator_rollup String COMMENT 'Rollup of the denominator; empty when there is none',
    denominator_position UInt16 COMMENT 'Place of the denominator in the vector, from 1; 0 when there is none',
    reports_position UInt16 COMMENT 'report: place of the count of reports in the vector of the numerator, from 1; else 0',
    window_from Nullable(Int32) COMMENT 'age: first day counted, relative to today',
    window_to Nullable(Int32) COMMENT 'age: last day counted, relative to today',
    multiplier Int64 COMMENT 'value = numerator * multiplier / divisor (/ denominator)',
    divisor Int64 COMMENT 'See multiplier',
    revision UInt64 COMMENT 'When the row was loaded, microseconds since the epoch',
    gone UInt8 COMMENT '1: no longer in the catalogue'
) ENGINE = {replicated}ReplacingMergeTree(revision, gone) ORDER BY (generation, code)
COMMENT 'How each indicator follows from the measures of a generation; composites are not in it. Read with FINAL';

DROP TABLE IF EXISTS {database}.measures {on_cluster} SYNC;

CREATE TABLE {database}.measures {on_cluster} (
    generation String COMMENT 'Generation of the rollups',
    rollup_id String COMMENT 'Rollup that the measure belongs to',
    position UInt16 COMMENT 'Place in partials.measures, from 1',
    kind LowCardinality(String) COMMENT 'Kind of event that is counted',
    mode LowCardinality(String) COMMENT 'flow: by event time; age: by the day that something falls due; now: the present; report: by period',
    time_field String COMMENT 'Time field that places an entity in a bucket; empty for now',
    definition String COMMENT 'What is added up over which entities',
    revision UInt64 COMMENT 'When the row was loaded, microseconds since the epoch',
    gone UInt8 COMMENT '1: no longer in the catalogue'
) ENGINE = {replicated}ReplacingMergeTree(revision, gone) ORDER BY (generation, rollup_id, position)
COMMENT 'What stands at each place of a vector in partials. Read with FINAL';

ALTER TABLE {database}.indicators {on_cluster}
    DROP COLUMN IF EXISTS numerator_rollup, DROP COLUMN IF EXISTS numerator_position,
    DROP COLUMN IF EXISTS denominator_rollup, DROP COLUMN IF EXISTS denominator_position,
    DROP COLUMN IF EXISTS window_from, DROP COLUMN IF EXISTS window_to,
    DROP COLUMN IF EXISTS multiplier, DROP COLUMN IF EXISTS divisor,
    ADD COLUMN IF NOT EXISTS series String COMMENT 'latest: the series that is reported' AFTER event,
    ADD COLUMN IF NOT EXISTS grain LowCardinality(String) COMMENT 'latest: length of the periods that are reported on' AFTER series,
    ADD COLUMN IF NOT EXISTS additivity LowCardinality(String) COMMENT 'latest, across units: sum, ratio, or none (nothing may be added)' AFTER grain,
    ADD COLUMN IF NOT EXISTS over_time LowCardinality(String) COMMENT 'latest, across periods: sum, or last' AFTER additivity,
    COMMENT COLUMN kind 'count, sum, mean, ratio, stock, latest or composite',
    COMMENT COLUMN mode 'flow (over a period), now, age (days relative to today), report (last reported figure) or composite',
    COMMENT COLUMN period 'Period that indicator_now shows: day, week, month, quarter, year or to_date';

CREATE TABLE IF NOT EXISTS {database}.series {on_cluster} (
    code String COMMENT 'Code of the series, as reports write it',
    name_vi String COMMENT 'Name, Vietnamese',
    name_en String COMMENT 'Name, English',
    grain LowCardinality(String) COMMENT 'Length of its periods: day, week, month, quarter or year',
    unit_of_measure LowCardinality(String) COMMENT 'What the value is reported in',
    reporter LowCardinality(String) COMMENT 'Level of the units that report; local: districts until 30/6/2025, communes after',
    reporters Nullable(UInt32) COMMENT 'How many units report; null: every unit of that level',
    additivity LowCardinality(String) COMMENT 'Across units: sum, ratio, or none (nothing may be added)',
    over_time LowCardinality(String) COMMENT 'Across periods: sum, or last',
    low Float64 COMMENT 'Least value that a report may hold',
    high Float64 COMMENT 'Greatest value that a report may hold',
    due_days Int32 COMMENT 'To be reported within so many days after the end of the period',
    revision UInt64 COMMENT 'When the row was loaded, microseconds since the epoch',
    gone UInt8 COMMENT '1: no longer in the catalogue'
) ENGINE = {replicated}ReplacingMergeTree(revision, gone) ORDER BY code
COMMENT 'Series of figures that units report. Read with FINAL';
