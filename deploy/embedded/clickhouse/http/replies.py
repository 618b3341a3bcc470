"""What HTTP clients are told: status codes of errors, content types of formats, headers of every answer."""

import json

from deploy.embedded.clickhouse.engine.session import Stats
from deploy.embedded.clickhouse.errors import ServerError

STATUS = (
    dict.fromkeys((192, 193, 497, 516), 403)
    | dict.fromkeys(
        (6, 26, 27, 32, 33, 36, 38, 41, 42, 43, 44, 53, 62, 69, 70, 72, 117, 130, 131, 271, 273, 427, 456), 400
    )
    | dict.fromkeys((46, 47, 50, 56, 60, 63, 73, 78, 81, 102, 115, 336, 372), 404)
    | dict.fromkeys((159, 209), 408)
    | {48: 501, 194: 401, 223: 413, 307: 413, 745: 503}
)
"""HTTP status of ClickHouse's error codes (src/Server/HTTP/exceptionCodeToHTTPStatus.cpp); all others are 500."""

CONTENT_TYPES = {
    "json": "application/json; charset=UTF-8",
    "jsoncompact": "application/json; charset=UTF-8",
    "jsonstrings": "application/json; charset=UTF-8",
    "jsoncolumns": "application/json; charset=UTF-8",
    "jsoncolumnswithmetadata": "application/json; charset=UTF-8",
    "jsoneachrow": "application/x-ndjson; charset=UTF-8",
    "jsoncompacteachrow": "application/x-ndjson; charset=UTF-8",
    "csv": "text/csv; charset=UTF-8; header=absent",
    "csvwithnames": "text/csv; charset=UTF-8; header=present",
    "csvwithnamesandtypes": "text/csv; charset=UTF-8; header=present",
    "tabseparated": "text/tab-separated-values; charset=UTF-8",
    "tsv": "text/tab-separated-values; charset=UTF-8",
    "tabseparatedwithnames": "text/tab-separated-values; charset=UTF-8",
    "tabseparatedwithnamesandtypes": "text/tab-separated-values; charset=UTF-8",
    "xml": "application/xml; charset=UTF-8",
    "native": "application/octet-stream",
    "rowbinary": "application/octet-stream",
    "rowbinarywithnamesandtypes": "application/octet-stream",
    "parquet": "application/octet-stream",
    "arrow": "application/octet-stream",
    "arrowstream": "application/octet-stream",
    "markdown": "text/markdown; charset=UTF-8",
}


def content_type(output_format: str) -> str:
    """The content type of a format, as ClickHouse names it."""
    return CONTENT_TYPES.get(output_format.lower(), "text/plain; charset=UTF-8")


def status(error: ServerError) -> int:
    """The HTTP status of an error."""
    return STATUS.get(error.code, 500)


def error_text(error: ServerError, version: str) -> str:
    """The body of an answer that is an error."""
    return f"Code: {error.code}. DB::Exception: {error.message} (version {version} (official build))\n"


def summary(stats: Stats, result_bytes: int = 0) -> str:
    """The header X-ClickHouse-Summary."""
    return json.dumps(
        {
            "read_rows": str(stats.read_rows),
            "read_bytes": str(stats.read_bytes),
            "written_rows": str(stats.written_rows),
            "written_bytes": str(stats.written_bytes),
            "total_rows_to_read": str(stats.total_rows),
            "result_rows": str(stats.written_rows),
            "result_bytes": str(result_bytes),
            "elapsed_ns": str(stats.elapsed_ns),
        }
    )
