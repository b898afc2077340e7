"""The shapes of OpenAI's chat completions, as far as a recommender speaks them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.serve.api.schemas import Count, StrategyText
from agent.serve.views import ListView

_Id = Annotated[str, Field(min_length=1, max_length=256)]


class Part(BaseModel):
    """A piece of a message; only text is read."""

    type: str
    text: str | None = None


class ChatMessage(BaseModel):
    """A message; those of other roles than ``user`` and ``assistant`` are passed over."""

    role: Annotated[str, Field(max_length=32)]
    content: str | list[Part] | None = None

    @property
    def words(self) -> str:
        """The text, without pictures and sounds."""
        if isinstance(self.content, list):
            return "\n".join(part.text or "" for part in self.content if part.type == "text")
        return self.content or ""


class StreamOptions(BaseModel):
    """How a stream ends."""

    include_usage: bool = False


class Conversation(BaseModel):
    """A conversation by its id."""

    id: _Id


class OwnOptions(BaseModel):
    """What OpenAI's protocol has no word for."""

    n: Count | None = None
    strategy: StrategyText | None = None


class ChatIn(BaseModel):
    """A request for the next turn. What is said about sampling, tools and formats is passed over.

    Attributes:
        n: How many answers; only 1 can be had. The length of the list is ``groundrec.n``.
        user: Whose conversation it is.
        conversation: The session; also ``metadata.session_id`` or the header ``X-Groundrec-Session``.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"model": "groundrec", "messages": [{"role": "user", "content": "a funny film about space"}]}
            ]
        }
    )

    model: Annotated[str, Field(max_length=256)] = "groundrec"
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=1_000)]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: int | None = None
    user: _Id | None = None
    conversation: _Id | Conversation | None = None
    metadata: dict[str, Any] | None = None
    groundrec: OwnOptions = OwnOptions()

    @property
    def named_session(self) -> str | None:
        """The session that the body names."""
        if isinstance(self.conversation, Conversation):
            return self.conversation.id
        named = (self.metadata or {}).get("session_id")
        return self.conversation or (named if isinstance(named, str) and named else None)


class Structured(BaseModel):
    """What stands in the text, for programs."""

    session_id: str
    list: ListView | None


class CachedTokens(BaseModel):
    """Tokens of the prompt that were not read again."""

    cached_tokens: int = 0


class ChatUsage(BaseModel):
    """Tokens of the language model; 0 where a list comes from retrieval alone."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    prompt_tokens_details: CachedTokens = CachedTokens()


class Answer(BaseModel):
    """The message, or what a chunk adds to it."""

    role: Literal["assistant"] | None = None
    content: str | None = None
    groundrec: Structured | None = None


class Choice(BaseModel):
    """The one answer there is."""

    index: int = 0
    message: Answer
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = None


class Completion(BaseModel):
    """An answer in one piece."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: ChatUsage


class ModelOut(BaseModel):
    """A model that can be chosen: the usual strategy, or one of the presets."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "groundrec"


class ModelsOut(BaseModel):
    """The models that can be chosen."""

    object: Literal["list"] = "list"
    data: list[ModelOut]
