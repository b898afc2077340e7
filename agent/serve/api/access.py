"""Who asks, for routes: the key or the open door, the user, the limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from agent.serve.api.settings import ApiSettings
from agent.serve.ops.metrics import Metrics
from agent.serve.security import Caller, Gate, RateLimits, Scope, check_open_door
from agent.serve.service import Service

_bearer = HTTPBearer(auto_error=False, description="A key made with `groundrec keys create`.")


@dataclass(frozen=True, slots=True)
class Api:
    """What routes work with."""

    service: Service
    gate: Gate
    limits: RateLimits
    metrics: Metrics
    settings: ApiSettings


def api(request: Request) -> Api:
    """What the application was made with."""
    found: Api = request.app.state.api
    return found


class Needs:
    """A dependency: the caller, who has one of some scopes and has not asked too often.

    Args:
        scopes: Of which one is needed.
    """

    def __init__(self, *scopes: Scope) -> None:
        self._scopes = scopes

    def __call__(
        self,
        request: Request,
        given: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
        x_groundrec_user: Annotated[
            str | None,
            Header(max_length=256, description="Who it is for, where the key may act for others."),
        ] = None,
    ) -> Caller:
        """Find out who asks.

        Raises:
            UnauthorizedError: a key is needed, or it is not good.
            ForbiddenError: the caller may not do this, or is no program or page of this machine where no
                key is needed.
            QuotaError: there were too many requests of this key or user.
        """
        caller = identify(request, given.credentials if given else None, x_groundrec_user)
        caller.need(*self._scopes)
        return caller


def identify(request: Request, key: str | None, acting_for: str | None) -> Caller:
    """Who asks; raises as :class:`Needs`."""
    found = api(request)
    if not found.gate.needs_key:
        client, headers = request.client, request.headers
        host = client.host if client else None
        check_open_door(host, headers.get("host"), headers.get("origin"), found.settings.cors)
    caller = found.gate.caller(key, acting_for or None)
    request.state.key = caller.key
    if caller.key is not None:
        found.limits.take(f"key:{caller.key}", caller.rate or found.settings.key_rate)
        found.limits.take(f"user:{caller.user}", found.settings.user_rate)
    return caller


Known = Annotated[Api, Depends(api)]
User = Annotated[Caller, Depends(Needs("recommend"))]
RequestId = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=256,
        description="The same again gets the same answer, and nothing is done twice.",
    ),
]
"""Of a request that changes something."""


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of a route's errors."""
    from agent.serve.api.errors import ErrorBody

    words = {
        400: "The request asks for something that cannot be.",
        401: "A key is needed, or it is not good.",
        403: "The caller may not do this.",
        404: "There is no such thing, or it is another user's.",
        409: "Somebody else changed the same thing at the same time.",
        413: "The body is too large.",
        422: "The request cannot be read.",
        429: "There were too many requests; `Retry-After` says when to try again.",
        503: "There is too much to do, or a part is down; `Retry-After` says when to try again.",
    }
    always = (401, 403, 413, 422, 429, 503)
    return {
        status: {"model": ErrorBody, "description": words[status]} for status in sorted({*always, *statuses})
    }
