CREATE OR REPLACE VIEW {database}.indicator_values {on_cluster} (
    code String COMMENT 'Code of the indicator',
    unit String COMMENT 'Unit of the province, or unknown: codes that no unit has',
    level String COMMENT 'Level of the unit; unknown lies below the province and is counted in it',
    grain String COMMENT 'day, month, year for flows; now for states',
    period_start Date COMMENT 'First local day of the period; today for now',
    numerator Int64 COMMENT 'Sum of the numerator measure',
    denominator Nullable(Int64) COMMENT 'Sum of the denominator measure; null when the indicator has none',
    value Nullable(Float64) COMMENT 'The figure; null when there is nothing to divide by'
) AS
SELECT v.code AS code, v.unit AS unit, u.level AS level, v.grain AS grain, v.period_start AS period_start,
    v.above AS numerator,
    if(f.denominator_position = 0, NULL, v.below) AS denominator,
    if(f.denominator_position = 0, toFloat64(v.above) * f.multiplier / f.divisor,
        if(v.below = 0, NULL, toFloat64(v.above) * f.multiplier / f.divisor / v.below)) AS value
FROM (
    SELECT code, unit, grain, period_start, sum(above) AS above, sum(below) AS below
    FROM (
        SELECT t.code AS code, t.grain AS grain, t.period_start AS period_start, t.above AS above, t.below AS below,
            if(empty(c.ancestors), (SELECT any(ancestors) FROM {database}.units FINAL WHERE level = 'unknown'), c.ancestors) AS path
        FROM (
            SELECT code, raw_unit, period.1 AS grain, period.2 AS period_start, above, below
            FROM (SELECT code, raw_unit, toDate(least(bucket, 65535)) AS day, above, below FROM {database}.flow_terms)
            ARRAY JOIN [('day', day), ('month', toStartOfMonth(day)), ('year', toStartOfYear(day))] AS period
            UNION ALL
            SELECT code, raw_unit, 'now' AS grain, toDate({today}) AS period_start, above, below
            FROM {database}.state_terms
        ) AS t
        LEFT JOIN {database}.unit_codes AS c ON c.raw_code = t.raw_unit
    )
    ARRAY JOIN path AS unit
    GROUP BY code, unit, grain, period_start
) AS v
INNER JOIN (SELECT code, levels FROM {database}.indicators FINAL) AS i ON i.code = v.code
INNER JOIN {database}.live_formulas AS f ON f.code = v.code
INNER JOIN (SELECT code, level FROM {database}.units FINAL) AS u ON u.code = v.unit
WHERE has(i.levels, u.level) OR (u.level = 'unknown' AND i.levels != ['province'])
COMMENT 'Every indicator for every unit and period, computed when asked';
