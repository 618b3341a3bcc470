CREATE OR REPLACE VIEW {database}.period_spans {on_cluster} (
    period String COMMENT 'Period that indicator_now shows a flow for',
    first Int32 COMMENT 'First local day of the running one (days since 1970-01-01); it ends today',
    previous_first Int32 COMMENT 'First local day of the one before',
    previous_last Int32 COMMENT 'Its last day that is compared: as far into it as today is into the running one'
) AS
WITH {today} AS today, toDate(today) AS day
SELECT span.1 AS period, toInt32(span.2) AS first, toInt32(span.3) AS previous_first, toInt32(span.4) AS previous_last
FROM (
    SELECT arrayJoin([
        ('day', day, day - 1, day - 1),
        ('week', toMonday(day), toMonday(day) - 7, day - 7),
        ('month', toStartOfMonth(day), addMonths(toStartOfMonth(day), -1),
            least(addMonths(toStartOfMonth(day), -1) + (day - toStartOfMonth(day)), toStartOfMonth(day) - 1)),
        ('quarter', toStartOfQuarter(day), addMonths(toStartOfQuarter(day), -3),
            least(addMonths(toStartOfQuarter(day), -3) + (day - toStartOfQuarter(day)), toStartOfQuarter(day) - 1)),
        ('year', toStartOfYear(day), addYears(toStartOfYear(day), -1), addYears(day, -1)),
        ('to_date', toDate(0), toDate(0), addMonths(day, -1))
    ]) AS span
)
COMMENT 'The running periods and those that they are compared with';

CREATE OR REPLACE VIEW {database}.figure_slots {on_cluster} (
    rollup_id String COMMENT 'Rollup',
    slot String COMMENT 'Name of the days: a period, a period before (with <), days relative to today (age:from:to), or now',
    first Int32 COMMENT 'First bucket',
    last Int32 COMMENT 'Last bucket'
) AS
SELECT DISTINCT rollup_id, span.1 AS slot, toInt32(span.2) AS first, toInt32(span.3) AS last
FROM (
    SELECT toString(f.numerator_rollup) AS rollup_id,
        arrayJoin([(toString(f.period), p.first, {today}), (concat(f.period, '<'), p.previous_first, p.previous_last)]) AS span
    FROM {database}.live_facts AS f INNER JOIN {database}.period_spans AS p ON p.period = f.period
    WHERE f.mode = 'flow'
    UNION ALL
    SELECT toString(numerator_rollup) AS rollup_id,
        (concat('age:', toString(window_from), ':', toString(window_to)), {today} + window_from, {today} + window_to) AS span
    FROM {database}.live_facts WHERE mode = 'age'
    UNION ALL
    SELECT arrayJoin([numerator_rollup, denominator_rollup]) AS rollup_id, ('now', toInt32(0), toInt32(0)) AS span
    FROM {database}.live_facts WHERE mode IN ('now', 'age') AND rollup_id LIKE '%_now'
)
COMMENT 'Which days of which rollup indicator_now adds up';

CREATE OR REPLACE VIEW {database}.unit_sums_live {on_cluster} AS
SELECT (SELECT generation FROM {database}.active_generation) AS generation, d.rollup_id AS rollup_id, s.slot AS slot, d.unit AS unit,
    sumForEach(d.measures) AS measures, now64(3, 'UTC') AS computed_at
FROM (
    SELECT rollup_id, unit, bucket, measures FROM {database}.day_parts
    WHERE rollup_id IN (SELECT rollup_id FROM {database}.figures_touched) AND unit IN (SELECT unit FROM {database}.figures_touched)
    UNION ALL
    SELECT rollup_id, unit, bucket, measures FROM {database}.partials FINAL
    WHERE generation = (SELECT generation FROM {database}.active_generation) AND grain = 'now'
        AND rollup_id IN (SELECT rollup_id FROM {database}.figures_touched) AND unit IN (SELECT unit FROM {database}.figures_touched)
) AS d
INNER JOIN {database}.figure_slots AS s ON s.rollup_id = d.rollup_id
WHERE d.bucket BETWEEN s.first AND s.last AND (d.rollup_id, d.unit) IN (SELECT rollup_id, unit FROM {database}.figures_touched)
GROUP BY rollup_id, slot, unit
COMMENT 'The sums of what figures_touched names';

