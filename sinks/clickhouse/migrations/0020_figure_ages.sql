-- The ages are laid out for every unit, so that a reader finds one by a single look; until the next snapshot by what is known.
INSERT INTO {database}.figure_ages (kind, unit, as_of, unplanned_age_s, refreshed_at)
SELECT a.kind, u.code, a.as_of, a.unplanned_age_s, a.refreshed_at
FROM (SELECT * FROM {database}.figure_ages WHERE unit = '') AS a
CROSS JOIN (SELECT DISTINCT code FROM {database}.units) AS u
WHERE (a.kind, u.code) NOT IN (SELECT kind, unit FROM {database}.figure_ages);

ALTER TABLE {database}.figure_ages {on_cluster}
    COMMENT COLUMN unit 'Unit of the province; empty for the streams themselves',
    MODIFY COMMENT 'How old the figures of each kind are in each unit at the moment of the snapshot: as kind_ages says, which is for units that do not report themselves what the streams say. Replaced as a whole';
