CREATE OR REPLACE VIEW {database}.composite_scores {on_cluster} (
    code String COMMENT 'Code of the composite',
    unit String COMMENT 'Unit of the province',
    level String COMMENT 'Level of the unit',
    part String COMMENT 'Code of the indicator that earns points',
    value Nullable(Float64) COMMENT 'Value of the part in indicator_now; null when it is missing',
    zero Float64 COMMENT 'Value at which the part earns nothing',
    full Float64 COMMENT 'Value at which it earns all its points',
    points Int64 COMMENT 'Ten-thousandths of a point that it earns at most',
    earned Nullable(Int64) COMMENT 'Ten-thousandths of a point earned, rounded half up; null when the value is missing'
) AS
SELECT p.code AS code, u.code AS unit, p.level AS level, p.part AS part, n.value AS value, p.zero AS zero, p.full AS full,
    p.points AS points,
    if(isNull(n.value), NULL,
        toInt64(floor(p.points * least(1., greatest(0., (assumeNotNull(n.value) - p.zero) / (p.full - p.zero))) + 0.5))
    ) AS earned
FROM (SELECT code, level, part, points, zero, full FROM {database}.composite_parts FINAL) AS p
INNER JOIN (
    SELECT code, level FROM {database}.units FINAL
    WHERE valid_from <= toDate({today}) AND (isNull(valid_to) OR valid_to > toDate({today}))
) AS u ON u.level = p.level
LEFT JOIN (
    SELECT code, unit, value FROM {database}.indicator_figures FINAL
    WHERE code IN (SELECT part FROM {database}.composite_parts FINAL)
) AS n ON n.code = p.part AND n.unit = u.code
COMMENT 'What each part of a composite earns in each unit that exists today';

CREATE OR REPLACE VIEW {database}.composite_values {on_cluster} (
    code String COMMENT 'Code of the composite',
    unit String COMMENT 'Unit of the province',
    level String COMMENT 'Level of the unit',
    earned Float64 COMMENT 'Points earned',
    available Float64 COMMENT 'Points of the parts that have a value: what could be earned',
    points Float64 COMMENT 'Points of all parts',
    missing Array(String) COMMENT 'Parts without a value: counted neither as zero nor as reached',
    rank UInt32 COMMENT 'Place among the units of the level by earned / available, 1 is best; 0 when nothing is available',
    tied UInt32 COMMENT 'How many units share the rank, itself included; the ranks after it are left free'
) AS
SELECT code, unit, level, gained / 10000 AS earned, known / 10000 AS available, whole / 10000 AS points, missing,
    if(known = 0, 0, toUInt32(rank() OVER (PARTITION BY code, level ORDER BY share DESC))) AS rank,
    if(known = 0, 0, toUInt32(count() OVER (PARTITION BY code, level, share))) AS tied
FROM (
    SELECT code, unit, level, sum(ifNull(earned, 0)) AS gained, sumIf(points, isNotNull(earned)) AS known,
        sum(points) AS whole, arraySort(groupArrayIf(part, isNull(earned))) AS missing,
        if(known = 0, -1., gained / known) AS share
    FROM {database}.composite_scores GROUP BY code, unit, level
)
COMMENT 'Composites now, with rank and ties within the level; a score is so many points earned of so many available';