CREATE OR REPLACE VIEW {database}.state_before_live {on_cluster} AS
WITH {today} AS today, (SELECT generation FROM {database}.active_generation) AS live
SELECT toString(s.code) AS code, toString(p.unit) AS unit, sum(s.above) AS above, sum(s.below) AS below
FROM (SELECT code, unit, above, below FROM {database}.state_days FINAL WHERE generation = live AND day = today - 30) AS s
INNER JOIN (SELECT raw_code, unit FROM {database}.unit_places FINAL WHERE tree = 'today' AND valid_from <= today AND today < valid_to) AS p
    ON p.raw_code = if(s.unit IN (SELECT raw_code FROM {database}.unit_places), s.unit, '')
GROUP BY code, unit
COMMENT 'What the table state_before will hold when it is next replaced';

CREATE OR REPLACE VIEW {database}.target_now {on_cluster} (
    code String COMMENT 'Code of the indicator',
    level String COMMENT 'Level of units that the target is set for',
    target Nullable(Float64) COMMENT 'The target of the latest year up to the current one, else of the next',
    target_document String COMMENT 'Document that sets it',
    target_reference String COMMENT 'Where in that document'
) AS
SELECT code, level, argMin(toNullable(value), near) AS target, argMin(document, near) AS target_document,
    argMin(reference, near) AS target_reference
FROM (
    SELECT code, level, value, document, reference, toYear(toDate({today})) AS this_year,
        (year > this_year, abs(year - this_year)) AS near
    FROM {database}.targets FINAL
)
GROUP BY code, level
COMMENT 'The target that a figure of now is held against';

CREATE OR REPLACE VIEW {database}.units_touched {on_cluster} AS
SELECT code, name_vi, level FROM {database}.units FINAL
WHERE (level = 'unknown' OR (valid_from <= toDate({today}) AND (isNull(valid_to) OR valid_to > toDate({today}))))
    AND code IN (
        SELECT unit FROM {database}.unit_places FINAL
        WHERE tree = 'today' AND valid_from <= {today} AND {today} < valid_to AND raw_code IN (
            SELECT if(unit IN (SELECT raw_code FROM {database}.unit_places), unit, '') FROM {database}.figures_touched
        )
    )
COMMENT 'Units of today that what figures_touched names counts in';

CREATE OR REPLACE VIEW {database}.figures_live {on_cluster} AS
WITH
    {today} AS today, (SELECT generation FROM {database}.active_generation) AS live,
    (SELECT count() FROM {database}.partials WHERE generation = live) > 0 AS folded,
    (SELECT mapFromArrays(groupArray(rollup_id), groupArray(sealed_until)) FROM {database}.sealed_until) AS sealed,
    (
        SELECT groupArray(kind) FROM {database}.state_marks FINAL
        WHERE generation = live AND from_day <= today - 30 AND today - 30 < until_day
    ) AS covered
