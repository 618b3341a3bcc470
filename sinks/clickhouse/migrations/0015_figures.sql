-- The figures of now: sums by source unit that are kept up to date where something came in, and rows made of them.
ALTER TABLE {database}.partials {on_cluster}
    ADD COLUMN IF NOT EXISTS stored_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'When the value was stored, by the clock of the server: what has come since is found by it';

ALTER TABLE {database}.partials {on_cluster} MATERIALIZE COLUMN stored_at SETTINGS mutations_sync = 2;

ALTER TABLE {database}.partials {on_cluster} ADD INDEX IF NOT EXISTS stored_at_range stored_at TYPE minmax GRANULARITY 1;

CREATE TABLE IF NOT EXISTS {database}.figures_touched {on_cluster} (
    rollup_id LowCardinality(String) COMMENT 'Rollup',
    unit String COMMENT 'Unit code as the source writes it'
) ENGINE = {replicated}MergeTree ORDER BY (rollup_id, unit) SETTINGS old_parts_lifetime = 10
COMMENT 'What the next snapshot counts anew; not for reading';

CREATE TABLE IF NOT EXISTS {database}.unit_sums {on_cluster} (
    generation String COMMENT 'Generation of the rollups',
    rollup_id LowCardinality(String) COMMENT 'Rollup',
    slot LowCardinality(String) COMMENT 'Days that are added up, as figure_slots says',
    unit String COMMENT 'Unit code as the source writes it',
    measures Array(Int64) COMMENT 'Sums of the measures of the rollup',
    computed_at DateTime64(3, 'UTC') COMMENT 'When they were added up; of two the later counts'
) ENGINE = {replicated}ReplacingMergeTree(computed_at) ORDER BY (generation, rollup_id, slot, unit) SETTINGS old_parts_lifetime = 10
COMMENT 'Sums over the days that indicator_now shows. Read with FINAL';

CREATE TABLE IF NOT EXISTS {database}.unit_sums_next {on_cluster} AS {database}.unit_sums
ENGINE = {replicated}ReplacingMergeTree(computed_at) ORDER BY (generation, rollup_id, slot, unit) SETTINGS old_parts_lifetime = 10
COMMENT 'Where unit_sums is built anew; not for reading';

CREATE TABLE IF NOT EXISTS {database}.state_before {on_cluster} (
    code String COMMENT 'Code of an indicator of a state',
    unit String COMMENT 'Unit of the province, in the tree of today',
    above Int64 COMMENT 'Numerator at the end of the local day 30 days ago',
    below Int64 COMMENT 'Denominator then'
) ENGINE = {replicated}ReplacingMergeTree ORDER BY (code, unit) SETTINGS old_parts_lifetime = 10
COMMENT 'States 30 days ago, where their history reaches so far. Replaced as a whole. Read with FINAL';

CREATE TABLE IF NOT EXISTS {database}.state_before_next {on_cluster} AS {database}.state_before
ENGINE = {replicated}ReplacingMergeTree ORDER BY (code, unit) SETTINGS old_parts_lifetime = 10
COMMENT 'Where the next state_before is built; not for reading';

CREATE TABLE IF NOT EXISTS {database}.figure_ages {on_cluster} (
    kind String COMMENT 'Kind of event',
    unit String COMMENT 'Unit of the province that reports itself; empty for all others',
    as_of DateTime64(6, 'UTC') COMMENT 'Moment up to which everything was read and folded; 1970 when that is not known',
    unplanned_age_s Int64 COMMENT 'Seconds since then without planned maintenance',
    refreshed_at DateTime64(6, 'UTC') COMMENT 'When the snapshot was taken'
) ENGINE = {replicated}MergeTree ORDER BY (kind, unit) SETTINGS old_parts_lifetime = 10
COMMENT 'kind_ages at the moment of the snapshot. Replaced as a whole';

CREATE TABLE IF NOT EXISTS {database}.figure_ages_next {on_cluster} AS {database}.figure_ages
ENGINE = {replicated}MergeTree ORDER BY (kind, unit) SETTINGS old_parts_lifetime = 10
COMMENT 'Where the next figure_ages is built; not for reading';

DROP TABLE IF EXISTS {database}.indicator_now {on_cluster} SYNC;

