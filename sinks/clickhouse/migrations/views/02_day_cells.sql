CREATE OR REPLACE VIEW {database}.sealed_until {on_cluster} (
    rollup_id String COMMENT 'Rollup of a flow',
    sealed_until Int32 COMMENT 'First local day (days since 1970-01-01) that is not sealed'
) AS
SELECT toString(rollup_id) AS rollup_id, max(sealed_until) AS sealed_until FROM {database}.seals
WHERE generation = (SELECT generation FROM {database}.active_generation) GROUP BY rollup_id
COMMENT 'How far the rollups of the live generation are sealed; one that is not here has no sealed day';

CREATE OR REPLACE VIEW {database}.day_parts {on_cluster} (
    rollup_id String COMMENT 'Rollup',
    unit String COMMENT 'Unit code as the source writes it',
    bucket Int32 COMMENT 'Local days since 1970-01-01',
    measures Array(Int64) COMMENT 'Part of the day''s value; of a sealed day all of it'
) AS
WITH (SELECT mapFromArrays(groupArray(rollup_id), groupArray(sealed_until)) FROM {database}.sealed_until) AS sealed
SELECT rollup_id, unit, bucket, measures FROM {database}.partials FINAL
WHERE generation = (SELECT generation FROM {database}.active_generation) AND grain = 'day' AND bucket >= sealed[rollup_id]
UNION ALL
SELECT rollup_id, unit, bucket, measures FROM {database}.sealed FINAL
WHERE generation = (SELECT generation FROM {database}.active_generation) AND bucket < sealed[rollup_id]
COMMENT 'Days of the live generation: the sealed ones, and the others by the partition that they were folded from. Sums over it are sums of day_cells, and cheaper';

CREATE OR REPLACE VIEW {database}.day_cells {on_cluster} (
    rollup_id String COMMENT 'Rollup',
    unit String COMMENT 'Unit code as the source writes it',
    bucket Int32 COMMENT 'Local days since 1970-01-01',
    measures Array(Int64) COMMENT 'Values of the measures of the rollup on that day'
) AS
SELECT rollup_id, unit, bucket, sumForEach(measures) AS measures FROM {database}.day_parts GROUP BY rollup_id, unit, bucket
COMMENT 'Days of the live generation: sealed ones from sealed, the others from partials';
