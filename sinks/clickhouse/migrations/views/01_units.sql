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

CREATE OR REPLACE VIEW {database}.unit_owners {on_cluster} (
    raw_code String COMMENT 'Code as a source writes it',
    unit String COMMENT 'Unit that has the code, whether it exists now or not'
) AS
SELECT arrayJoin(arrayDistinct(arrayConcat([code], aliases))) AS raw_code, code AS unit
FROM {database}.units FINAL WHERE level != 'unknown'
UNION ALL
SELECT code AS raw_code, unit FROM {database}.unit_mappings FINAL
WHERE unit IN (SELECT code FROM {database}.units FINAL WHERE level != 'unknown')
    AND code NOT IN (SELECT arrayJoin(arrayConcat([code], aliases)) FROM {database}.units FINAL WHERE level != 'unknown')
COMMENT 'Whose the codes of the sources are: by the profile, else by unit_mappings. A code that is not here is unknown';

CREATE OR REPLACE VIEW {database}.unit_paths {on_cluster} (
    raw_code String COMMENT 'Code as a source writes it',
    tree String COMMENT 'then: the tree as it was on the day; today: the tree of today, for whatever day',
    valid_from Date COMMENT 'First day',
    valid_to Date COMMENT 'First day on which it no longer holds; 2149-06-06 for ever',
    unit String COMMENT 'Unit that the code stands for: its own, or the one that succeeded it',
    ancestors Array(String) COMMENT 'That unit and all above it, last the province'
) AS
SELECT o.raw_code AS raw_code, l.tree AS tree, l.valid_from AS valid_from, l.valid_to AS valid_to, l.stands_for AS unit, l.ancestors AS ancestors
FROM {database}.unit_owners AS o
INNER JOIN (
    SELECT unit, 'then' AS tree, valid_from, valid_to, stands_for, ancestors FROM {database}.unit_lineage FINAL
    UNION ALL
    SELECT unit, 'today' AS tree, toDate(0) AS valid_from, toDate(65535) AS valid_to, stands_for, ancestors
    FROM (SELECT unit, valid_from AS first, valid_to AS end, stands_for, ancestors FROM {database}.unit_lineage FINAL)
    WHERE first <= toDate({today}) AND toDate({today}) < end
) AS l ON l.unit = o.unit
COMMENT 'Where the codes of the sources count, on every day and in both trees: a row for each code, tree and interval, without gaps';

CREATE OR REPLACE VIEW {database}.unit_codes {on_cluster} (
    raw_code String COMMENT 'Code as a source writes it',
    unit String COMMENT 'Unit that it stands for today',
    ancestors Array(String) COMMENT 'That unit and all above it'
) AS
SELECT raw_code, unit, ancestors FROM {database}.unit_paths WHERE tree = 'today'
COMMENT 'What the codes of the sources stand for in the tree of today. A code that is not here is unknown';

CREATE OR REPLACE VIEW {database}.unknown_units {on_cluster} (
    raw_code String COMMENT 'Code that sources write and that no unit has: `ioc units map` gives it one',
    kind String COMMENT 'Kind of event that carries it',
    entities Int64 COMMENT 'Entities that carry it now',
    first_seen DateTime64(6, 'UTC') COMMENT 'When the oldest of them was read, as it stands now',
    last_seen DateTime64(6, 'UTC') COMMENT 'When it was last read'
) AS
SELECT unit AS raw_code, kind, entities, first_seen, last_seen FROM {database}.entity_units
WHERE unit != '' AND unit NOT IN (SELECT raw_code FROM {database}.unit_owners)
COMMENT 'Codes of sources that neither the profile of the province nor an operator has given a unit';
