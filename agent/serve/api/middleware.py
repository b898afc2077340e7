"""What every request goes through: an id, a log line, metrics, limits, and headers for browsers."""

from __future__ import annotations

import re
import time
from uuid import uuid4

import structlog
from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.serve.api.errors import error_response
from agent.serve.ops.logs import logger, traced
from agent.serve.ops.metrics import Metrics

_ID = re.compile(r"[\w.:-]{1,128}", re.ASCII)
_QUIET = ("/health", "/ready", "/metrics")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


class Observed:
    """Gives each request an id, logs and counts it, and answers where a route fails unexpectedly.

    Args:
        app: What answers.
        metrics: Where requests are counted.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = Headers(scope=scope).get("x-request-id", "")
        request_id = sent if _ID.fullmatch(sent) else uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        start, status = time.perf_counter(), 0

        async def observe(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        running = self._metrics.running.track_inprogress()
        with structlog.contextvars.bound_contextvars(request_id=request_id), running:
            try:
                await self._app(scope, receive, observe)
            except Exception as error:
                logger().error("unexpected error", **traced(error))
                if not status:
                    await error_response(error, request_id)(scope, receive, observe)
            finally:
                self._done(scope, status, time.perf_counter() - start)

    def _done(self, scope: Scope, status: int, seconds: float) -> None:
        # The template of the route: paths hold ids of sessions and items.
        route = getattr(scope.get("route"), "path", "other")
        self._metrics.requests.labels(scope["method"] if route != "other" else "any", route, status).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        tell = logger().debug if route in _QUIET else logger().info
        tell(
            "request",
            method=scope["method"][:16],
            route=route,
            status=status or None,
            milliseconds=round(seconds * 1000, 1),
            key=scope["state"].get("key"),
        )


class Bounded:
    """Refuses bodies that are too large, whether they say so or not.

    Args:
        app: What answers.
        most: Bytes of a body.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = Headers(scope=scope).get("content-length", "0")
        if not told.isdecimal() or int(told) > self._most:
            refusal = error_response(self._too_large(), scope["state"]["request_id"])
            await refusal(scope, receive, send)
            return
        read = 0

        async def count() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most:
                raise self._too_large()
            return message

        await self._app(scope, count, send)

    def _too_large(self) -> HTTPException:
        return HTTPException(413, f"a body may have {self._most:,} bytes", headers={"Connection": "close"})
