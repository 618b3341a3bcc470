"""The dossier source, simulated as it really speaks; docs/simulator.md describes it on the wire."""
