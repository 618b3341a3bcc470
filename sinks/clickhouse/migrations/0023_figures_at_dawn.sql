CREATE TABLE IF NOT EXISTS {database}.figures_at_dawn {on_cluster} (
    code String COMMENT 'Code of the indicator',
    value Nullable(Float64) COMMENT 'The figure of the province as it stood last before the day',
    period_start Date COMMENT 'First local day of the period that it is for',
    day Date COMMENT 'The local day that began then'
) ENGINE = {replicated}MergeTree ORDER BY code SETTINGS old_parts_lifetime = 10
COMMENT 'The figures of the province as the day began: what has changed today is told by them. Replaced as a whole each day';

CREATE TABLE IF NOT EXISTS {database}.figures_at_dawn_next {on_cluster} AS {database}.figures_at_dawn
ENGINE = {replicated}MergeTree ORDER BY code SETTINGS old_parts_lifetime = 10
COMMENT 'Where the next figures_at_dawn is built; not for reading';