SELECT i.code AS code, i.sector AS sector, i.name_vi AS name_vi, i.name_en AS name_en, i.kind AS kind, i.event AS event,
    i.direction AS direction, i.unit_of_measure AS unit_of_measure, u.code AS unit,
    if(u.level = 'unknown', concat(u.name_vi, ': ', arrayStringConcat(arraySlice(arraySort(v.raw_units), 1, 10), ', ')), u.name_vi) AS unit_name,
    u.level AS level,
    if(i.mode = 'flow', i.period, 'now') AS period_grain,
    toDate(if(i.mode = 'flow', p.first, today)) AS period_start,
    v.sums[1] AS numerator,
    if(i.denominator_position = 0, NULL, v.sums[2]) AS denominator,
    multiIf(
        NOT folded, NULL,
        i.denominator_position = 0, toFloat64(numerator) * i.multiplier / i.divisor,
        v.sums[2] = 0, NULL,
        toFloat64(numerator) * i.multiplier / i.divisor / v.sums[2]
    ) AS value,
    if(i.mode = 'flow', v.sums[3], earlier.above) AS above_before,
    if(i.mode = 'flow', v.sums[4], earlier.below) AS below_before,
    multiIf(
        NOT folded OR (i.mode != 'flow' AND NOT has(covered, i.event)), NULL,
        i.denominator_position = 0, toFloat64(above_before) * i.multiplier / i.divisor,
        below_before = 0, NULL,
        toFloat64(above_before) * i.multiplier / i.divisor / below_before
    ) AS previous,
    if(isNull(previous), NULL, toDate(if(i.mode = 'flow', p.previous_first, today - 30))) AS previous_start,
    multiIf(
        isNull(value) OR isNull(previous), 'none', abs(value - previous) <= 1e-9 * greatest(abs(value), abs(previous)), 'flat',
        value > previous, 'up', 'down'
    ) AS trend,
    -- The running period ends with today, and today is never sealed.
    true AS provisional,
    CAST(NULL, 'Nullable(Int64)') AS reported, CAST(NULL, 'Nullable(Int64)') AS expected,
    t.target AS target, t.target_document AS target_document, t.target_reference AS target_reference,
    multiIf(
        isNull(value) OR isNull(target) OR i.direction = 'none', 'none',
        i.direction = 'up', multiIf(value >= target, 'good', value >= target - i.warning_margin, 'warning', 'bad'),
        multiIf(value <= target, 'good', value <= target + i.warning_margin, 'warning', 'bad')
    ) AS status,
    toDateTime64(0, 6, 'UTC') AS due_until, toDateTime64(0, 6, 'UTC') AS late_until,
    i.freshness_minutes AS freshness_minutes, i.responsible AS responsible, i.document AS document, now64(6, 'UTC') AS revision
FROM (
    SELECT m.*, f.mode AS mode, f.period AS period, f.levels AS levels, f.denominator_position AS denominator_position,
        f.multiplier AS multiplier, f.divisor AS divisor
    FROM (
        SELECT code, sector, name_vi, name_en, kind, event, direction, unit_of_measure, warning_margin, freshness_minutes, responsible,
            if(reference = '', document, concat(document, ', ', reference)) AS document
        FROM {database}.indicators FINAL
    ) AS m
    INNER JOIN {database}.live_facts AS f ON f.code = m.code
    WHERE f.mode != 'report' AND (
        f.numerator_rollup IN (SELECT rollup_id FROM {database}.figures_touched)
        OR f.denominator_rollup IN (SELECT rollup_id FROM {database}.figures_touched)
    )
) AS i
CROSS JOIN {database}.units_touched AS u
LEFT JOIN {database}.period_spans AS p ON p.period = i.period
LEFT JOIN (
    SELECT a.unit AS unit, k.code AS code, sumForEach(arrayMap(r -> if(r = k.role, a.measures[k.position], 0), [1, 2, 3, 4])) AS sums,
        groupUniqArrayArray(a.raw_units) AS raw_units
    FROM (
        SELECT s.rollup_id AS rollup_id, s.slot AS slot, q.unit AS unit, sumForEach(s.measures) AS measures,
            groupUniqArrayIf(s.unit, q.unit = 'unknown') AS raw_units
        FROM (SELECT rollup_id, slot, unit, measures FROM {database}.unit_sums FINAL WHERE generation = live) AS s
        INNER JOIN (
            SELECT raw_code, unit FROM {database}.unit_places FINAL
            WHERE tree = 'today' AND valid_from <= today AND today < valid_to AND unit IN (SELECT code FROM {database}.units_touched)
        ) AS q ON q.raw_code = if(s.unit IN (SELECT raw_code FROM {database}.unit_places), s.unit, '')
        GROUP BY rollup_id, slot, unit
    ) AS a
    INNER JOIN (
        SELECT code, term.1 AS role, term.2 AS rollup_id, term.3 AS slot, term.4 AS position
        FROM {database}.live_facts
        ARRAY JOIN multiIf(
            mode = 'flow', [
                (1, numerator_rollup, toString(period), numerator_position), (2, numerator_rollup, toString(period), denominator_position),
                (3, numerator_rollup, concat(period, '<'), numerator_position), (4, numerator_rollup, concat(period, '<'), denominator_position)
            ],
            mode = 'age', [
                (1, numerator_rollup, concat('age:', toString(window_from), ':', toString(window_to)), numerator_position),
                (2, denominator_rollup, 'now', denominator_position)
            ],
            [(1, numerator_rollup, 'now', numerator_position), (2, denominator_rollup, 'now', denominator_position)]
        ) AS term
        WHERE mode != 'report' AND term.4 > 0 AND (
            numerator_rollup IN (SELECT rollup_id FROM {database}.figures_touched)
            OR denominator_rollup IN (SELECT rollup_id FROM {database}.figures_touched)
        )
    ) AS k ON k.rollup_id = a.rollup_id AND k.slot = a.slot
    GROUP BY unit, code
) AS v ON v.code = i.code AND v.unit = u.code
LEFT JOIN (SELECT * FROM {database}.state_before FINAL) AS earlier ON earlier.code = i.code AND earlier.unit = u.code
LEFT JOIN {database}.target_now AS t ON t.code = i.code AND t.level = u.level
WHERE has(i.levels, u.level) AND (u.level != 'unknown' OR notEmpty(v.raw_units))
COMMENT 'Rows of indicator_figures of flows and states that what figures_touched names is in';

