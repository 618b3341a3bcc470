"""Connectors: what reads the source systems and publishes events, and the simulators of these systems."""
