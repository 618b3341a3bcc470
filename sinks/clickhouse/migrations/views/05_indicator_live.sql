CREATE OR REPLACE VIEW {database}.indicator_live {on_cluster} AS
WITH
    {today} AS today,
    toDate(today) AS day_start, toStartOfMonth(day_start) AS month_start, toStartOfYear(day_start) AS year_start,
    now64(6, 'UTC') AS at,
    (SELECT count() FROM {database}.partials WHERE generation = (SELECT generation FROM {database}.active_generation)) > 0 AS folded,
    -- The unit's own age where it reports itself, else that of the streams.
    if(has(s.units, u.code), s.ages[indexOf(s.units, u.code)], s.ages[indexOf(s.units, '')]) AS age
SELECT i.code AS code, i.sector AS sector, i.name_vi AS name_vi, i.name_en AS name_en, i.kind AS kind,
    i.direction AS direction, i.unit_of_measure AS unit_of_measure,
    u.code AS unit,
    if(u.level = 'unknown', concat(u.name_vi, ': ', arrayStringConcat(arraySlice(arraySort(v.raw_units), 1, 10), ', ')), u.name_vi) AS unit_name,
    u.level AS level,
    if(i.mode = 'flow', i.period, 'now') AS period_grain,
    multiIf(period_grain = 'month', month_start, period_grain = 'year', year_start, day_start) AS period_start,
    v.numerator AS numerator,
    if(o.denominator_position = 0, NULL, v.denominator) AS denominator,
    -- An indicator without a formula in the live generation has no figure: divisor 0 tells them.
    if(NOT folded OR o.divisor = 0, NULL, if(o.denominator_position = 0, toFloat64(v.numerator) * o.multiplier / o.divisor,
        if(v.denominator = 0, NULL, toFloat64(v.numerator) * o.multiplier / o.divisor / v.denominator))) AS value,
    t.target AS target,
    t.target_document AS target_document,
    multiIf(
        isNull(value) OR isNull(target) OR i.direction = 'none', 'none',
        i.direction = 'up', multiIf(value >= target, 'good', value >= target - i.warning_margin, 'warning', 'bad'),
        multiIf(value <= target, 'good', value <= target + i.warning_margin, 'warning', 'bad')
    ) AS status,
    if(folded, age.1, toDateTime64(0, 6, 'UTC')) AS as_of,
    greatest(toInt64(toUnixTimestamp64Second(at)) - toUnixTimestamp64Second(as_of), 0) AS age_s,
    greatest(age.2, 0) AS unplanned_age_s,
    multiIf(
        NOT folded OR toUnixTimestamp64Second(as_of) = 0, 'no_data',
        unplanned_age_s <= i.freshness_minutes * 60, 'fresh', unplanned_age_s <= i.freshness_minutes * 180, 'late', 'stale'
    ) AS freshness,
    -- The wall lets figures grow old by itself between snapshots, and must not hold what was planned against them.
    i.freshness_minutes + toInt32(intDiv(age_s - unplanned_age_s, 60)) AS freshness_minutes,
    i.responsible AS responsible,
    at AS refreshed_at
FROM (SELECT * FROM {database}.indicators FINAL) AS i
LEFT JOIN {database}.live_formulas AS o ON o.code = i.code
CROSS JOIN (SELECT * FROM {database}.units FINAL) AS u
LEFT JOIN (
    SELECT code, unit, sum(above) AS numerator, sum(below) AS denominator,
        groupUniqArrayIf(raw_unit, unit = 'unknown') AS raw_units
    FROM (
        SELECT t.code AS code, t.raw_unit AS raw_unit, t.above AS above, t.below AS below,
            if(empty(a.ancestors), (SELECT any(ancestors) FROM {database}.units FINAL WHERE level = 'unknown'), a.ancestors) AS path
        FROM (
            SELECT code, raw_unit, above, below FROM {database}.state_terms
            UNION ALL
            SELECT f.code AS code, c.unit AS raw_unit,
                multiIf(f.period = 'day', c.of_day, f.period = 'month', c.of_month, c.of_year)[f.numerator_position] AS above,
                multiIf(f.period = 'day', c.of_day, f.period = 'month', c.of_month, c.of_year)[f.denominator_position] AS below
            FROM (
                SELECT rollup_id, unit,
                    sumForEachIf(measures, bucket = {today}) AS of_day,
                    sumForEachIf(measures, bucket >= toInt32(toStartOfMonth(toDate({today})))) AS of_month,
                    sumForEach(measures) AS of_year
                FROM {database}.partials FINAL
                WHERE generation = (SELECT generation FROM {database}.active_generation)
                    AND grain = 'day' AND bucket BETWEEN toInt32(toStartOfYear(toDate({today}))) AND {today}
                GROUP BY rollup_id, unit
            ) AS c
            INNER JOIN (
                SELECT l.code AS code, p.period AS period, numerator_rollup, numerator_position, denominator_position
                FROM {database}.live_formulas AS l
                INNER JOIN (SELECT code, period FROM {database}.indicators FINAL) AS p ON p.code = l.code
                WHERE mode = 'flow'
            ) AS f ON f.numerator_rollup = c.rollup_id
        ) AS t
        LEFT JOIN {database}.unit_codes AS a ON a.raw_code = t.raw_unit
    )
    ARRAY JOIN path AS unit
    GROUP BY code, unit
) AS v ON v.code = i.code AND v.unit = u.code
LEFT JOIN (
    SELECT code, level, argMin(toNullable(value), (is_next, distance)) AS target,
        argMin(document, (is_next, distance)) AS target_document
    FROM (
        SELECT code, level, value, document, year > this_year AS is_next, abs(year - this_year) AS distance,
            toYear(toDate({today})) AS this_year
        FROM {database}.targets FINAL
    )
    GROUP BY code, level
) AS t ON t.code = i.code AND t.level = u.level
LEFT JOIN (
    SELECT kind, groupArray(unit) AS units, groupArray((as_of, unplanned_age_s)) AS ages FROM {database}.kind_ages GROUP BY kind
) AS s ON s.kind = i.event
WHERE has(i.levels, u.level) OR (u.level = 'unknown' AND i.levels != ['province'] AND notEmpty(v.raw_units))
COMMENT 'What the next snapshot of indicator_now will hold; computing it costs, read indicator_now';