CREATE OR REPLACE VIEW {database}.report_figures {on_cluster} AS
WITH
    {today} AS today,
    ['day', 'week', 'month', 'quarter', 'year', 'to_date'] AS grains
SELECT i.code AS code, i.sector AS sector, i.name_vi AS name_vi, i.name_en AS name_en, i.kind AS kind, i.event AS event,
    i.direction AS direction, i.unit_of_measure AS unit_of_measure, u.code AS unit, u.name_vi AS unit_name, u.level AS level,
    if(indexOf(grains, i.period) > indexOf(grains, i.native), i.period, i.native) AS period_grain,
    length(v.last) > 0 AS is_there,
    if(is_there, v.last[1].1, multiIf(
        period_grain = 'day', toDate(today), period_grain = 'week', toMonday(toDate(today)),
        period_grain = 'month', toStartOfMonth(toDate(today)), period_grain = 'quarter', toStartOfQuarter(toDate(today)),
        period_grain = 'year', toStartOfYear(toDate(today)), toDate(0)
    )) AS period_start,
    v.last[1].2 AS numerator,
    if(i.denominator_position = 0, NULL, ifNull(v.last[1].3, 0)) AS denominator,
    if(is_there, v.last[1].4, NULL) AS value,
    if(length(v.last) > 1, v.last[2].4, NULL) AS previous,
    if(isNull(previous), NULL, v.last[2].1) AS previous_start,
    multiIf(
        isNull(value) OR isNull(previous), 'none', abs(value - previous) <= 1e-9 * greatest(abs(value), abs(previous)), 'flat',
        value > previous, 'up', 'down'
    ) AS trend,
    reported < expected AS provisional,
    if(is_there, ifNull(v.last[1].5, 0), 0) AS reported,
    multiIf(
        is_there, ifNull(v.last[1].6, 0), isNotNull(i.reporters), assumeNotNull(i.reporters),
        toInt64(arrayCount(s -> toInt32(period_start) >= s.1 AND toInt32(period_start) < s.2, r.spans))
    ) AS expected,
    t.target AS target, t.target_document AS target_document, t.target_reference AS target_reference,
    multiIf(
        -- A sum of half the units says nothing about the target.
        isNull(value) OR isNull(target) OR i.direction = 'none' OR (i.additivity = 'sum' AND provisional), 'none',
        i.direction = 'up', multiIf(value >= target, 'good', value >= target - i.warning_margin, 'warning', 'bad'),
        multiIf(value <= target, 'good', value <= target + i.warning_margin, 'warning', 'bad')
    ) AS status,
    -- The period of the series after the last that has a report: its first day, and the first after it.
    toDate32(multiIf(
        i.native = 'day', v.newest + 1, i.native = 'week', v.newest + 7, i.native = 'month', addMonths(v.newest, 1),
        i.native = 'quarter', addMonths(v.newest, 3), addYears(v.newest, 1)
    )) AS next_first,
    multiIf(
        i.native = 'day', next_first + 1, i.native = 'week', next_first + 7, i.native = 'month', addMonths(next_first, 1),
        i.native = 'quarter', addMonths(next_first, 3), addYears(next_first, 1)
    ) AS next_end,
    if(is_there, toDateTime64(next_end + i.due_days, 6, 'Asia/Ho_Chi_Minh'), toDateTime64(0, 6, 'UTC')) AS due_until,
    if(is_there, toDateTime64(next_end + i.due_days + greatest(i.due_days, 1), 6, 'Asia/Ho_Chi_Minh'), toDateTime64(0, 6, 'UTC')) AS late_until,
    if(is_there, (toInt32(next_end) + i.due_days - toInt32(next_first)) * 1440, i.freshness_minutes) AS freshness_minutes,
    i.responsible AS responsible, i.document AS document, now64(6, 'UTC') AS revision
