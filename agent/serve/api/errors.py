"""From errors to answers: one body everywhere, in the shape that OpenAI's clients read."""

from __future__ import annotations

import json
import math
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from agent.errors import (
    BusyError,
    ConflictError,
    ForbiddenError,
    GroundrecError,
    ModelError,
    NotFoundError,
    QuotaError,
    RequestError,
    ServiceError,
    StoreError,
    UnauthorizedError,
)
from agent.serve.ops.logs import logger, traced

_STATUS: dict[type[GroundrecError], int] = {
    RequestError: 400,
    UnauthorizedError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    QuotaError: 429,
    BusyError: 503,
    StoreError: 503,
    ModelError: 503,
}
_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


class ErrorDetail(BaseModel):
    """What went wrong, for people and programs."""

    message: str
    type: str
    code: str
    param: str | None = None
    hint: str | None = None
    request_id: str | None = None


class ErrorBody(BaseModel):
    """The body of every answer that is an error."""

    error: ErrorDetail


def error_body(error: Exception, request_id: str | None) -> tuple[int, ErrorBody]:
    """Status and body for an error; what is inside the house is not told."""
    hint = param = None
    if isinstance(error, GroundrecError):
        status = next((s for kind, s in _STATUS.items() if isinstance(error, kind)), 500)
        code = error.code if isinstance(error, ServiceError) else "server_error"
        message, hint = error.what, error.hint
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, BusyError):
            hint = None
        elif error.where:
            param = error.where
    elif isinstance(error, HTTPException):
        status, message = error.status_code, str(error.detail)
        code = (
            "too_large" if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else HTTPStatus(status).name.lower()
        )
    elif isinstance(error, RequestValidationError):
        status, code = 422, "invalid_request"
        message, param = _first_problem(error)
    else:
        status, code, message = 500, "server_error", "something went wrong here"
    ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    kind = _TYPES.get(status, "server_error" if ours else "invalid_request_error")
    detail = ErrorDetail(message=message, type=kind, code=code, param=param, hint=hint, request_id=request_id)
    return status, ErrorBody(error=detail)


def error_response(error: Exception, request_id: str | None, *, status: int | None = None) -> Response:
    """The answer to a request that failed."""
    found, body = error_body(error, request_id)
    headers = {"Retry-After": f"{math.ceil(pause)}"} if (pause := retry_after(error)) else {}
    if isinstance(error, UnauthorizedError):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, HTTPException):
        headers |= error.headers or {}
    return Response(as_json(body), status or found, headers, media_type="application/json")


def as_json(body: BaseModel) -> str:
    """ASCII JSON, which can hold any text, also what no encoding of Unicode can."""
    return json.dumps(body.model_dump())


def retry_after(error: Exception) -> float | None:
    """Seconds after which asking again may help."""
    return getattr(error, "retry_after", None)


def install(app: FastAPI) -> None:
    """Answer the errors that an application's routes raise on purpose."""

    async def answer(request: Request, error: Exception) -> Response:
        status, _ = error_body(error, None)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, BusyError):
            logger().error("failed", **traced(error))
        # OpenAI's endpoints know no 422.
        is_chat = request.url.path.startswith("/v1/chat/")
        changed = 400 if is_chat and isinstance(error, RequestValidationError) else None
        return error_response(error, request.state.request_id, status=changed)

    for kind in (GroundrecError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, answer)


def _first_problem(error: RequestValidationError) -> tuple[str, str | None]:
    """What is wrong and where, without what was sent."""
    problems: Any = error.errors()
    if not problems:
        return "the request cannot be read", None
    where = ".".join(str(part) for part in problems[0]["loc"] if part != "body") or None
    words = str(problems[0]["msg"])
    return (f"{where}: {words}" if where else words), where
