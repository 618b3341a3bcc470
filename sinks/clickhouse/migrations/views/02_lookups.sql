CREATE OR REPLACE VIEW {database}.unit_places_live {on_cluster} AS
WITH
    toInt32(200000) AS forever,
    (SELECT any(ancestors) FROM {database}.units FINAL WHERE level = 'unknown') AS unknown
SELECT p.raw_code AS raw_code, p.tree AS tree, p.valid_from AS valid_from, p.valid_to AS valid_to, p.unit AS unit, u.level AS level
FROM (
    SELECT raw_code, tree, span.1 AS valid_from, span.2 AS valid_to, arrayJoin(span.3) AS unit
    FROM (
        SELECT raw_code, tree,
            arraySort(groupArray((
                toInt32(valid_from), if(valid_to = toDate(65535), forever, toInt32(valid_to)), ancestors
            ))) AS known,
            -- Days on which the code had no unit count as unknown: nothing is lost from the province's sum.
            arrayConcat(known, arrayFilter(g -> g.1 < g.2, arrayMap(
                (begins, ends) -> (begins, ends, unknown), arrayPushFront(known.2, toInt32(0)), arrayPushBack(known.1, forever)
            ))) AS spans
        FROM {database}.unit_paths GROUP BY raw_code, tree
        UNION ALL
        SELECT '', tree, [], [(toInt32(0), forever, unknown)]
        FROM (SELECT arrayJoin(['then', 'today']) AS tree)
    )
    ARRAY JOIN spans AS span
) AS p
INNER JOIN (SELECT code, level FROM {database}.units FINAL) AS u ON u.code = p.unit
COMMENT 'What the table unit_places will hold when it is next replaced';

CREATE OR REPLACE VIEW {database}.unit_reporters_live {on_cluster} AS
WITH (SELECT max(ifNull(toInt32(valid_to), 200000)) FROM {database}.units FINAL WHERE level = 'district') AS districts_until
SELECT p.tree AS tree, p.unit AS unit, r.reporter AS reporter,
    groupArray((greatest(r.begins, p.valid_from), least(r.ends, p.valid_to))) AS spans
FROM {database}.unit_places_live AS p
INNER JOIN (
    SELECT code, reporter,
        -- Communes report on their own account when there are no districts any more.
        if(reporter = 'local' AND level = 'commune', greatest(toInt32(valid_from), districts_until), toInt32(valid_from)) AS begins,
        ifNull(toInt32(valid_to), 200000) AS ends
    FROM (
        SELECT code, level, valid_from, valid_to,
            arrayJoin(if(level IN ('district', 'commune'), [level, 'local'], [level])) AS reporter
        FROM {database}.units FINAL WHERE level != 'unknown'
    )
) AS r ON r.code = p.raw_code
WHERE greatest(r.begins, p.valid_from) < least(r.ends, p.valid_to)
GROUP BY tree, unit, reporter
COMMENT 'What the table unit_reporters will hold when it is next replaced';

CREATE OR REPLACE VIEW {database}.indicator_facts_live {on_cluster} AS
SELECT f.generation AS generation, f.code AS code, f.mode AS mode, i.event AS event, i.period AS period,
    if(i.levels = ['province'], i.levels, arrayPushBack(i.levels, 'unknown')) AS levels,
    f.numerator_rollup AS numerator_rollup, f.numerator_position AS numerator_position,
    f.denominator_rollup AS denominator_rollup, f.denominator_position AS denominator_position, f.reports_position AS reports_position,
    ifNull(f.window_from, -200000) AS window_from, ifNull(f.window_to, 200000) AS window_to,
    f.multiplier AS multiplier, f.divisor AS divisor,
    i.grain AS native, i.additivity AS additivity, i.over_time AS over_time, s.reporter AS reporter,
    toInt64(s.reporters) AS reporters, s.due_days AS due_days
FROM (SELECT * FROM {database}.formulas FINAL) AS f
INNER JOIN (SELECT * FROM {database}.indicators FINAL) AS i ON i.code = f.code
LEFT JOIN (SELECT code, reporter, reporters, due_days FROM {database}.series FINAL) AS s ON s.code = i.series
COMMENT 'What the table indicator_facts will hold when it is next replaced';

CREATE OR REPLACE VIEW {database}.live_facts {on_cluster} AS
SELECT * EXCEPT generation FROM {database}.indicator_facts FINAL
WHERE generation = (SELECT generation FROM {database}.active_generation)
COMMENT 'indicator_facts of the live generation';
