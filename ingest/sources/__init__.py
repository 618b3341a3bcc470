"""The systems that are read: one module a format, and what several share."""
