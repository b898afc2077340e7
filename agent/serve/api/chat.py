"""An OpenAI-compatible chat server: any chat client is a front end."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Header, Request
from sse_starlette import ServerSentEvent

from agent.errors import NotFoundError, RequestError
from agent.serve.api.access import Api, Known, RequestId, User, errors
from agent.serve.api.chat_sessions import ChatSessions, Place
from agent.serve.api.chat_shapes import (
    Answer,
    CachedTokens,
    ChatIn,
    ChatUsage,
    Choice,
    Completion,
    ModelOut,
    ModelsOut,
    Structured,
)
from agent.serve.api.chat_text import inert, list_text, turn_text
from agent.serve.api.streams import event_stream
from agent.serve.conversations import Said
from agent.serve.security import Caller
from agent.serve.views import ListView, TurnView
from agent.settings import PRESETS
from prompts import Message

router = APIRouter(prefix="/v1", tags=["chat"], responses=errors())

MODEL = "groundrec"
_NAMES = {MODEL: None, **{f"{MODEL}:{preset}": preset for preset in PRESETS}}


@router.get("/models")
def models(user: User) -> ModelsOut:
    """The usual strategy, and the presets."""
    return ModelsOut(data=[ModelOut(id=name) for name in _NAMES])


@router.get("/models/{name}", responses=errors(404))
def model(name: str, user: User) -> ModelOut:
    """One of them."""
    return ModelOut(id=_known(name))


@router.post(
    "/chat/completions",
    response_model=Completion,
    response_model_exclude_none=True,
    responses={
        **errors(400, 404, 409),
        200: {
            "description": "The answer; with `stream` in chunks, as `text/event-stream`.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
    },
)
def complete(
    asked: ChatIn,
    request: Request,
    caller: User,
    api: Known,
    x_groundrec_session: Annotated[str | None, Header(max_length=256)] = None,
    x_stainless_retry_count: Annotated[int, Header(description="OpenAI's clients count here.")] = 0,
    key: RequestId = None,
) -> Any:
    """Answer the last message. The list is part of the text, and structured in the field ``groundrec``."""
    if asked.n not in (None, 1):
        raise RequestError("there is one answer only", where="n", hint="groundrec.n is the list's length")
    strategy = asked.groundrec.strategy or _NAMES[_known(asked.model)]
    dialogue = _dialogue(asked)
    user, of_user = _whose(caller, asked.user)
    if caller.key is not None and user != caller.user:
        api.limits.take(f"user:{user}", api.settings.user_rate)
    sessions: ChatSessions = request.app.state.chats

    def find() -> Place:
        return sessions.find(
            user,
            dialogue,
            named=x_groundrec_session or asked.named_session,
            of_user=of_user,
            again=x_stainless_retry_count > 0,
        )

    def say(place: Place) -> Iterator[Said]:
        if place.answered is not None:
            return iter((*filter(None, [place.answered.list]), place.answered.reply, place.answered))
        text, n = dialogue[-1].content, asked.groundrec.n
        return api.service.say(
            user, place.session_id, text, n=n, strategy=strategy, request_id=key or place.request_id
        )

    place = find()
    try:
        pieces = say(place)
    except NotFoundError:  # it was deleted meanwhile
        sessions.forget(user, dialogue)
        pieces = say(place := find())
    answering = _Answering(api, sessions, user, dialogue, place, asked)
    if asked.stream:
        return event_stream(
            pieces,
            answering.events,
            api,
            request.state.request_id,
            last=ServerSentEvent("[DONE]"),
            error_event=None,
        )
    *_, turn = pieces
    assert isinstance(turn, TurnView)
    return answering.completion(turn)


@dataclass(slots=True)
class _Answering:
    """Writes one answer, whole or in chunks."""

    api: Api
    sessions: ChatSessions
    user: str
    dialogue: Sequence[Message]
    place: Place
    asked: ChatIn
    text: str = ""
    id: str = ""

    def completion(self, turn: TurnView) -> Completion:
        """The answer in one piece."""
        self.text = turn_text(turn)
        self._remember()
        answer = Answer(role="assistant", content=self.text, groundrec=self._structured(turn))
        return Completion(
            id=f"chatcmpl-{uuid4().hex}",
            created=int(time.time()),
            model=self.asked.model,
            choices=[Choice(message=answer)],
            usage=self._usage(turn),
        )

    def events(self, piece: ListView | str | TurnView) -> Iterator[ServerSentEvent]:
        """The chunks of a piece."""
        if isinstance(piece, TurnView):
            if not self.text:
                yield self._chunk(Answer(content=""))
            self._remember()
            yield self._chunk(Answer(groundrec=self._structured(piece)), finish="stop")
            if self.asked.stream_options and self.asked.stream_options.include_usage:
                yield self._event(choices=[], usage=self._usage(piece).model_dump())
        else:
            words = list_text(piece) if isinstance(piece, ListView) else inert(piece)
            if words:
                gap = "\n\n" if self.text and not self.text.endswith("\n") else ""
                yield self._chunk(Answer(content=gap + words))

    def _chunk(self, delta: Answer, finish: str | None = None) -> ServerSentEvent:
        if not self.id:
            delta = delta.model_copy(update={"role": "assistant"})
        self.text += delta.content or ""
        choice = {"index": 0, "delta": delta.model_dump(exclude_none=True), "finish_reason": finish}
        return self._event(choices=[choice])

    def _event(self, **more: Any) -> ServerSentEvent:
        self.id = self.id or f"chatcmpl-{uuid4().hex}"
        named = {"id": self.id, "object": "chat.completion.chunk", "model": self.asked.model}
        return ServerSentEvent(json.dumps({**named, "created": int(time.time()), **more}, default=str))

    def _remember(self) -> None:
        said = [*self.dialogue, Message("assistant", self.text)]
        self.sessions.said(self.user, said, self.place.session_id)

    def _structured(self, turn: TurnView) -> Structured:
        return Structured(session_id=self.place.session_id, list=turn.list)

    def _usage(self, turn: TurnView) -> ChatUsage:
        stages = self.api.service.trace(self.user, self.place.session_id, turn.seq)
        read, written, cached = (
            sum(stage["tokens"][kind] for stage in stages) for kind in ("prompt", "completion", "cached")
        )
        return ChatUsage(
            prompt_tokens=read,
            completion_tokens=written,
            total_tokens=read + written,
            prompt_tokens_details=CachedTokens(cached_tokens=cached),
        )


def _dialogue(asked: ChatIn) -> list[Message]:
    """What the user and the assistant said; the last message is the user's."""
    said = [
        Message(message.role, message.words)  # type: ignore[arg-type]
        for message in asked.messages
        if message.role in ("user", "assistant")
    ]
    if not said or asked.messages[-1].role != "user":
        raise RequestError("the last message is not the user's", where="messages")
    content = asked.messages[-1].content
    if isinstance(content, list) and any(part.type != "text" for part in content):
        raise RequestError("only text can be read", where="messages", hint="leave pictures and sounds out")
    return said


def _whose(caller: Caller, named: str | None) -> tuple[str, str | None]:
    """The user, and the session of a client that names the user in the body and sends one message at a time.

    A key that may act for others speaks for the user that is named; another one keeps their sessions apart.
    """
    if named is None:
        return caller.user, None
    if "act-as" in caller.scopes and not caller.acts:
        return named, "chat"
    return caller.user, f"chat-{hashlib.sha256(named.encode()).hexdigest()[:32]}"


def _known(name: str) -> str:
    """A model's name; raises NotFoundError."""
    if name not in _NAMES:
        raise NotFoundError(f"there is no model {name[:64]!r}", hint=f"there are: {', '.join(_NAMES)}")
    return name
