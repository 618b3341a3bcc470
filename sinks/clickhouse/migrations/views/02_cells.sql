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
