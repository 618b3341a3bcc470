"""How the pipeline is run."""
