CREATE OR REPLACE VIEW {database}.reports {on_cluster} (
    entity String COMMENT 'Report: series/unit/period',
    series String COMMENT 'Series, as the report writes it',
    unit String COMMENT 'Unit code as the source writes it',
    period_grain String COMMENT 'Length of the period',
    period_start Date COMMENT 'First local day of the period',
    value Float64 COMMENT 'Reported value, in the unit of measure of the series',
    numerator Nullable(Float64) COMMENT 'Reported numerator',
    denominator Nullable(Float64) COMMENT 'Reported denominator',
    contradictory Bool COMMENT 'The value is not its own numerator over denominator',
    observed_at DateTime64(6, 'UTC') COMMENT 'When it was read',
    known Bool COMMENT 'The catalogue has the series',
    grain String COMMENT 'Length of the periods of the series; empty when it is not known',
    additivity String COMMENT 'Of the series',
    low Float64 COMMENT 'Least value that a report of the series may hold',
    high Float64 COMMENT 'Greatest value that a report of the series may hold'
) AS
-- The kind's one facet is the main one, so that none of its fields is unknown where there is a row.
SELECT r.entity AS entity, assumeNotNull(r.series) AS series, r.unit AS unit, toString(assumeNotNull(r.period_grain)) AS period_grain,
    toDate(assumeNotNull(r.period_start), 'Asia/Ho_Chi_Minh') AS period_start,
    assumeNotNull(r.value_milli) / 1000 AS value, r.numerator_milli / 1000 AS numerator, r.denominator_milli / 1000 AS denominator,
    assumeNotNull(r.contradictory) AS contradictory, r.observed_at AS observed_at,
    s.code != '' AS known, s.grain AS grain, s.additivity AS additivity, s.low AS low, s.high AS high
FROM (SELECT * FROM {database}.statistic WHERE NOT deleted) AS r
LEFT JOIN (SELECT * FROM {database}.series FINAL) AS s ON s.code = r.series
COMMENT 'Reported figures as they stand, beside what the catalogue says of their series';

CREATE OR REPLACE VIEW {database}.reports_there {on_cluster} (
    series String COMMENT 'Series',
    unit String COMMENT 'Unit of the province that reported, in the tree of today; a code that no unit has as the source writes it',
    period_start Date COMMENT 'First local day of the period'
) AS
SELECT DISTINCT r.series AS series, if(c.unit = '', r.unit, c.unit) AS unit, r.period_start AS period_start
FROM {database}.reports AS r
LEFT JOIN {database}.unit_codes AS c ON c.raw_code = r.unit
WHERE r.known AND r.period_grain = r.grain
COMMENT 'Which reports are there, of the periods that their series has';

CREATE OR REPLACE VIEW {database}.findings_now {on_cluster} (
    reason String COMMENT 'What is wrong, see findings',
    entity String COMMENT 'Report that it is about: series/unit/period',
    series String COMMENT 'Series',
    unit String COMMENT 'Unit code as the source writes it',
    period_grain String COMMENT 'Length of the period',
    period_start Date COMMENT 'First local day of the period',
    stated Nullable(Float64) COMMENT 'What was reported',
    expected Nullable(Float64) COMMENT 'What it is held against: its own quotient, a bound, the usual value',
    observed_at DateTime64(6, 'UTC') COMMENT 'When the report was read'
) AS
SELECT finding.1 AS reason, entity, series, unit, period_grain, period_start,
    finding.2 AS stated, finding.3 AS expected, observed_at
FROM (
    SELECT entity, series, unit, period_grain, period_start, observed_at,
        -- The last eight values before this one; of fewer than five nothing is said.
        arraySort(arraySlice(before, -8)) AS usual,
        arrayElement(usual, intDiv(length(usual) + 1, 2)) AS median,
        arrayElement(arraySort(arrayMap(v -> abs(v - median), usual)), intDiv(length(usual) + 1, 2)) AS deviation,
        arrayFilter(f -> f.4, [
            ('unknown_series', toNullable(value), CAST(NULL, 'Nullable(Float64)'), NOT known),
            ('wrong_period', toNullable(value), NULL, known AND period_grain != grain),
            ('contradictory', toNullable(value), 100 * numerator / nullIf(denominator, 0), contradictory),
            ('part_over_whole', numerator, denominator, ifNull(additivity = 'ratio' AND numerator > denominator, false)),
            ('out_of_domain', toNullable(value), toNullable(if(value < low, low, high)), known AND (value < low OR value > high)),
            ('jump', toNullable(value), toNullable(median),
                length(usual) >= 5 AND abs(value - median) > greatest(8 * deviation, 0.5 * abs(median)))
        ]) AS found
    FROM (
        SELECT *, groupArray(value) OVER (
            PARTITION BY series, unit, period_grain ORDER BY period_start ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before
        FROM {database}.reports
    )
)
ARRAY JOIN found AS finding
UNION ALL
-- A unit that sends the whole report of the period before once more: at least three series, all of them the same.
SELECT 'repeated' AS reason, entity, series, unit, period_grain, period_start, toNullable(value) AS stated, earlier AS expected, observed_at
FROM (
    SELECT *, count() OVER report AS size, countIf(value = earlier AND ifNull(numerator = earlier_part, true)) OVER report AS same
    FROM (
        SELECT *,
            lagInFrame(toNullable(value)) OVER series_of_unit AS earlier,
            lagInFrame(numerator) OVER series_of_unit AS earlier_part
        FROM {database}.reports
        WINDOW series_of_unit AS (
            PARTITION BY series, unit, period_grain ORDER BY period_start ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        )
    )
    WINDOW report AS (PARTITION BY unit, period_grain, period_start)
)
WHERE size >= 3 AND same = size
UNION ALL
-- Nothing may be added, so with two reports there is no value.
SELECT 'several_reports' AS reason, r.entity, r.series, r.unit, r.period_grain, r.period_start, toNullable(r.value) AS stated,
    CAST(NULL, 'Nullable(Float64)') AS expected, r.observed_at
FROM {database}.reports AS r
INNER JOIN (SELECT code FROM {database}.series FINAL WHERE additivity = 'none' AND reporters = 1) AS s ON s.code = r.series
WHERE (r.series, r.period_grain, r.period_start) IN (
    SELECT series, period_grain, period_start FROM {database}.reports GROUP BY series, period_grain, period_start HAVING count() > 1
)
COMMENT 'What is wrong with reported figures, computed when asked; findings keeps it with its history';
