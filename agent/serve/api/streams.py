"""From the service's iterators to streams of server-sent events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeVar

import anyio
from anyio import to_thread
from sse_starlette import EventSourceResponse, ServerSentEvent

from agent.serve.api.access import Api
from agent.serve.api.errors import error_body
from agent.serve.ops.logs import logger, traced

T = TypeVar("T")
Events = Callable[[T], Iterator[ServerSentEvent]]

_END = object()


def event_stream(
    pieces: Iterator[T],
    write: Events[T],
    api: Api,
    request_id: str,
    *,
    last: ServerSentEvent | None = None,
    error_event: str | None = "error",
) -> EventSourceResponse:
    """Stream pieces as they come, with signs of life in between.

    A reader that leaves stops the work on further pieces; what was committed before stays. When the server
    stops, a stream may go on for as long as the settings say.

    Args:
        pieces: Each is read in a thread.
        write: What is sent for a piece.
        api: Settings and metrics.
        request_id: For an error in the middle of the stream.
        last: What is sent at the end.
        error_event: Name of the event that tells of an error in the middle; None for one without a name.
    """

    async def events() -> AsyncIterator[ServerSentEvent]:
        complete = False
        try:
            while (piece := await to_thread.run_sync(next, pieces, _END)) is not _END:
                for event in write(piece):  # type: ignore[arg-type]
                    yield event
            complete = True
        except Exception as error:
            logger().error("stream failed", **traced(error))
            _, body = error_body(error, request_id)
            yield ServerSentEvent(json.dumps(body.model_dump()), event=error_event)
            complete = True
        finally:
            if not complete:
                api.metrics.abandoned.inc()
            close: Any = getattr(pieces, "close", None)
            if close is not None:
                with anyio.CancelScope(shield=True):
                    await to_thread.run_sync(close)
        if last is not None:
            yield last

    return EventSourceResponse(
        events(),
        ping=api.settings.heartbeat,
        ping_message_factory=lambda: ServerSentEvent(comment="still here"),
        shutdown_event=anyio.Event(),
        shutdown_grace_period=api.settings.drain,
        sep="\n",
    )
