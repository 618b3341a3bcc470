"""ClickHouse: its tables derived from the contracts, the client, the migrations, the oracle."""
