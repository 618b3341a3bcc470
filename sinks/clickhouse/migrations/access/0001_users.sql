CREATE SETTINGS PROFILE IF NOT EXISTS ioc_reader {on_cluster}
SETTINGS readonly = 2;

CREATE SETTINGS PROFILE IF NOT EXISTS ioc_wall {on_cluster}
SETTINGS readonly = 2, max_execution_time = 20, max_memory_usage = 2000000000;

CREATE ROLE IF NOT EXISTS ioc_writing {on_cluster};

GRANT {on_cluster} SELECT, INSERT ON {database}.* TO ioc_writing;

GRANT {on_cluster} TRUNCATE ON {database}.indicator_next TO ioc_writing;

GRANT {on_cluster} TRUNCATE ON {database}.figures_touched TO ioc_writing;

GRANT {on_cluster} TRUNCATE ON {database}.unit_places_next TO ioc_writing;

GRANT {on_cluster} TRUNCATE ON {database}.unit_reporters_next TO ioc_writing;

GRANT {on_cluster} TRUNCATE ON {database}.indicator_facts_next TO ioc_writing;

GRANT {on_cluster} TRUNCATE ON {database}.unit_sums_next TO ioc_writing;

GRANT {on_cluster} TRUNCATE ON {database}.state_before_next TO ioc_writing;

GRANT {on_cluster} TRUNCATE ON {database}.figure_ages_next TO ioc_writing;

GRANT {on_cluster} TRUNCATE ON {database}.unit_series_next TO ioc_writing;

GRANT {on_cluster} TRUNCATE ON {database}.figures_at_dawn_next TO ioc_writing;

GRANT {on_cluster} TRUNCATE, ALTER DELETE ON {database}.indicator_figures TO ioc_writing;

GRANT {on_cluster} TRUNCATE, ALTER DELETE ON {database}.unit_places TO ioc_writing;

GRANT {on_cluster} TRUNCATE, ALTER DELETE ON {database}.unit_reporters TO ioc_writing;

GRANT {on_cluster} TRUNCATE, ALTER DELETE ON {database}.indicator_facts TO ioc_writing;

GRANT {on_cluster} TRUNCATE, ALTER DELETE ON {database}.unit_sums TO ioc_writing;

GRANT {on_cluster} TRUNCATE, ALTER DELETE ON {database}.state_before TO ioc_writing;

GRANT {on_cluster} TRUNCATE, ALTER DELETE ON {database}.figure_ages TO ioc_writing;

GRANT {on_cluster} TRUNCATE, ALTER DELETE ON {database}.unit_series TO ioc_writing;

GRANT {on_cluster} TRUNCATE, ALTER DELETE ON {database}.figures_at_dawn TO ioc_writing;

GRANT {on_cluster} ALTER DELETE ON {database}.unit_days TO ioc_writing;

CREATE ROLE IF NOT EXISTS ioc_showing {on_cluster};

-- Dashboards read what analysts read: a view is read with what it stands on. Of a dead letter nobody reads the bytes, of a mail
-- nobody whom it went to.
GRANT {on_cluster} SELECT ON {database}.* TO ioc_showing;

REVOKE {on_cluster} SELECT ON {database}.dead_letters FROM ioc_showing;

GRANT {on_cluster} SELECT(id, source, stream, place, reason, error, occurred_at, attempts) ON {database}.dead_letters TO ioc_showing;

REVOKE {on_cluster} SELECT(recipient, reply) ON {database}.mails FROM ioc_showing;

CREATE ROLE IF NOT EXISTS ioc_reading {on_cluster};

GRANT {on_cluster} SELECT ON {database}.* TO ioc_reading;

REVOKE {on_cluster} SELECT ON {database}.dead_letters FROM ioc_reading;

GRANT {on_cluster} SELECT(id, source, stream, place, reason, error, occurred_at, attempts) ON {database}.dead_letters TO ioc_reading;

REVOKE {on_cluster} SELECT(recipient, reply) ON {database}.mails FROM ioc_reading;

CREATE USER IF NOT EXISTS `{writer}` {on_cluster} IDENTIFIED WITH sha256_hash BY '{writer_hash}';

CREATE USER IF NOT EXISTS `{wall}` {on_cluster} IDENTIFIED WITH sha256_hash BY '{wall_hash}' SETTINGS PROFILE ioc_wall;

CREATE USER IF NOT EXISTS `{analyst}` {on_cluster} IDENTIFIED WITH sha256_hash BY '{analyst_hash}' SETTINGS PROFILE ioc_reader;

ALTER USER `{writer}` {on_cluster} IDENTIFIED WITH sha256_hash BY '{writer_hash}';

ALTER USER `{wall}` {on_cluster} IDENTIFIED WITH sha256_hash BY '{wall_hash}';

ALTER USER `{analyst}` {on_cluster} IDENTIFIED WITH sha256_hash BY '{analyst_hash}';

GRANT {on_cluster} ioc_writing TO `{writer}`;

GRANT {on_cluster} ioc_showing TO `{wall}`;

GRANT {on_cluster} ioc_reading TO `{analyst}`;

ALTER USER `{writer}` {on_cluster} DEFAULT ROLE ioc_writing;

ALTER USER `{wall}` {on_cluster} DEFAULT ROLE ioc_showing;

ALTER USER `{analyst}` {on_cluster} DEFAULT ROLE ioc_reading;
