"""The chDB engine: its configuration, its data directory, and one session a client. The only place that imports chdb."""
