CREATE TABLE IF NOT EXISTS {database}.units {on_cluster} (
    code String COMMENT 'Code of the unit in the profile of the province',
    name_vi String COMMENT 'Name, Vietnamese',
    name_en String COMMENT 'Name, English',
    level LowCardinality(String) COMMENT 'province, district, commune, department, facility; unknown for codes that no unit has',
    parent String COMMENT 'Code of the unit above; empty for the province',
    aliases Array(String) COMMENT 'Codes that sources write for it, besides its own',
    ancestors Array(String) COMMENT 'The unit itself, the units above it, last the province',
    valid_from Date COMMENT 'First day that the unit exists',
    valid_to Nullable(Date) COMMENT 'First day that it no longer exists',
    made_up Bool COMMENT 'No document names the unit: the profile invented the name',
    contact String COMMENT 'Whom to ask',
    revision UInt64 COMMENT 'When the row was loaded, microseconds since the epoch',
    gone UInt8 COMMENT '1: no longer in the profile'
) ENGINE = {replicated}ReplacingMergeTree(revision, gone) ORDER BY code
COMMENT 'Tree of units of the province. Read with FINAL';

CREATE TABLE IF NOT EXISTS {database}.measures {on_cluster} (
    rollup_id String COMMENT 'Rollup that the measure belongs to',
    position UInt16 COMMENT 'Place in partials.measures, from 1',
    kind LowCardinality(String) COMMENT 'Kind of event that is counted',
    mode LowCardinality(String) COMMENT 'flow: by event time; age: by the day that something falls due; now: the present',
    time_field String COMMENT 'Time field that places an entity in a bucket; empty for now',
    definition String COMMENT 'What is added up over which entities',
    revision UInt64 COMMENT 'When the row was loaded, microseconds since the epoch',
    gone UInt8 COMMENT '1: no longer in the catalogue'
) ENGINE = {replicated}ReplacingMergeTree(revision, gone) ORDER BY (rollup_id, position)
COMMENT 'What stands at each place of a vector in partials. Read with FINAL';

CREATE TABLE IF NOT EXISTS {database}.indicators {on_cluster} (
    code String COMMENT 'Code of the indicator',
    sector LowCardinality(String) COMMENT 'Sector, the letters of the code',
    sector_vi String COMMENT 'Name of the sector, Vietnamese',
    name_vi String COMMENT 'Name, Vietnamese',
    name_en String COMMENT 'Name, English',
    kind LowCardinality(String) COMMENT 'count, sum, mean, ratio or stock',
    event LowCardinality(String) COMMENT 'Kind of event that it is computed from',
    mode LowCardinality(String) COMMENT 'flow (over a period), now, or age (days relative to today)',
    unit_of_measure LowCardinality(String) COMMENT 'Unit that the value is shown in',
    period LowCardinality(String) COMMENT 'Period that indicator_now shows a flow for: day, month or year',
    levels Array(String) COMMENT 'Levels of units that it is computed for',
    direction LowCardinality(String) COMMENT 'up: more is better; down: less is better; none',
    warning_margin Float64 COMMENT 'How far short of the target is still a warning, in unit_of_measure',
    freshness_minutes Int32 COMMENT 'Older than this is late, older than three times this is stale',
    responsible String COMMENT 'Unit that answers for it',
    numerator_rollup String COMMENT 'Rollup of the numerator',
    numerator_position UInt16 COMMENT 'Place of the numerator in the vector, from 1',
    denominator_rollup String COMMENT 'Rollup of the denominator; empty when there is none',
    denominator_position UInt16 COMMENT 'Place of the denominator in the vector, from 1; 0 when there is none',
    window_from Nullable(Int32) COMMENT 'age: first day counted, relative to today',
    window_to Nullable(Int32) COMMENT 'age: last day counted, relative to today',
    multiplier Int64 COMMENT 'value = numerator * multiplier / divisor (/ denominator)',
    divisor Int64 COMMENT 'See multiplier',
    revision UInt64 COMMENT 'When the row was loaded, microseconds since the epoch',
    gone UInt8 COMMENT '1: no longer in the catalogue'
) ENGINE = {replicated}ReplacingMergeTree(revision, gone) ORDER BY code
COMMENT 'The catalogue: what each indicator is and how it follows from measures. Read with FINAL';

CREATE TABLE IF NOT EXISTS {database}.targets {on_cluster} (
    code String COMMENT 'Code of the indicator',
    year Int32 COMMENT 'Year that the target is set for',
    level LowCardinality(String) COMMENT 'Level of units that it is set for',
    value Float64 COMMENT 'The target, in the unit of measure of the indicator',
    document String COMMENT 'Document that sets it',
    reference String COMMENT 'Where in the document',
    revision UInt64 COMMENT 'When the row was loaded, microseconds since the epoch',
    gone UInt8 COMMENT '1: no longer in the catalogue'
) ENGINE = {replicated}ReplacingMergeTree(revision, gone) ORDER BY (code, year, level)
COMMENT 'Targets and the documents that set them. Read with FINAL';
