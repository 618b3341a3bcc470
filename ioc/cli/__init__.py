"""The `ioc` command: the composition root."""
