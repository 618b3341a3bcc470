CREATE OR REPLACE VIEW {database}.feed_ages {on_cluster} (
    source String COMMENT 'System read from; fold: what the fold of a kind has done',
    stream String COMMENT 'Stream of that system',
    unit String COMMENT 'Own code of the unit that reports itself; empty for the stream',
    kinds Array(String) COMMENT 'Kinds of event that it carries',
    upto DateTime64(6, 'UTC') COMMENT 'Moment of the source up to which everything was read; 1970 when that is not known',
    age_s Int64 COMMENT 'Seconds since then',
    planned_s Int64 COMMENT '… of them within planned maintenance'
) AS
SELECT source, stream, unit, splitByChar(',', carried) AS kinds, upto, greatest(now_s - upto_s, 0) AS age_s,
    -- Windows may overlap: of each one counts what lies behind the ends of all that begin before it.
    arraySum(arrayMap(
        (window, place) -> greatest(window.2 - greatest(window.1, arrayMax(arrayPushBack(arraySlice(windows.2, 1, place - 1), 0))), 0),
        windows, arrayEnumerate(windows)
    )) AS planned_s
FROM (
    SELECT f.source AS source, f.stream AS stream, f.unit AS unit,
        -- Heartbeats from before there were kinds: the only source then had one kind, of its own name.
        multiIf(f.kinds != '', f.kinds, f.source = 'fold', splitByChar('/', f.stream)[1], f.source) AS carried,
        ifNull(f.source_time, toDateTime64(0, 6, 'UTC')) AS upto,
        toUnixTimestamp64Second(upto) AS upto_s,
        toInt64(toUnixTimestamp(now())) AS now_s,
        arraySort(arrayMap(
            w -> (greatest(w.2, upto_s), least(w.3, now_s)),
            arrayFilter(w -> (w.1 = '' OR w.1 = f.stream) AND w.3 > upto_s AND w.2 < now_s, c.planned)
        )) AS windows
    FROM (SELECT source, stream, unit, kinds, source_time FROM {database}.feeds FINAL) AS f
    LEFT JOIN (
        SELECT source, groupArray((stream, toUnixTimestamp64Second(begins), toUnixTimestamp64Second(assumeNotNull(ends)))) AS planned
        FROM {database}.source_controls FINAL
        WHERE action = 'maintenance' AND isNotNull(ends)
        GROUP BY source
    ) AS c ON c.source = f.source
)
COMMENT 'How old what each stream, and each unit that reports itself, has told is, and how much of that was planned';

CREATE OR REPLACE VIEW {database}.kind_ages {on_cluster} (
    kind String COMMENT 'Kind of event',
    unit String COMMENT 'Unit of the province that reports itself; empty for all others and for units above it',
    as_of DateTime64(6, 'UTC') COMMENT 'Moment up to which everything was read and folded; 1970 when that is not known',
    unplanned_age_s Int64 COMMENT 'Seconds since then without planned maintenance'
) AS
-- As old as the oldest of what was read of the kind and what was folded of it; where nobody reads it, a fold alone tells nothing.
SELECT kind, unit,
    if(arrayExists(s -> s.1 != 'fold', streams), arrayMin(upto), toDateTime64(0, 6, 'UTC')) AS as_of,
    arrayMax(unplanned) AS unplanned_age_s
FROM (
    SELECT kind, unit, streams,
        -- What the unit itself has told of a stream counts, its newest word; else what the stream has.
        arrayMap(s -> arrayFilter(r -> r.1 = unit AND r.2 = s.1 AND r.3 = s.2, reported), streams) AS own,
        arrayMap((s, mine) -> if(empty(mine), s.3, arrayMax(mine.4)), streams, own) AS upto,
        arrayMap((s, mine) -> if(empty(mine), s.4, arrayMin(mine.5)), streams, own) AS unplanned
    FROM (
        SELECT f.kind AS kind,
            groupArrayIf((f.source, f.stream, f.upto, f.unplanned_s), f.unit = '') AS streams,
            groupArrayIf((c.unit, f.source, f.stream, f.upto, f.unplanned_s), c.unit != '') AS reported
        FROM (
            SELECT source, stream, unit, upto, age_s - planned_s AS unplanned_s, kind
            FROM {database}.feed_ages ARRAY JOIN kinds AS kind
        ) AS f
        LEFT JOIN {database}.unit_codes AS c ON c.raw_code = f.unit
        GROUP BY kind
    )
    ARRAY JOIN arrayDistinct(arrayPushFront(reported.1, '')) AS unit
)
WHERE notEmpty(streams)
COMMENT 'How old the figures of a kind are: by stream, and by unit where units report themselves';
