"""The closed lists that access is decided by. What is not allowed here is refused."""

TABLE_FUNCTIONS = frozenset({
    "generate_series", "generaterandom", "generateseries", "merge", "null", "numbers", "numbers_mt", "primes",
    "values", "view", "zeros", "zeros_mt",
    # Also a scalar function that people use. As a table function it reads only its own argument, and expressions in
    # that text are not evaluated (engine/config.py).
    "format",
})  # fmt: skip
"""Table functions that stay inside the engine, in lower case; all others that the engine has are refused."""

NAMES_REFUSED = frozenset({"file", "logtrace"})
"""Scalar functions that reach outside, in lower case; the engine's `ai…` functions are added at the start.

`arrayMap(file, paths)` and `* APPLY file` call a function by its bare name, so the name itself is refused wherever it
could be one: not behind a dot or AS.
"""

TABLE_ENGINES = frozenset({
    "mergetree", "replacingmergetree", "summingmergetree", "aggregatingmergetree", "collapsingmergetree",
    "versionedcollapsingmergetree", "coalescingmergetree", "memory", "null", "log", "tinylog", "stripelog", "set",
    "join", "buffer", "merge", "view", "materializedview", "generaterandom",
})  # fmt: skip
DATABASE_ENGINES = frozenset({"atomic", "memory"})

SETTINGS_REFUSED = frozenset({
    "additional_result_filter", "additional_table_filters",  # expressions in strings
    "allow_experimental_eval_table_function", "allow_experimental_kusto_dialect", "allow_experimental_prql_dialect",
    "allow_introspection_functions", "allow_settings_after_format_in_insert", "dialect", "format_schema",
    "format_schema_source", "implicit_select", "input_format_values_interpret_expressions",
    "input_format_values_deduce_templates_of_expressions", "merge_tree_disk",
    "merge_tree_storage_policy", "output_format_schema", "parallel_replicas_custom_key", "polyglot_dialect",
    "disk", "storage_policy", "table_disk",  # of MergeTree tables
})  # fmt: skip
"""Settings that no client may change: they would change the grammar, evaluate text, or reach the file system."""

SETTINGS_IGNORED = frozenset({
    "log_comment",  # the front names its queries by it
    "network_compression_method", "network_zstd_compression_level",  # read by the front itself
})  # fmt: skip

CREATE_OBJECTS = frozenset({
    ("TABLE",), ("VIEW",), ("DATABASE",), ("MATERIALIZED", "VIEW"), ("TEMPORARY", "TABLE"), ("TEMPORARY", "VIEW"),
})  # fmt: skip
DROP_OBJECTS = CREATE_OBJECTS
SECOND_WORDS = {
    "ALTER": frozenset({"TABLE"}),
    "EXCHANGE": frozenset({"TABLES"}),
    "KILL": frozenset({"QUERY", "MUTATION"}),
    "RENAME": frozenset({"TABLE", "COLUMN"}),
    "OPTIMIZE": frozenset({"TABLE"}),
    "CHECK": frozenset({"TABLE"}),
    "DELETE": frozenset({"FROM"}),
}
"""What may follow a first word; first words without an entry are followed by anything."""

FIRST_WORDS_READING = frozenset(
    {"SELECT", "WITH", "FROM", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS", "USE", "SET"}
)
FIRST_WORDS_WRITING = frozenset({
    "INSERT", "DELETE", "UPDATE", "OPTIMIZE", "TRUNCATE", "CREATE", "REPLACE", "ALTER", "DROP", "RENAME", "EXCHANGE",
    "KILL", "CHECK",
})  # fmt: skip
FIRST_WORDS_REFUSED = frozenset({
    "ATTACH", "BACKUP", "BEGIN", "COMMIT", "COPY", "DETACH", "EXECUTE", "EXPORT", "GRANT", "IMPORT", "MOVE", "RESTORE",
    "REVOKE", "ROLLBACK", "SYSTEM", "UNDROP", "WATCH",
})  # fmt: skip
"""Statements that ClickHouse knows and nobody may run here; any other word is a syntax error."""

ALTER_WORDS_REFUSED = frozenset({"FREEZE", "UNFREEZE", "FETCH", "EXPORT", "DISK", "VOLUME", "SHARD"})
DATABASES_KEPT = frozenset({"default", "system", "information_schema"})

ADJACENT_REFUSED = {
    ("INTO", "OUTFILE"): "INTO OUTFILE",
    ("FROM", "INFILE"): "FROM INFILE",
    ("PARALLEL", "WITH"): "PARALLEL WITH",
    ("INTO", "FUNCTION"): "INSERT INTO FUNCTION",
    ("TABLE", "FUNCTION"): "INSERT INTO FUNCTION",
}
