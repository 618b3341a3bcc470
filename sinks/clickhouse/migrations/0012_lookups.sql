-- What the views of figures look up, laid out: computing it again at each reading would cost more than the reading.
CREATE TABLE IF NOT EXISTS {database}.unit_places {on_cluster} (
    raw_code String COMMENT 'Code as a source writes it; empty: every code that unit_paths does not have',
    tree LowCardinality(String) COMMENT 'then: the tree of the day; today: a unit that has ceased stands for its successor',
    valid_from Int32 COMMENT 'First local day (days since 1970-01-01)',
    valid_to Int32 COMMENT 'First local day on which it no longer holds',
    unit LowCardinality(String) COMMENT 'A unit that the code counts in: its own, one above it, or unknown',
    level LowCardinality(String) COMMENT 'Level of that unit'
) ENGINE = {replicated}ReplacingMergeTree ORDER BY (raw_code, tree, valid_from, unit) SETTINGS old_parts_lifetime = 10
COMMENT 'Where the codes of the sources count, by tree and by day: unit_paths, a row a unit. Replaced as a whole. Read with FINAL';

CREATE TABLE IF NOT EXISTS {database}.unit_reporters {on_cluster} (
    tree LowCardinality(String) COMMENT 'then or today, as in unit_places',
    unit LowCardinality(String) COMMENT 'Unit',
    reporter LowCardinality(String) COMMENT 'Who reports, as in series',
    spans Array(Tuple(Int32, Int32)) COMMENT 'Of each unit at or below it that reports: first local day, and first day on which it no longer does'
) ENGINE = {replicated}ReplacingMergeTree ORDER BY (tree, unit, reporter) SETTINGS old_parts_lifetime = 10
COMMENT 'How many units are to report on a day. Replaced as a whole. Read with FINAL';

CREATE TABLE IF NOT EXISTS {database}.indicator_facts {on_cluster} (
    generation String COMMENT 'Generation of the rollups that the places belong to',
    code String COMMENT 'Code of the indicator',
    mode LowCardinality(String) COMMENT 'flow, now, age or report',
    event LowCardinality(String) COMMENT 'Kind of event that it is computed from',
    period LowCardinality(String) COMMENT 'Period that indicator_now shows',
    levels Array(String) COMMENT 'Levels of units that it is computed for; unknown with them where one of them lies below the province',
    numerator_rollup LowCardinality(String) COMMENT 'Rollup of the numerator',
    numerator_position UInt16 COMMENT 'Its place in the vector, from 1',
    denominator_rollup LowCardinality(String) COMMENT 'Rollup of the denominator; empty when there is none',
    denominator_position UInt16 COMMENT 'Its place in the vector, from 1; 0 when there is none',
    reports_position UInt16 COMMENT 'report: place of the count of reports; else 0',
    window_from Int32 COMMENT 'age: first day counted, relative to today',
    window_to Int32 COMMENT 'age: last day counted, relative to today',
    multiplier Int64 COMMENT 'value = numerator * multiplier / divisor (/ denominator)',
    divisor Int64 COMMENT 'See multiplier',
    native LowCardinality(String) COMMENT 'report: length of the periods that are reported on',
    additivity LowCardinality(String) COMMENT 'report, across units: sum, ratio or none',
    over_time LowCardinality(String) COMMENT 'report, across periods: sum or last',
    reporter LowCardinality(String) COMMENT 'report: level of the units that report, or local',
    reporters Nullable(Int64) COMMENT 'report: how many units report; null: every unit of that level',
    due_days Int32 COMMENT 'report: to be reported within so many days after the end of the period'
) ENGINE = {replicated}ReplacingMergeTree ORDER BY (generation, code) SETTINGS old_parts_lifetime = 10
COMMENT 'What the views need of formulas, indicators and series, in one place. Replaced as a whole. Read with FINAL';

CREATE TABLE IF NOT EXISTS {database}.unit_places_next {on_cluster} AS {database}.unit_places
ENGINE = {replicated}ReplacingMergeTree ORDER BY (raw_code, tree, valid_from, unit) SETTINGS old_parts_lifetime = 10
COMMENT 'Where the next unit_places is built; not for reading';

CREATE TABLE IF NOT EXISTS {database}.unit_reporters_next {on_cluster} AS {database}.unit_reporters
ENGINE = {replicated}ReplacingMergeTree ORDER BY (tree, unit, reporter) SETTINGS old_parts_lifetime = 10
COMMENT 'Where the next unit_reporters is built; not for reading';

CREATE TABLE IF NOT EXISTS {database}.indicator_facts_next {on_cluster} AS {database}.indicator_facts
ENGINE = {replicated}ReplacingMergeTree ORDER BY (generation, code) SETTINGS old_parts_lifetime = 10
COMMENT 'Where the next indicator_facts is built; not for reading';
