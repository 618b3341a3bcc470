"""ClickHouse's native protocol over TCP: packets, blocks, compression, one thread a connection."""
