"""The source systems, simulated as they really speak; docs/simulator.md describes them and how one is written."""