DROP TABLE IF EXISTS {database}.indicator_next {on_cluster} SYNC;

CREATE TABLE IF NOT EXISTS {database}.indicator_figures {on_cluster} (
    code String COMMENT 'Code of the indicator',
    sector LowCardinality(String) COMMENT 'Sector, the letters of the code',
    name_vi String COMMENT 'Name, Vietnamese',
    name_en String COMMENT 'Name, English',
    kind LowCardinality(String) COMMENT 'count, sum, mean, ratio, stock, latest or composite',
    event LowCardinality(String) COMMENT 'Kind of event that it is computed from; empty for a composite',
    direction LowCardinality(String) COMMENT 'up: more is better; down: less is better; none',
    unit_of_measure LowCardinality(String) COMMENT 'Unit of value and target',
    unit String COMMENT 'Unit of the province, or unknown: codes that no unit has',
    unit_name String COMMENT 'Name of the unit, Vietnamese; for unknown with the codes that the sources wrote',
    level LowCardinality(String) COMMENT 'Level of the unit; unknown lies below the province and is counted in it',
    period_grain LowCardinality(String) COMMENT 'Period that the value is for: day, week, month, quarter, year or to_date, each up to today; or now',
    period_start Date COMMENT 'First local day of the period',
    numerator Int64 COMMENT 'Sum of the numerator measure; of reports in thousandths; of a composite ten-thousandths of points earned',
    denominator Nullable(Int64) COMMENT 'Sum of the denominator measure; null when the indicator has none; of a composite ten-thousandths of points that could be earned',
    value Nullable(Float64) COMMENT 'The figure; null when there is nothing to divide by, nothing was folded yet, or several reports may not be summed',
    previous Nullable(Float64) COMMENT 'The figure of the period before, of the same length; of a state 30 days ago; of reports the last earlier period that has one',
    previous_start Nullable(Date) COMMENT 'First local day of that period; null when there is no figure of it',
    trend Enum8('up' = 1, 'down' = 2, 'flat' = 3, 'none' = 4) COMMENT 'value against previous; none when one of them is missing',
    provisional Bool COMMENT 'It can still change: a period that is not sealed, a state of now, fewer reports than expected, parts missing',
    reported Nullable(Int64) COMMENT 'Of reports: how many are in it; of a composite: parts that have a value',
    expected Nullable(Int64) COMMENT 'Of reports: how many there should be; of a composite: parts',
    target Nullable(Float64) COMMENT 'Target of the level: of the latest year up to the current one, else of the next',
    target_document String COMMENT 'Document that sets the target',
    target_reference String COMMENT 'Where in that document',
    status Enum8('good' = 1, 'warning' = 2, 'bad' = 3, 'none' = 4) COMMENT 'Value against target; none without either, and for a sum of reports that is not complete',
    due_until DateTime64(6, 'UTC') COMMENT 'Reports: until then the last one counts as fresh; 1970 when there is none',
    late_until DateTime64(6, 'UTC') COMMENT 'Reports: until then it counts as late',
    freshness_minutes Int32 COMMENT 'What the indicator allows; of reports, from the end of the last period until the next is due',
    responsible String COMMENT 'Unit that answers for the indicator',
    document String COMMENT 'Document that the indicator comes from, with the reference; project: added by the project itself',
    revision DateTime64(6, 'UTC') COMMENT 'When the row was made; of two the later counts'
) ENGINE = {replicated}ReplacingMergeTree(revision) ORDER BY (level, code, unit) SETTINGS old_parts_lifetime = 10
COMMENT 'Every indicator for every unit as it stands; indicator_now adds how old it is. Read with FINAL';

CREATE TABLE IF NOT EXISTS {database}.indicator_next {on_cluster} AS {database}.indicator_figures
ENGINE = {replicated}ReplacingMergeTree(revision) ORDER BY (level, code, unit) SETTINGS old_parts_lifetime = 10
COMMENT 'Where indicator_figures is built anew; not for reading';

ALTER TABLE {database}.indicators {on_cluster}
    ADD COLUMN IF NOT EXISTS document String COMMENT 'Document that the indicator comes from; project: added by the project itself' AFTER responsible,
    ADD COLUMN IF NOT EXISTS reference String COMMENT 'Where in that document' AFTER document;
