CREATE TABLE IF NOT EXISTS {database}.calendar {on_cluster} (
    day Date COMMENT 'Local day',
    working Bool COMMENT 'Offices work on it',
    name_vi String COMMENT 'Why it is a day off, Vietnamese; empty for ordinary days, Saturdays and Sundays',
    worked Int32 COMMENT 'Working days from the first day of the table up to and including this one',
    revision UInt64 COMMENT 'When the row was loaded, microseconds since the epoch',
    gone UInt8 COMMENT '1: no longer in the calendar'
) ENGINE = {replicated}ReplacingMergeTree(revision, gone) ORDER BY day
COMMENT 'Working days: from a to b there are worked(b) - worked(a). Read with FINAL';
