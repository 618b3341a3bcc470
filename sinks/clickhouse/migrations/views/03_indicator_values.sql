CREATE OR REPLACE VIEW {database}.indicator_values {on_cluster} (
    code String COMMENT 'Code of the indicator',
    unit String COMMENT 'Unit of the province, or unknown',
    level String COMMENT 'Level of the unit',
    grain String COMMENT 'day, month, year for flows; now for states',
    period_start Date COMMENT 'First local day of the period; today for now',
    numerator Int64 COMMENT 'Sum of the numerator measure',
    denominator Nullable(Int64) COMMENT 'Sum of the denominator measure; null when the indicator has none',
    value Nullable(Float64) COMMENT 'The figure; null when there is nothing to divide by'
) AS
SELECT i.code AS code, v.unit AS unit, u.level AS level, v.grain AS grain, v.period_start AS period_start,
    v.numerator AS numerator,
    if(i.denominator_position = 0, NULL, v.denominator) AS denominator,
    if(i.denominator_position = 0, toFloat64(v.numerator) * i.multiplier / i.divisor,
        if(v.denominator = 0, NULL, toFloat64(v.numerator) * i.multiplier / i.divisor / v.denominator)) AS value
FROM (
    SELECT f.code AS code, c.unit AS unit, c.grain AS grain, c.period_start AS period_start,
        c.m[f.numerator_position] AS numerator,
        if(f.denominator_position = 0, 0, c.m[f.denominator_position]) AS denominator
    FROM (
        SELECT rollup_id, unit, 'day' AS grain, toDate(bucket) AS period_start, measures AS m
        FROM {database}.unit_cells WHERE unit_cells.grain = 'day'
        UNION ALL
        SELECT rollup_id, unit, 'month' AS grain, toStartOfMonth(toDate(bucket)) AS period_start, sumForEach(measures) AS m
        FROM {database}.unit_cells WHERE unit_cells.grain = 'day' GROUP BY rollup_id, unit, period_start
        UNION ALL
        SELECT rollup_id, unit, 'year' AS grain, toStartOfYear(toDate(bucket)) AS period_start, sumForEach(measures) AS m
        FROM {database}.unit_cells WHERE unit_cells.grain = 'day' GROUP BY rollup_id, unit, period_start
    ) AS c
    INNER JOIN (SELECT * FROM {database}.indicators FINAL WHERE mode = 'flow') AS f ON f.numerator_rollup = c.rollup_id
    UNION ALL
    SELECT code, unit, 'now' AS grain, toDate({today}) AS period_start, sum(above) AS numerator, sum(below) AS denominator
    FROM {database}.state_terms
    GROUP BY code, unit
) AS v
INNER JOIN (SELECT * FROM {database}.indicators FINAL) AS i ON i.code = v.code
INNER JOIN (SELECT code, level FROM {database}.units FINAL) AS u ON u.code = v.unit
WHERE has(i.levels, u.level) OR (u.level = 'unknown' AND i.levels != ['province'])
COMMENT 'Every indicator for every unit and period, computed when asked';
