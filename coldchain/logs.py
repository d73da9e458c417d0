"""Structured logs: an event name plus fields, one line each; JSON when nobody watches, colours on a terminal."""

from __future__ import annotations

import logging
import sys

import structlog


def set_up(*, level: str = "INFO", stream: object = None) -> None:
    """Send every log line to stderr, with time, level, event and fields."""
    out = stream or sys.stderr
    watched = getattr(out, "isatty", lambda: False)()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if watched else structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(out),  # type: ignore[arg-type]
        cache_logger_on_first_use=False,  # a cached logger would outlive the stream it was made for
    )
