"""Requests that are repeated: answered again, done once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from agent.errors import ConflictError
from agent.serve.asked import checked_id
from agent.store import Answer, Store

T = TypeVar("T")
Answering = Callable[[dict[str, Any]], Answer | None]
"""Makes what is kept as a request's answer; None for requests without an id."""


def once(
    store: Store,
    user: str,
    request_id: str | None,
    asked: tuple[Any, ...],
    do: Callable[[Answering], T],
    replay: Callable[[Mapping[str, Any]], T],
) -> T:
    """Do what is asked, or replay the answer that the request id had.

    Args:
        store: Where answers are kept.
        user: Who asks.
        request_id: What they call the request; None: it is not to be repeated.
        asked: All of the request, JSON-ready, to tell it from another with the same id.
        do: Does it, and writes the answer together with the change.
        replay: Makes the result of an answer.

    Raises:
        ConflictError: the id was used for another request.
    """
    if request_id is None:
        return do(lambda content: None)
    name = checked_id(request_id, "request id")
    digest = hashlib.sha256(json.dumps(asked).encode()).hexdigest()
    if (found := store.answered(user, name, digest)) is not None:
        return replay(found.answer)
    try:
        return do(lambda content: Answer(name, digest, content))
    except ConflictError:
        if (found := store.answered(user, name, digest)) is None:
            raise
        return replay(found.answer)
