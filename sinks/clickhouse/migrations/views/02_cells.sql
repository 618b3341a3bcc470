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

CREATE OR REPLACE VIEW {database}.unit_cells {on_cluster} (
    rollup_id String COMMENT 'Rollup',
    grain String COMMENT 'hour, day or now',
    unit String COMMENT 'Unit of the province, on every level, or unknown',
    bucket Int32 COMMENT 'Hours since the epoch, local days since 1970-01-01, or 0',
    measures Array(Int64) COMMENT 'Values of the measures of the rollup, summed over all that lies below the unit'
) AS
SELECT rollup_id, grain, ancestor AS unit, bucket, sumForEach(measures) AS measures
FROM (
    SELECT p.rollup_id AS rollup_id, p.grain AS grain, p.bucket AS bucket, p.measures AS measures,
        if(empty(u.ancestors), (SELECT any(ancestors) FROM {database}.units FINAL WHERE code = 'unknown'), u.ancestors) AS path
    FROM (
        SELECT rollup_id, grain, unit, bucket, measures FROM {database}.partials FINAL
        WHERE generation = (SELECT generation FROM {database}.active_generation)
    ) AS p
    LEFT JOIN {database}.unit_codes AS u ON u.raw_code = p.unit
)
ARRAY JOIN path AS ancestor
GROUP BY rollup_id, grain, unit, bucket
COMMENT 'Cells of the live generation for every unit of the tree';

CREATE OR REPLACE VIEW {database}.state_terms {on_cluster} (
    code String COMMENT 'Code of an indicator of a state (now, or days relative to today)',
    unit String COMMENT 'Unit of the province, on every level, or unknown',
    above Int64 COMMENT 'What the cell adds to the numerator',
    below Int64 COMMENT 'What the cell adds to the denominator'
) AS
SELECT n.code AS code, c.unit AS unit, c.measures[n.numerator_position] AS above, toInt64(0) AS below
FROM (
    SELECT rollup_id, grain, unit, bucket, measures FROM {database}.unit_cells
    WHERE grain IN ('now', 'day')
        AND rollup_id IN (SELECT numerator_rollup FROM {database}.indicators FINAL WHERE mode != 'flow')
) AS c
INNER JOIN (SELECT * FROM {database}.indicators FINAL WHERE mode != 'flow') AS n ON n.numerator_rollup = c.rollup_id
WHERE (n.mode = 'now' AND c.grain = 'now')
    OR (n.mode = 'age' AND c.grain = 'day'
        AND (isNull(n.window_from) OR c.bucket >= {today} + n.window_from)
        AND (isNull(n.window_to) OR c.bucket <= {today} + n.window_to))
UNION ALL
SELECT d.code AS code, c.unit AS unit, toInt64(0) AS above, c.measures[d.denominator_position] AS below
FROM (SELECT rollup_id, unit, measures FROM {database}.unit_cells WHERE grain = 'now') AS c
INNER JOIN (SELECT * FROM {database}.indicators FINAL WHERE mode != 'flow' AND denominator_position > 0) AS d
    ON d.denominator_rollup = c.rollup_id
COMMENT 'What indicators of states add up';
