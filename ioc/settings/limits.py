"""What a login that people use may take of the ClickHouse server: so that a greedy query costs only itself."""

from typing import Annotated

from pydantic import Field

from ioc.settings.section import Section


class ReaderLimits(Section):
    """Limits of one query, and of all queries of the login in an hour. Who asks may ask for less, never for more."""

    memory_mib: Annotated[int, Field(ge=64)] = 1024
    """Memory of one query, MiB; the embedded front gives at most a quarter of its own."""
    spill_mib: Annotated[int, Field(ge=1)] = 4096
    """What one query may put on disk when it sorts or groups more than fits into memory, MiB."""
    seconds: Annotated[int, Field(ge=1)] = 60
    """Time of one query."""
    read_rows: Annotated[int, Field(ge=1)] = 2_000_000_000
    """Rows that one query may read."""
    result_rows: Annotated[int, Field(ge=1)] = 10_000_000
    """Rows that one query may give."""
    concurrent: Annotated[int, Field(ge=1)] = 4
    """Queries at once."""
    queries_per_hour: Annotated[int, Field(ge=1)] = 20_000
    """Queries in an hour of the clock."""
    seconds_per_hour: Annotated[int, Field(ge=1)] = 3600
    """Time of all queries in an hour of the clock."""

    @property
    def query_settings(self) -> dict[str, int]:
        """ClickHouse's settings for one query, by name."""
        return {
            "max_memory_usage": self.memory_mib << 20,
            "max_temporary_data_on_disk_size_for_query": self.spill_mib << 20,
            "max_execution_time": self.seconds,
            "max_rows_to_read": self.read_rows,
            "max_result_rows": self.result_rows,
        }
