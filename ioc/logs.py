"""Structured logs: a constant text and fields, one line a record, on standard error."""

import logging
import sys

import structlog
from structlog.typing import FilteringBoundLogger, Processor


def configure(level: str = "info", as_json: bool = False) -> None:
    """Sets up structlog for a process, and the standard library's loggers at warning beside it."""
    threshold = getattr(logging, level.upper())
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks if as_json else structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(threshold, logging.WARNING), stream=sys.stderr, force=True)


def get_logger(name: str) -> FilteringBoundLogger:
    """A logger bound to the name of its part."""
    logger: FilteringBoundLogger = structlog.get_logger(part=name)
    return logger
