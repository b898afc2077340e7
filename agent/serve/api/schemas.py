"""What the HTTP API is asked, and those answers that are not views of the service."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from agent.context import FeedbackKind
from agent.serve.views import Asked, EventIn, ItemView, View

ItemIds = Annotated[list[Annotated[str, Field(max_length=256)]], Field(max_length=1_000)]
SessionId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$")]
Count = Annotated[int, Field(ge=1, le=100, description="Length of the list.")]
Seed = Annotated[int, Field(ge=0, lt=1 << 63, description="Makes sampling repeatable.")]
StrategyText = Annotated[str, Field(max_length=1_000, description="Such as `fast` or `diverse,novelty=0.3`.")]


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class RecommendIn(Asked):
    """A request for one list; ``like``, ``dislike`` and ``seen`` are ids of items."""

    model_config = _example(text="a slow, thoughtful film about space", n=5, like=["157336"])

    text: str = ""
    n: Count | None = None
    strategy: StrategyText | None = None
    like: ItemIds = Field([])
    dislike: ItemIds = Field([])
    seen: ItemIds = Field([])
    seed: Seed | None = None


class SessionIn(Asked):
    """A new conversation, or the one that is there under ``id``."""

    model_config = _example(n=5)

    id: SessionId | None = None
    locale: Annotated[str, Field(max_length=16)] | None = None
    n: Count | None = None
    strategy: StrategyText | None = None
    seed: Seed | None = None


class SayIn(Asked):
    """What the user says."""

    model_config = _example(text="Something like Arrival, but funnier")

    text: str
    n: Count | None = None
    strategy: StrategyText | None = None


class FeedbackIn(Asked):
    """Feedback on an item: its rank in the list that is shown, or its id."""

    model_config = _example(item=1, kind="like")

    item: Annotated[int, Field(ge=1, le=100)] | Annotated[str, Field(max_length=256)]
    kind: FeedbackKind


class EventsIn(Asked):
    """What a user did, up to 1,000 events; they are all kept or, where one is wrong, none."""

    model_config = _example(events=[{"id": "e-1", "kind": "click", "item_id": "157336", "rank": 1}])

    events: Annotated[list[EventIn], Field(max_length=1_000)]


class MemoryIn(Asked):
    """Whether the user's conversations may be learned from."""

    model_config = _example(remember=False)

    remember: bool


class WhyOut(View):
    """All that speaks for an item."""

    text: str


class ItemsOut(View):
    """Items, best first."""

    items: list[ItemView]


class CatalogOut(View):
    """The catalog that is served."""

    name: str
    kind: str
    items: int


class ConfigOut(View):
    """What a page needs to know."""

    catalog: CatalogOut
    model: str | None
    locales: list[str]
    version: str
    needs_key: bool


class HealthOut(View):
    """Sign of life."""

    status: str = "ok"
