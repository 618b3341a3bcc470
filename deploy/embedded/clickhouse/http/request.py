"""An HTTP request, read into what is asked: who, which statement, with which settings, answered how."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from deploy.embedded.clickhouse.errors import ServerError

RESERVED = frozenset({
    "add_http_cors_header", "buffer_size", "client_protocol_version", "close_session", "compress", "database",
    "decompress", "default_format", "enable_http_compression", "framing", "http_headers_progress_interval_ms",
    "http_native_compression_disable_checksumming_on_decompress", "http_zlib_compression_level",
    "http_write_exception_in_output_format", "http_response_headers",
    "cancel_http_readonly_queries_on_client_close", "password", "query", "query_id", "quota_key", "role",
    "send_progress_in_http_headers", "session_check", "session_id", "session_timeout", "stacktrace", "user",
    "wait_end_of_query",
})  # fmt: skip
"""Parameters of the interface itself; all others are settings of the query."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks for."""

    user: str
    password: str
    database: str
    query_id: str
    session_id: str
    session_timeout_s: float
    session_check: bool
    close_session: bool
    default_format: str
    compress: bool
    wait_end: bool
    reading_only: bool
    """A GET: only statements that read."""
    statement: bytes
    """The statement, with an INSERT's data behind it if the whole came in one piece."""
    data: bytes | None
    """The body, where the statement came in the URL."""
    settings: Mapping[str, str]
    parameters: Mapping[str, str]


def login(headers: Mapping[str, str], values: Mapping[str, str]) -> tuple[str, str]:
    """User and password by header, basic authentication or URL.

    Raises:
        ServerError: 516, the Authorization header cannot be read or two ways are mixed.
    """
    header_user, header_key = headers.get("X-ClickHouse-User"), headers.get("X-ClickHouse-Key")
    authorization = headers.get("Authorization", "")
    if authorization:
        if header_user is not None or header_key is not None:
            raise ServerError.named(516, "Log in by the Authorization header or by X-ClickHouse headers, not by both")
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() != "basic":
            raise ServerError.named(516, f"Authorization by {scheme} is not supported; use Basic")
        try:
            user, _, password = base64.b64decode(value, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise ServerError.named(516, "The Authorization header is not valid") from None
        return user, password
    if header_user is not None or header_key is not None:
        return header_user or "", header_key or ""
    return values.get("user", ""), values.get("password", "")


def read(
    method: str, query_string: str, headers: Mapping[str, str], body: bytes, form: Mapping[str, str] | None
) -> Request:
    """Reads a request.

    Args:
        method: HTTP method.
        query_string: what follows `?` in the URL, still escaped.
        headers: of any case.
        body: decompressed; empty with a form.
        form: fields of a multipart body.
    """
    values = dict(parse_qsl(query_string, keep_blank_values=True)) | dict(form or {})
    user, password = login(headers, values)
    in_url = values.get("query", "").encode("utf-8")
    if in_url.strip():
        statement, data = in_url, body
    else:
        statement, data = body, None
    try:
        timeout_s = float(values.get("session_timeout", "60"))
    except ValueError:
        raise ServerError.named(36, f"session_timeout={values['session_timeout']!r} is no number") from None
    return Request(
        user=user,
        password=password,
        database=headers.get("X-ClickHouse-Database") or values.get("database", ""),
        query_id=values.get("query_id", ""),
        session_id=values.get("session_id", ""),
        session_timeout_s=timeout_s,
        session_check=values.get("session_check") == "1",
        close_session=values.get("close_session") == "1",
        default_format=headers.get("X-ClickHouse-Format") or values.get("default_format", "TabSeparated"),
        compress=values.get("compress") == "1",
        wait_end=values.get("wait_end_of_query") == "1",
        reading_only=method in {"GET", "HEAD"},
        statement=statement,
        data=data,
        settings={
            name: value
            for name, value in values.items()
            if name not in RESERVED
            and not name.startswith("param_")
            and not name.endswith(("_structure", "_format", "_types"))
        },
        parameters={name[6:]: value for name, value in values.items() if name.startswith("param_")},
    )
