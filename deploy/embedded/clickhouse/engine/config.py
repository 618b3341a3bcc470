"""The engine's own configuration file: what any statement may ever do, whatever the front lets through.

chDB takes a ClickHouse configuration with users, grants and constraints. All clients of the front run as the engine's
user `default`, which holds the grants below and no more: there is none for files, URLs, other servers, other engines,
backups, functions, dictionaries or SYSTEM. What the front checks on top of this is written in `sql/policy.py`.
"""

from pathlib import Path
from xml.sax.saxutils import escape

GRANTS = (
    "SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW, CREATE TEMPORARY TABLE, DROP, TRUNCATE, "
    "OPTIMIZE, SHOW, CHECK, KILL QUERY"
)

SETTINGS = {
    # An INSERT is acknowledged when its part is on disk, not when it stands in a buffer.
    "async_insert": "0",
    # `1+1` is not a statement.
    "implicit_select": "0",
    "allow_introspection_functions": "0",
    # Expressions inside VALUES are data that nobody has checked: the front turns these on for data that it has.
    "input_format_values_interpret_expressions": "0",
    "input_format_values_deduce_templates_of_expressions": "0",
    "storage_file_read_method": "pread",
    # By default a query gets a thread for each free GiB: with what the front may hold, one. Its threads need far less.
    "max_threads_min_free_memory_per_thread": str(256 << 20),
}

CONSTANT = (
    "dialect",  # another grammar, another lexer: none of the front's checks would hold
    "format_schema",
    "output_format_schema",  # writes a file
    "allow_introspection_functions",
    "additional_table_filters",  # expressions in strings
    "additional_result_filter",
    "merge_tree_disk",
    "merge_tree_storage_policy",
    "merge_tree_table_disk",
)

# kill -9 of the process needs no fsync: what write() has given to the kernel is there when the front comes back. A
# power cut does, and an acknowledgement here moves Kafka offsets: so parts are synced before an INSERT is answered.
# It costs about a millisecond an INSERT on a solid-state disk.
MERGE_TREE = {
    "fsync_after_insert": "1",
    "fsync_part_directory": "1",
    # Small parts come every second and lie to the right of a large one: left out of a merge, the large one is written again for one
    # of them, which made up four fifths of all rows that were merged.
    "merge_selector_enable_heuristic_to_remove_small_parts_at_right": "0",
    # Of each part, however small: 8% of the engine's time while data flow, and no query's plan needs them.
    "auto_statistics_types": "",
    # Must fit the small pools below.
    "number_of_free_entries_in_pool_to_lower_max_size_of_merge": "2",
    "number_of_free_entries_in_pool_to_execute_mutation": "2",
    "number_of_free_entries_in_pool_to_execute_optimize_entire_partition": "2",
}

SERVER = {
    "default_database": "engine_scratch",
    "background_pool_size": "2",
    "background_merges_mutations_concurrency_ratio": "2",
    "background_schedule_pool_size": "4",
    "background_move_pool_size": "1",
    "background_fetches_pool_size": "1",
    "background_common_pool_size": "2",
    "background_buffer_flush_schedule_pool_size": "1",
    "background_message_broker_schedule_pool_size": "1",
    "background_distributed_schedule_pool_size": "1",
    "mark_cache_size": str(64 << 20),
    "uncompressed_cache_size": "0",
    "index_mark_cache_size": str(16 << 20),
    "query_cache.max_size_in_bytes": str(16 << 20),
    "compiled_expression_cache_size": str(16 << 20),
    "mmap_cache_size": "0",
}


def _elements(values: dict[str, str], indent: str) -> str:
    out = []
    for name, value in values.items():
        *outer, inner = name.split(".")
        line = f"<{inner}>{escape(value)}</{inner}>"
        for parent in reversed(outer):
            line = f"<{parent}>{line}</{parent}>"
        out.append(indent + line)
    return "\n".join(out)


def render(directory: Path, memory_limit_bytes: int, query_memory_limit_bytes: int, extra: dict[str, str]) -> str:
    """The configuration as XML.

    Args:
        directory: the front's own folder inside the data directory.
        memory_limit_bytes: what all queries together may hold.
        query_memory_limit_bytes: what one query may hold.
        extra: further settings of the default profile.
    """
    own = directory / "engine.xml"
    paths = {
        "users_config": str(own),
        "tmp_path": f"{directory / 'tmp'}/",
        "user_files_path": f"{directory / 'user_files'}/",
        "format_schema_path": f"{directory / 'format_schemas'}/",
        "max_server_memory_usage": str(memory_limit_bytes),
    }
    profile = {**SETTINGS, "max_memory_usage": str(query_memory_limit_bytes), **extra}
    constants = "\n".join(f"      <{name}><const/></{name}>" for name in CONSTANT)
    return f"""<clickhouse>
{_elements(paths | SERVER, "  ")}
  <merge_tree>
{_elements(MERGE_TREE, "    ")}
  </merge_tree>
  <profiles><default>
{_elements(profile, "    ")}
    <constraints>
{constants}
    </constraints>
  </default></profiles>
  <quotas><default/></quotas>
  <users><default>
    <password/>
    <networks><ip>::/0</ip></networks>
    <profile>default</profile>
    <quota>default</quota>
    <grants><query>GRANT {GRANTS} ON *.*</query></grants>
  </default></users>
</clickhouse>
"""
