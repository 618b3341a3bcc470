"""Dashboards built from the catalogue, and the embedded wall that draws them."""