FROM (
    SELECT m.*, f.period AS period, f.levels AS levels, f.denominator_position AS denominator_position, f.native AS native,
        f.additivity AS additivity, f.reporter AS reporter, f.reporters AS reporters, f.due_days AS due_days
    FROM (
        SELECT code, sector, name_vi, name_en, kind, event, direction, unit_of_measure, warning_margin, freshness_minutes, responsible,
            if(reference = '', document, concat(document, ', ', reference)) AS document
        FROM {database}.indicators FINAL
    ) AS m
    INNER JOIN {database}.live_facts AS f ON f.code = m.code
    WHERE f.mode = 'report' AND has({codes:Array(String)}, f.code)
) AS i
CROSS JOIN (
    SELECT code, name_vi, level FROM {database}.units FINAL
    WHERE level = 'unknown' OR (valid_from <= toDate({today}) AND (isNull(valid_to) OR valid_to > toDate({today})))
) AS u
LEFT JOIN (
    SELECT s.code AS code, s.unit AS unit,
        arraySlice(arrayReverseSort(groupArrayIf(
            (s.period_start, s.numerator, s.denominator, s.value, s.reported, s.expected),
            s.grain = if(indexOf(grains, f.period) > indexOf(grains, f.native), f.period, f.native) AND s.period_start <= toDate(today)
        )), 1, 2) AS last,
        maxIf(s.period_start, s.grain = f.native AND s.period_start <= toDate(today)) AS newest
    FROM {database}.indicator_selected(codes = {codes:Array(String)}) AS s
    INNER JOIN {database}.live_facts AS f ON f.code = s.code
    WHERE s.tree = 'today' AND s.grain != 'now'
    GROUP BY code, unit
) AS v ON v.code = i.code AND v.unit = u.code
LEFT JOIN (SELECT * FROM {database}.unit_reporters FINAL WHERE tree = 'today') AS r ON r.unit = u.code AND r.reporter = i.reporter
LEFT JOIN {database}.target_now AS t ON t.code = i.code AND t.level = u.level
WHERE has(i.levels, u.level) AND (u.level != 'unknown' OR is_there)
COMMENT 'Rows of indicator_figures of reported figures: report_figures(codes = [...])';

CREATE OR REPLACE VIEW {database}.composite_figures_live {on_cluster} AS
SELECT i.code AS code, i.sector AS sector, i.name_vi AS name_vi, i.name_en AS name_en, i.kind AS kind, i.code AS event,
    i.direction AS direction, i.unit_of_measure AS unit_of_measure, c.unit AS unit, u.name_vi AS unit_name, c.level AS level,
    'now' AS period_grain, toDate({today}) AS period_start,
    toInt64(round(c.earned * 10000)) AS numerator, toNullable(toInt64(round(c.available * 10000))) AS denominator,
    if(c.available = 0, NULL, c.earned) AS value,
    CAST(NULL, 'Nullable(Float64)') AS previous, CAST(NULL, 'Nullable(Date)') AS previous_start, 'none' AS trend,
    notEmpty(c.missing) AS provisional,
    p.parts - toInt64(length(c.missing)) AS reported, p.parts AS expected,
    t.target AS target, t.target_document AS target_document, t.target_reference AS target_reference,
    multiIf(
        -- What is missing could still earn its points: only a whole score is held against a target.
        isNull(value) OR isNull(target) OR i.direction = 'none' OR provisional, 'none',
        i.direction = 'up', multiIf(value >= target, 'good', value >= target - i.warning_margin, 'warning', 'bad'),
        multiIf(value <= target, 'good', value <= target + i.warning_margin, 'warning', 'bad')
    ) AS status,
    toDateTime64(0, 6, 'UTC') AS due_until, toDateTime64(0, 6, 'UTC') AS late_until,
    i.freshness_minutes AS freshness_minutes, i.responsible AS responsible,
    if(i.reference = '', i.document, concat(i.document, ', ', i.reference)) AS document, now64(6, 'UTC') AS revision
