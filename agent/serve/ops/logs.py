"""Structured logs: a JSON object a line on stderr, which never holds what users say, nor keys."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any, TextIO

import structlog

_QUIET = ("httpx", "httpx2", "openai", "sse_starlette", "mcp", "alembic", "sqlalchemy")


def configure(*, as_json: bool, level: str = "info", stream: TextIO | None = None) -> None:
    """Send our own logs and those of libraries to one place.

    Args:
        as_json: JSON for programs, else columns for people.
        level: What is logged at least: debug, info, warning or error.
        stream: Where to; stderr by default.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_words,
    ]
    stream = stream or sys.stderr
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(number),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setLevel(number)  # some libraries choose a level of their own
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processors=[remove, renderer], foreign_pre_chain=shared)
    )
    root = logging.getLogger()
    root.handlers, root.level = [handler], number
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").disabled = True  # requests are logged by the application


def logger() -> Any:
    """The service's logger."""
    return structlog.get_logger("groundrec")


def traced(error: BaseException) -> dict[str, Any]:
    """An error as its kind and the places it went through: its message may quote a user."""
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    return {
        "error": type(error).__name__,
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _without_words(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Errors that libraries log, likewise."""
    raised = event.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()
    if isinstance(raised, tuple):
        raised = raised[1]
    return event | traced(raised) if isinstance(raised, BaseException) else event
