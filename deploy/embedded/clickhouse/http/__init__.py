"""ClickHouse's HTTP interface: queries in the URL or the body, results in any format, streamed."""
