"""The service's own endpoints: lists, conversations, events, items, and what is kept of a user."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sse_starlette import ServerSentEvent

from agent.serve.api.access import Known, Needs, RequestId, User, errors
from agent.serve.api.schemas import (
    EventsIn,
    FeedbackIn,
    ItemsOut,
    MemoryIn,
    RecommendIn,
    SayIn,
    SessionIn,
    WhyOut,
)
from agent.serve.api.streams import event_stream
from agent.serve.security import Caller
from agent.serve.views import (
    Beliefs,
    BeliefsEdit,
    Deleted,
    ItemView,
    ListView,
    Recorded,
    SessionSummary,
    SessionView,
    TasteMap,
    TurnView,
)

router = APIRouter(prefix="/v1", responses=errors())

Seq = Annotated[int, Path(ge=1, lt=1 << 31)]
_STREAM = "text/event-stream"
_Session = "/sessions/{session_id}"


@router.post("/recommend", tags=["lists"], responses=errors(400, 404, 409))
def recommend(asked: RecommendIn, user: User, api: Known, key: RequestId = None) -> ListView:
    """Make one list, outside of any conversation."""
    return api.service.recommend(user.user, **dict(asked), request_id=key)


@router.post("/sessions", status_code=201, tags=["conversations"], responses=errors(400))
def open_session(asked: SessionIn, user: User, api: Known) -> SessionView:
    """Begin a conversation, or find the one that is there under this id."""
    given = {name: value for name, value in asked if name != "id"}
    return api.service.open_session(user.user, session_id=asked.id, **given)


@router.get("/sessions", tags=["conversations"])
def sessions(user: User, api: Known) -> list[SessionSummary]:
    """All conversations of the user, the latest used first."""
    return list(api.service.sessions(user.user))


@router.get(_Session, tags=["conversations"], responses=errors(404))
def session(session_id: str, user: User, api: Known) -> SessionView:
    """A conversation with all its turns."""
    return api.service.session(user.user, session_id)


@router.delete(_Session, status_code=204, tags=["conversations"], responses=errors(404))
def delete_session(session_id: str, user: User, api: Known) -> None:
    """Delete a conversation, also from what is learned from."""
    api.service.delete_session(user.user, session_id)


@router.post(
    _Session + "/turns",
    tags=["conversations"],
    response_model=TurnView,
    responses={
        **errors(400, 404, 409),
        200: {
            "description": "The turn; with `Accept: text/event-stream` the events `list`, `word` and `turn`.",
            "content": {_STREAM: {"schema": {"type": "string"}}},
        },
    },
)
def say(
    session_id: str, asked: SayIn, request: Request, user: User, api: Known, key: RequestId = None
) -> Any:
    """Say something. It is kept, with the list that answers it, before the answer begins."""
    pieces = api.service.say(
        user.user, session_id, asked.text, n=asked.n, strategy=asked.strategy, request_id=key
    )
    if _STREAM in request.headers.get("accept", ""):
        return event_stream(pieces, _events, api, request.state.request_id)
    *_, turn = pieces
    return turn


@router.post(_Session + "/feedback", tags=["conversations"], responses=errors(400, 404, 409))
def feedback(
    session_id: str, asked: FeedbackIn, user: User, api: Known, key: RequestId = None
) -> SessionView:
    """Like, dislike, accept or reject an item, say that it is known, or ask for more or less like it."""
    return api.service.feedback(user.user, session_id, asked.item, asked.kind, request_id=key)


@router.post(_Session + "/undo", tags=["conversations"], responses=errors(400, 404, 409))
def undo(session_id: str, user: User, api: Known, key: RequestId = None) -> SessionView:
    """Take back the last step."""
    return api.service.undo(user.user, session_id, request_id=key)


@router.post(_Session + "/close", status_code=204, tags=["conversations"], responses=errors(404))
def close_session(session_id: str, user: User, api: Known) -> None:
    """End a conversation: others may learn from it, unless the user has opted out."""
    api.service.close_session(user.user, session_id)


@router.get(_Session + "/items/{item_id:path}/why", tags=["conversations"], responses=errors(404))
def why(session_id: str, item_id: str, user: User, api: Known) -> WhyOut:
    """All that speaks for an item in a conversation."""
    return WhyOut(text=api.service.why(user.user, session_id, item_id))


@router.get(_Session + "/beliefs", tags=["conversations"], responses=errors(404))
def beliefs(session_id: str, user: User, api: Known) -> Beliefs:
    """What is believed of the user."""
    return api.service.beliefs(user.user, session_id)


@router.patch(_Session + "/beliefs", tags=["conversations"], responses=errors(400, 404, 409))
def edit_beliefs(
    session_id: str, edit: BeliefsEdit, user: User, api: Known, key: RequestId = None
) -> Beliefs:
    """Correct what is believed of the user, as one step that can be undone."""
    return api.service.edit_beliefs(user.user, session_id, edit, request_id=key)


@router.get(_Session + "/map", tags=["conversations"], responses=errors(404))
def taste_map(session_id: str, user: User, api: Known) -> TasteMap:
    """The user's items among others, in two dimensions."""
    return api.service.taste_map(user.user, session_id)


@router.get(_Session + "/turns/{seq}/trace", tags=["conversations"], responses=errors(404))
def trace(session_id: str, seq: Seq, user: User, api: Known) -> list[dict[str, Any]]:
    """How a turn was answered, stage by stage."""
    return api.service.trace(user.user, session_id, seq)


@router.post("/events", status_code=202, tags=["events"], responses=errors(400, 404))
def record(asked: EventsIn, user: Annotated[Caller, Depends(Needs("events"))], api: Known) -> Recorded:
    """Keep what a user did with items; an event with an id of its own counts once."""
    return api.service.record(user.user, asked.events)


_Reader = Annotated[Caller, Depends(Needs("recommend", "events"))]


@router.get("/items", tags=["items"], responses=errors(400))
def search(
    user: _Reader,
    api: Known,
    q: Annotated[str, Query(max_length=500, description="An id, a title or words.")],
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> ItemsOut:
    """Find items of the catalog."""
    return ItemsOut(items=list(api.service.search(q, limit)))


@router.get("/items/{item_id:path}", tags=["items"], responses=errors(404))
def item(item_id: str, user: _Reader, api: Known) -> ItemView:
    """An item of the catalog."""
    return api.service.item(item_id)


@router.get("/me/export", tags=["privacy"])
def export(user: User, api: Known) -> dict[str, Any]:
    """Everything that is kept of the user."""
    return api.service.export(user.user)


@router.delete("/me", tags=["privacy"])
def delete(user: User, api: Known) -> Deleted:
    """Delete everything that is kept of the user."""
    return api.service.delete(user.user)


@router.put("/me/memory", status_code=204, tags=["privacy"])
def set_memory(asked: MemoryIn, user: User, api: Known) -> Response:
    """Say whether the user's conversations may be learned from."""
    api.service.set_memory(user.user, asked.remember)
    return Response(status_code=204)


def _events(piece: ListView | str | TurnView) -> Iterator[ServerSentEvent]:
    """A piece of an answer as an event."""
    if isinstance(piece, ListView):
        yield ServerSentEvent(piece.model_dump_json(), event="list")
    elif isinstance(piece, TurnView):
        yield ServerSentEvent(piece.model_dump_json(), event="turn")
    else:
        yield ServerSentEvent(WhyOut(text=piece).model_dump_json(), event="word")