FROM {database}.composite_values AS c
INNER JOIN (SELECT * FROM {database}.indicators FINAL) AS i ON i.code = c.code
INNER JOIN (SELECT code, name_vi FROM {database}.units FINAL) AS u ON u.code = c.unit
INNER JOIN (SELECT code, level, toInt64(count()) AS parts FROM {database}.composite_parts FINAL GROUP BY code, level) AS p
    ON p.code = c.code AND p.level = c.level
LEFT JOIN {database}.target_now AS t ON t.code = c.code AND t.level = c.level
WHERE has(i.levels, c.level)
COMMENT 'Rows of indicator_figures of composites, by the figures that stand';

CREATE OR REPLACE VIEW {database}.figure_ages_live {on_cluster} AS
WITH
    (SELECT count() FROM {database}.partials WHERE generation = (SELECT generation FROM {database}.active_generation)) > 0 AS folded
-- A composite is as old as the oldest of what it consists of; it stands among the kinds under its code.
SELECT k.kind AS kind, u.unit AS unit,
    if(folded, a.said[if(mapContains(a.said, u.unit), u.unit, '')].1, toDateTime64(0, 6, 'UTC')) AS as_of,
    -- What nobody has told of is as old as can be.
    if(empty(a.said), toUnixTimestamp64Second(refreshed_at), a.said[if(mapContains(a.said, u.unit), u.unit, '')].2) AS unplanned_age_s,
    now64(6, 'UTC') AS refreshed_at
FROM (
    SELECT toString(event) AS kind FROM {database}.indicators FINAL UNION DISTINCT SELECT code FROM {database}.composite_parts FINAL
) AS k
CROSS JOIN (SELECT '' AS unit UNION DISTINCT SELECT code FROM {database}.units FINAL) AS u
LEFT JOIN (
    SELECT kind, mapFromArrays(groupArray(unit), groupArray((as_of, unplanned_age_s))) AS said
    FROM (
        SELECT arrayJoin(arrayConcat([a.kind], if(a.unit = '', c.codes, []))) AS kind, a.unit AS unit,
            min(a.as_of) AS as_of, max(a.unplanned_age_s) AS unplanned_age_s
        FROM {database}.kind_ages AS a
        LEFT JOIN (
            SELECT i.event AS event, groupUniqArray(p.code) AS codes
            FROM (SELECT DISTINCT code, part FROM {database}.composite_parts FINAL) AS p
            INNER JOIN (SELECT code, event FROM {database}.indicators FINAL WHERE mode != 'report') AS i ON i.code = p.part
            GROUP BY event
        ) AS c ON c.event = a.kind
        GROUP BY kind, unit
    )
    GROUP BY kind
) AS a ON a.kind = k.kind
COMMENT 'What the table figure_ages will hold when it is next replaced';

CREATE OR REPLACE VIEW {database}.figures_at_dawn_live {on_cluster} AS
-- Rows that were made today tell of today; on a day on which nothing stood before, nothing has changed.
SELECT code, value, period_start, toDate(now('Asia/Ho_Chi_Minh')) AS day
FROM {database}.indicator_figures FINAL
WHERE level = 'province' AND toDate(revision, 'Asia/Ho_Chi_Minh') < day
COMMENT 'What the table figures_at_dawn will hold when it is next replaced';
