-- Who asks may lower a limit and not lift it: 0 would mean none.
ALTER SETTINGS PROFILE ioc_reader {on_cluster}
SETTINGS readonly = 2,
    max_memory_usage = {max_memory_usage} MIN 1 MAX {max_memory_usage},
    max_temporary_data_on_disk_size_for_query = {max_temporary_data_on_disk_size_for_query} MIN 1 MAX {max_temporary_data_on_disk_size_for_query},
    max_execution_time = {max_execution_time} MIN 1 MAX {max_execution_time},
    max_rows_to_read = {max_rows_to_read} MIN 1 MAX {max_rows_to_read},
    max_result_rows = {max_result_rows} MIN 1 MAX {max_result_rows},
    max_concurrent_queries_for_user = {concurrent} MIN 1 MAX {concurrent};

CREATE QUOTA IF NOT EXISTS ioc_analyst_hour {on_cluster} FOR INTERVAL 1 hour MAX queries = {queries_per_hour}, execution_time = {seconds_per_hour} TO `{analyst}`;

ALTER QUOTA ioc_analyst_hour {on_cluster} FOR INTERVAL 1 hour MAX queries = {queries_per_hour}, execution_time = {seconds_per_hour} TO `{analyst}`;
