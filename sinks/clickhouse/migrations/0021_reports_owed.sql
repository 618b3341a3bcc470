CREATE TABLE IF NOT EXISTS {database}.reports_owed {on_cluster} (
    unit String COMMENT 'Who owes the report: a unit of the province; empty where the one that answers for the indicator is none',
    unit_name String COMMENT 'Its name, Vietnamese',
    series String COMMENT 'What is owed',
    period_grain LowCardinality(String) COMMENT 'Length of its periods',
    period_start Date COMMENT 'First local day of the period, of several daily or weekly ones of the first',
    periods UInt32 COMMENT 'How many periods in a row are missing; 1 but for daily and weekly ones',
    due Date COMMENT 'Last local day on which the report of the first would have been in time',
    late_days UInt32 COMMENT 'Working days since then',
    stale Bool COMMENT 'Late for longer than the report had time',
    never Bool COMMENT 'This unit has not reported the series in the last two years',
    reported UInt32 COMMENT 'Reports of that period that are there',
    expected UInt32 COMMENT 'Reports of that period that should be there',
    computed_at DateTime64(3, 'UTC') COMMENT 'When it was worked out'
) ENGINE = {replicated}MergeTree ORDER BY (unit, series, period_start) SETTINGS old_parts_lifetime = 10
COMMENT 'Reports that are due and not there, by the last due period of each series. Worked out every minute, replaced as a whole';

CREATE TABLE IF NOT EXISTS {database}.reports_owed_next {on_cluster} AS {database}.reports_owed
ENGINE = {replicated}MergeTree ORDER BY (unit, series, period_start) SETTINGS old_parts_lifetime = 10
COMMENT 'Where the next reports_owed is built; not for reading';
