CREATE OR REPLACE VIEW {database}.active_generation {on_cluster} (
    generation String COMMENT 'The generation that the views show'
) AS SELECT argMax(generation, active_from) AS generation FROM {database}.generations
COMMENT 'One row: which generation is live';

CREATE OR REPLACE VIEW {database}.live_formulas {on_cluster} AS
SELECT code, mode, numerator_rollup, numerator_position, denominator_rollup, denominator_position, reports_position,
    window_from, window_to, multiplier, divisor
FROM {database}.formulas FINAL
WHERE generation = (SELECT generation FROM {database}.active_generation)
COMMENT 'How each indicator follows from the measures of the live generation';

CREATE OR REPLACE VIEW {database}.unit_codes {on_cluster} (
    raw_code String COMMENT 'Code as a source writes it',
    unit String COMMENT 'Unit that it stands for',
    ancestors Array(String) COMMENT 'That unit and all above it'
) AS
SELECT arrayJoin(arrayDistinct(arrayConcat([code], aliases))) AS raw_code, code AS unit, ancestors
FROM {database}.units FINAL WHERE level != 'unknown'
UNION ALL
SELECT m.code AS raw_code, m.unit AS unit, u.ancestors AS ancestors
FROM (SELECT code, unit FROM {database}.unit_mappings FINAL) AS m
INNER JOIN (SELECT code, ancestors FROM {database}.units FINAL WHERE level != 'unknown') AS u ON u.code = m.unit
WHERE m.code NOT IN (SELECT arrayJoin(arrayConcat([code], aliases)) FROM {database}.units FINAL WHERE level != 'unknown')
COMMENT 'What the codes of the sources stand for: by the profile, else by unit_mappings. A code that is not here is unknown';

CREATE OR REPLACE VIEW {database}.unknown_units {on_cluster} (
    raw_code String COMMENT 'Code that sources write and that no unit has: `ioc units map` gives it one',
    kind String COMMENT 'Kind of event that carries it',
    entities Int64 COMMENT 'Entities that carry it now',
    first_seen DateTime64(6, 'UTC') COMMENT 'When the oldest of them was read, as it stands now',
    last_seen DateTime64(6, 'UTC') COMMENT 'When it was last read'
) AS
SELECT unit AS raw_code, kind, entities, first_seen, last_seen FROM {database}.entity_units
WHERE unit NOT IN (SELECT raw_code FROM {database}.unit_codes)
COMMENT 'Codes of sources that neither the profile of the province nor an operator has given a unit';
