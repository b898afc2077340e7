"""MCP over HTTP: with keys, or for this machine alone."""

from __future__ import annotations

from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from agent.errors import ForbiddenError, QuotaError, ServiceError, UnauthorizedError
from agent.serve.api.settings import ApiSettings, api_settings
from agent.serve.security import Caller, Gate, RateLimits, check_address, check_open_door
from agent.store import Store

PATH = "/mcp"
__all__ = ["PATH", "Guard", "check_address", "make_app", "serve_http", "user_of"]
_CALLER = "groundrec.caller"
_STATUS: dict[type[ServiceError], int] = {UnauthorizedError: 401, ForbiddenError: 403, QuotaError: 429}


def serve_http(server: MCPServer[Any], store: Store, host: str, port: int) -> None:
    """Serve until stopped."""
    import uvicorn

    uvicorn.run(make_app(server, store, host), host=host, port=port, log_level="warning")


def make_app(server: MCPServer[Any], store: Store, host: str = "127.0.0.1") -> ASGIApp:
    """The server as an application that lets nobody in without a key, once there are keys.

    It keeps no session of its own, so a request may go to any of several replicas.
    """
    # The guard checks Host and Origin where that is needed: where no key is.
    unchecked = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    settings = api_settings()
    return Guard(
        server.streamable_http_app(
            streamable_http_path=PATH,
            stateless_http=True,
            json_response=True,
            host=host,
            max_request_body_size=settings.largest_body,
            transport_security=unchecked,
        ),
        Gate(store),
        settings,
    )


def user_of(context: Context[Any, Any]) -> str:
    """The user whose key came with the request."""
    request = context.request_context.request
    assert request is not None
    caller: Caller = request.scope[_CALLER]
    return caller.user


class Guard:
    """Finds out who asks before anything is done.

    Args:
        app: What is guarded.
        gate: Knows the keys.
        settings: How often may be asked.
    """

    def __init__(self, app: ASGIApp, gate: Gate, settings: ApiSettings) -> None:
        self._app, self._gate, self._settings, self._limits = app, gate, settings, RateLimits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        from anyio.to_thread import run_sync

        try:
            scope[_CALLER] = await run_sync(self._caller, scope)
        except ServiceError as error:
            await _refusal(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _caller(self, scope: Scope) -> Caller:
        headers = Headers(scope=scope)
        if not self._gate.needs_key:
            client = scope.get("client")
            check_open_door(client[0] if client else None, headers.get("host"), headers.get("origin"))
        scheme, _, key = headers.get("authorization", "").partition(" ")
        caller = self._gate.caller(
            key if scheme.lower() == "bearer" else None, headers.get("x-groundrec-user")
        )
        caller.need("recommend")
        if caller.key is not None:
            self._limits.take(f"key:{caller.key}", caller.rate or self._settings.key_rate)
            self._limits.take(f"user:{caller.user}", self._settings.user_rate)
        return caller


def _refusal(error: ServiceError) -> JSONResponse:
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 503)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    body = {"message": error.what, "type": type(error).__name__, "code": error.code, "hint": error.hint}
    return JSONResponse({"error": body}, status, headers)
