"""The writer of tables, and the second engine that checks the first."""
