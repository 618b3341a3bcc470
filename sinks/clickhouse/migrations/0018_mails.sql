CREATE TABLE IF NOT EXISTS {database}.mails {on_cluster} (
    about LowCardinality(String) COMMENT 'brief: the daily brief; report: a reported figure is missing; source: a source is silent',
    unit String COMMENT 'Who it is about: unit of the province, or the name of the source; empty for a brief',
    series String COMMENT 'What is missing: series, or stream of the source; empty for a brief',
    period_start Date COMMENT 'First local day of the missing period; the day since when the source is silent; the day of the brief',
    step UInt8 COMMENT 'Step of the escalation, from 0',
    recipient String COMMENT 'Address that it went to',
    state LowCardinality(String) COMMENT 'sending: about to be handed to the mail server; sent: the server took it; deferred: it did not, the next round tries again; refused: it will never; unknown: the connection broke while the server may have taken it',
    mail String COMMENT 'Message-ID; one mail may be about several periods',
    reply String COMMENT 'What the mail server answered, or how the connection broke',
    at DateTime64(6, 'UTC') COMMENT 'When the state was reached'
) ENGINE = {replicated}MergeTree ORDER BY (about, unit, series, period_start, step, recipient, at)
TTL toDateTime(at, 'UTC') + INTERVAL 3 YEAR
COMMENT 'Every state of every brief and reminder that went to a person. The newest state of a key holds; any but deferred says: not once more';
