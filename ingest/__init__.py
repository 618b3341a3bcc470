"""Connectors: from the source systems to Kafka."""
