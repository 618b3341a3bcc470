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
-- Few expressions, each planned once: a reader of one figure pays for the planning, hardly for the reading.
WITH f.kind = 'latest' AS by_period
SELECT f.code AS code, f.sector AS sector, f.name_vi AS name_vi, f.name_en AS name_en, f.kind AS kind, f.direction AS direction,
    f.unit_of_measure AS unit_of_measure, f.unit AS unit, f.unit_name AS unit_name, f.level AS level, f.period_grain AS period_grain,
    f.period_start AS period_start, f.numerator AS numerator, f.denominator AS denominator, f.value AS value,
    f.previous AS previous, f.previous_start AS previous_start, f.trend AS trend, f.provisional AS provisional,
    f.reported AS reported, f.expected AS expected, f.target AS target, f.target_document AS target_document,
    f.target_reference AS target_reference, f.status AS status,
    if(by_period, f.reported_until, a.as_of) AS as_of,
    greatest(toUnixTimestamp64Second(a.refreshed_at) - toUnixTimestamp64Second(as_of), 0) AS age_s,
    if(by_period, age_s, greatest(a.unplanned_age_s, 0)) AS unplanned_age_s,
    multiIf(
        by_period, multiIf(
            toUnixTimestamp64Second(f.due_until) <= 0, 'no_data',
            a.refreshed_at < f.due_until, 'fresh', a.refreshed_at < f.late_until, 'late', 'stale'
        ),
        toUnixTimestamp64Second(a.as_of) <= 0, 'no_data',
        a.unplanned_age_s <= f.freshness_minutes * 60, 'fresh', a.unplanned_age_s <= f.freshness_minutes * 180, 'late', 'stale'
    ) AS freshness,
    -- The wall lets figures grow old by itself between snapshots, and must not hold what was planned against them.
    f.freshness_minutes + if(by_period, 0, a.planned_minutes) AS freshness_minutes,
    f.responsible AS responsible, f.document AS document, a.refreshed_at AS refreshed_at
FROM {database}.indicator_figures AS f FINAL
-- The ages are laid out for every kind in every unit: one look finds them.
LEFT JOIN {database}.figure_ages AS a ON a.kind = f.event AND a.unit = f.unit
-- Whatever a reader has set: the types of the columns are these.
SETTINGS join_use_nulls = 0
COMMENT 'Every indicator for every unit as of the last refresh: what the wall reads';
