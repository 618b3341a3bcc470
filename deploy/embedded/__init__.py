"""The one-machine stack: a broker, a ClickHouse front and all stages, under one supervisor."""
