"""The shared vocabulary of the pipeline: contracts, topics, catalogue, settings, errors, metrics.

Every stage imports from here; nothing here imports a stage (`ioc.cli`, the composition root, excepted).
"""
