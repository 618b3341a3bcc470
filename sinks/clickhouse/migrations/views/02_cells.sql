CREATE OR REPLACE VIEW {database}.cells {on_cluster} (
    rollup_id String COMMENT 'Rollup',
    grain String COMMENT 'hour, day or now',
    unit String COMMENT 'Unit code as the source writes it',
    bucket Int32 COMMENT 'Hours since the epoch, local days since 1970-01-01, or 0',
    measures Array(Int64) COMMENT 'Values of the measures of the rollup, summed over the partitions'
) AS
SELECT rollup_id, grain, unit, bucket, sumForEach(measures) AS measures
FROM {database}.partials FINAL
WHERE generation = (SELECT generation FROM {database}.active_generation)
GROUP BY rollup_id, grain, unit, bucket
COMMENT 'Cells of the live generation, by the codes of the sources';

CREATE OR REPLACE VIEW {database}.flow_terms {on_cluster} (
    code String COMMENT 'Code of an indicator that is counted over a period',
    raw_unit String COMMENT 'Unit code as the source writes it',
    bucket Int32 COMMENT 'Local days since 1970-01-01',
    above Int64 COMMENT 'What the day adds to the numerator',
    below Int64 COMMENT 'What the day adds to the denominator; 0 when there is none'
) AS
SELECT f.code AS code, p.unit AS raw_unit, p.bucket AS bucket,
    p.measures[f.numerator_position] AS above, p.measures[f.denominator_position] AS below
FROM (
    SELECT rollup_id, unit, bucket, measures FROM {database}.partials FINAL
    WHERE generation = (SELECT generation FROM {database}.active_generation) AND grain = 'day'
) AS p
INNER JOIN (
    SELECT code, numerator_rollup, numerator_position, denominator_position
    FROM {database}.live_formulas WHERE mode = 'flow'
) AS f ON f.numerator_rollup = p.rollup_id
COMMENT 'What indicators of flows add up, by day';

CREATE OR REPLACE VIEW {database}.state_terms {on_cluster} (
    code String COMMENT 'Code of an indicator of a state (now, or days relative to today)',
    raw_unit String COMMENT 'Unit code as the source writes it',
    above Int64 COMMENT 'What the cell adds to the numerator',
    below Int64 COMMENT 'What the cell adds to the denominator; 0 when there is none'
) AS
SELECT s.code AS code, p.unit AS raw_unit,
    if(s.is_below, 0, p.measures[s.position]) AS above, if(s.is_below, p.measures[s.position], 0) AS below
FROM (
    SELECT rollup_id, grain, unit, bucket, measures FROM {database}.partials FINAL
    WHERE generation = (SELECT generation FROM {database}.active_generation) AND grain IN ('now', 'day')
        AND rollup_id IN (
            SELECT arrayJoin([numerator_rollup, denominator_rollup]) FROM {database}.live_formulas WHERE mode IN ('now', 'age')
        )
) AS p
INNER JOIN (
    SELECT code, term.1 AS rollup_id, term.2 AS position, term.3 AS is_below,
        if(mode = 'age' AND NOT is_below, 'day', 'now') AS grain,
        if(mode = 'age' AND NOT is_below, {today} + ifNull(window_from, -100000), 0) AS first_bucket,
        if(mode = 'age' AND NOT is_below, {today} + ifNull(window_to, 100000), 0) AS last_bucket
    FROM {database}.live_formulas
    ARRAY JOIN [
        (numerator_rollup, numerator_position, false), (denominator_rollup, denominator_position, true)
    ] AS term
    WHERE mode IN ('now', 'age') AND term.2 > 0
) AS s ON s.rollup_id = p.rollup_id AND s.grain = p.grain
WHERE p.bucket BETWEEN s.first_bucket AND s.last_bucket
COMMENT 'What indicators of states add up';
