-- Panels of the past read how old a kind is without the figures: a look at one row.
ALTER TABLE {database}.figure_ages {on_cluster} ADD COLUMN IF NOT EXISTS planned_minutes Int32
    ALIAS toInt32(intDiv(toUnixTimestamp64Second(refreshed_at) - toUnixTimestamp64Second(as_of) - unplanned_age_s, 60))
    COMMENT 'Minutes of the age that planned maintenance explains: the wall must not hold them against a figure';

ALTER TABLE {database}.figure_ages_next {on_cluster} ADD COLUMN IF NOT EXISTS planned_minutes Int32
    ALIAS toInt32(intDiv(toUnixTimestamp64Second(refreshed_at) - toUnixTimestamp64Second(as_of) - unplanned_age_s, 60))
    COMMENT 'Minutes of the age that planned maintenance explains: the wall must not hold them against a figure';

-- The same of reports, whose figures tell it themselves.
ALTER TABLE {database}.indicator_figures {on_cluster} ADD COLUMN IF NOT EXISTS reported_until DateTime64(6, 'UTC')
    ALIAS if(toUnixTimestamp64Second(due_until) = 0, due_until, due_until - toIntervalMinute(freshness_minutes))
    COMMENT 'Of reports: the end of the last period that has one; 1970 when there is none';

ALTER TABLE {database}.indicator_next {on_cluster} ADD COLUMN IF NOT EXISTS reported_until DateTime64(6, 'UTC')
    ALIAS if(toUnixTimestamp64Second(due_until) = 0, due_until, due_until - toIntervalMinute(freshness_minutes))
    COMMENT 'Of reports: the end of the last period that has one; 1970 when there is none';
