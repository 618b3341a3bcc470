"""Kafka clients: the only users of kafka-python."""
