CREATE OR REPLACE VIEW {database}.indicator_now {on_cluster} (
    code String COMMENT 'Code of the indicator',
    sector String COMMENT 'Sector, the letters of the code',
    name_vi String COMMENT 'Name, Vietnamese',
    name_en String COMMENT 'Name, English',
    kind String COMMENT 'count, sum, mean, ratio, stock, latest or composite',
    direction String COMMENT 'up: more is better; down: less is better; none',
    unit_of_measure String COMMENT 'Unit of value and target',
    unit String COMMENT 'Unit of the province that exists today, or unknown: codes that no unit has',
    unit_name String COMMENT 'Name of the unit, Vietnamese; for unknown with the codes that the sources wrote',
    level String COMMENT 'Level of the unit; unknown lies below the province and is counted in it',
    period_grain String COMMENT 'Period that the value is for: day, week, month, quarter, year or to_date, each up to today; or now',
    period_start Date COMMENT 'First local day of the period',
    numerator Int64 COMMENT 'Sum of the numerator measure; of reports in thousandths; of a composite ten-thousandths of points earned',
    denominator Nullable(Int64) COMMENT 'Sum of the denominator measure; null when there is none; of a composite ten-thousandths of points that could be earned',
    value Nullable(Float64) COMMENT 'The figure; null when there is nothing to divide by, nothing was folded yet, or several reports may not be summed',
    previous Nullable(Float64) COMMENT 'The figure of the period before, of the same length; of a state 30 days ago; of reports the last earlier period that has one',
    previous_start Nullable(Date) COMMENT 'First local day of that period; null when there is none',
    trend Enum8('up' = 1, 'down' = 2, 'flat' = 3, 'none' = 4) COMMENT 'value against previous; none when one of them is missing',
    provisional Bool COMMENT 'It can still change: a period that is not sealed, a state of now, fewer reports than expected, parts missing',
    reported Nullable(Int64) COMMENT 'Of reports: how many are in it; of a composite: parts that have a value',
    expected Nullable(Int64) COMMENT 'Of reports: how many there should be; of a composite: parts',
    target Nullable(Float64) COMMENT 'Target of the level: of the latest year up to the current one, else of the next',
    target_document String COMMENT 'Document that sets the target',
    target_reference String COMMENT 'Where in that document',
    status Enum8('good' = 1, 'warning' = 2, 'bad' = 3, 'none' = 4) COMMENT 'Value against target; none without either, and for a sum of reports that is not complete',
    as_of DateTime64(6, 'UTC') COMMENT 'Moment up to which every stream of its kind was read (or the unit that reports itself has reported) and folded; of reports the end of the last period that has one; 1970 when there is none',
    age_s Int64 COMMENT 'Seconds from as_of to refreshed_at',
    unplanned_age_s Int64 COMMENT 'age_s without the time that planned maintenance of its sources explains',
    freshness Enum8('fresh' = 1, 'late' = 2, 'stale' = 3, 'no_data' = 4) COMMENT 'unplanned_age_s against the minutes of the indicator: up to them fresh, up to three times as much late, then stale; of reports: fresh while the last due one is there, late for as long again as a report has time, then stale',
    freshness_minutes Int32 COMMENT 'Up to this age fresh: what the indicator allows, and planned maintenance since as_of; of reports until the next is due',
    responsible String COMMENT 'Unit that answers for the indicator',
    document String COMMENT 'Document that the indicator comes from, with the reference; project: added by the project itself',
    refreshed_at DateTime64(6, 'UTC') COMMENT 'When the snapshot was taken'
) AS
WITH (
    SELECT (mapFromArrays(groupArray(concat(kind, '/', unit)), groupArray((as_of, unplanned_age_s))), any(refreshed_at))
    FROM {database}.figure_ages
) AS ages,
    -- The unit's own age where it reports itself, else that of the streams.
    concat(event, '/', unit) AS own,
    if(mapContains(ages.1, own), ages.1[own], ages.1[concat(event, '/')]) AS read,
    kind = 'latest' AS by_period
SELECT code, sector, name_vi, name_en, kind, direction, unit_of_measure, unit, unit_name, level, period_grain, period_start,
    numerator, denominator, value, previous, previous_start, trend, provisional, reported, expected,
    target, target_document, target_reference, status,
    multiIf(
        NOT by_period, read.1, toUnixTimestamp64Second(f.due_until) = 0, f.due_until, f.due_until - toIntervalMinute(f.freshness_minutes)
    ) AS as_of,
    greatest(toUnixTimestamp64Second(ages.2) - toUnixTimestamp64Second(as_of), 0) AS age_s,
    if(by_period, age_s, greatest(read.2, 0)) AS unplanned_age_s,
    multiIf(
        toUnixTimestamp64Second(as_of) <= 0, 'no_data',
        by_period, multiIf(ages.2 < due_until, 'fresh', ages.2 < late_until, 'late', 'stale'),
        unplanned_age_s <= f.freshness_minutes * 60, 'fresh', unplanned_age_s <= f.freshness_minutes * 180, 'late', 'stale'
    ) AS freshness,
    -- The wall lets figures grow old by itself between snapshots, and must not hold what was planned against them.
    f.freshness_minutes + toInt32(intDiv(age_s - unplanned_age_s, 60)) AS freshness_minutes,
    responsible, document, ages.2 AS refreshed_at
FROM {database}.indicator_figures AS f FINAL
COMMENT 'Every indicator for every unit as of the last refresh: what the wall reads';
