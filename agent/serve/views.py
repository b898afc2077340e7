"""What the service answers with: frozen models, which are the HTTP API's bodies too."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from agent.context import FeedbackKind, Operator

EventKind = Literal["exposure", "view", "click", "like", "dislike", "purchase"]
Status = Literal["ok", "degraded", "down"]
Id = Annotated[str, Field(min_length=1, max_length=256)]


class View(BaseModel):
    """Base of all views."""

    model_config = ConfigDict(frozen=True)


class Asked(BaseModel):
    """Base of what is asked of the service: unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ItemView(View):
    """An item of the catalog; ``label`` is its name, unique in the catalog."""

    id: str
    title: str
    label: str
    year: int | None = None
    description: str | None = None
    categories: list[str] = []
    url: str | None = None
    image: str | None = None
    attributes: dict[str, Any] = {}


class ItemName(View):
    """An item by id and label."""

    id: str
    label: str


class ReasonView(View):
    """Why an item is recommended; ``worded_by`` is ``lm`` or ``plain``."""

    text: str
    worded_by: str


class RecommendationView(View):
    """An item in its place; ``propensity`` is the probability with which it was put there."""

    rank: int
    item: ItemView
    score: float
    reasons: list[ReasonView]
    sources: list[str]
    propensity: float


class ListView(View):
    """A list, with what made it.

    ``notes`` and ``question`` are in the user's language, ``options`` answers that the question offers;
    ``degraded`` names what was down while it was made (``language_model``, ``vectors``, ``store_memory``).
    """

    id: str
    items: list[RecommendationView]
    notes: list[str]
    question: str | None
    options: list[str]
    degraded: list[str]
    strategy: str
    prompt: str | None
    model: str | None


class TurnView(View):
    """A step of a conversation."""

    seq: int
    kind: Literal["say", "feedback", "undo", "edit"]
    text: str
    reply: str
    list: ListView | None
    at: AwareDatetime


class SessionSummary(View):
    """A conversation in a list of them."""

    id: str
    title: str
    created: AwareDatetime
    updated: AwareDatetime
    turns: int


class SessionView(View):
    """A conversation: the steps that stand (what was undone is left out) and the list that is shown.

    ``feedback`` holds what the user said of items by id, oldest first; ``remember`` is false where the user
    has opted out of the conversation memory.
    """

    id: str
    locale: str
    n: int | None
    strategy: str | None
    created: AwareDatetime
    updated: AwareDatetime
    turns: list[TurnView]
    shown: ListView | None
    feedback: dict[str, list[FeedbackKind]]
    can_undo: bool
    remember: bool


class ConstraintView(View):
    """A condition on every item; ``text`` holds the user's words."""

    field: str
    op: Operator
    value: float | str | list[str]
    text: str


class AttitudeView(View):
    """What the user thinks of an item: -2 (hates) to 2 (loves)."""

    item: ItemName
    attitude: int


class FacetView(View):
    """What the user thinks of a value, such as a category: -2 to 2."""

    field: str
    value: str
    weight: float


class InterestView(View):
    """Something the user is interested in, and its share of all that interests them."""

    name: str
    share: float
    items: list[ItemName]


class Beliefs(View):
    """What is believed of the user in a conversation."""

    wish: str
    constraints: list[ConstraintView]
    attitudes: list[AttitudeView]
    facets: list[FacetView]
    seen: list[ItemName]
    rejected: list[ItemName]
    interests: list[InterestView]


class FacetEdit(Asked):
    """A new weight of a value; 0 forgets it."""

    field: Id
    value: Id
    weight: Annotated[float, Field(ge=-2, le=2)]


class BeliefsEdit(Asked):
    """A correction of beliefs: one step, which can be undone.

    ``drop_constraints`` are places in :attr:`Beliefs.constraints`, from 0; an attitude or weight of 0 is
    forgotten.
    """

    wish: Annotated[str, Field(max_length=500)] | None = None
    drop_constraints: list[int] = []
    attitudes: dict[str, Annotated[int, Field(ge=-2, le=2)]] = {}
    facets: list[FacetEdit] = []
    unsee: list[str] = []
    unreject: list[str] = []


class TastePoint(View):
    """An item on the map, with the interest it belongs to."""

    id: str
    label: str
    x: float
    y: float
    kind: Literal["liked", "disliked", "seen", "shown", "other"]
    interest: str | None


class TasteMap(View):
    """Items by likeness in two dimensions, from -1 to 1: the user's own, and the best known as a backdrop."""

    points: list[TastePoint]
    method: str


class EventIn(Asked):
    """What a user did with an item; its own ``id`` makes it count once."""

    id: Id | None = None
    kind: EventKind
    item_id: str
    list_id: Annotated[str, Field(max_length=32)] | None = None
    session_id: Id | None = None
    rank: Annotated[int, Field(ge=1, le=10_000)] | None = None
    value: Annotated[float, Field(allow_inf_nan=False)] | None = None
    at: AwareDatetime | None = None


class Recorded(View):
    """How many events were new, and how many were there already."""

    accepted: int
    duplicates: int


class Deleted(View):
    """How many rows were deleted, by table."""

    rows: dict[str, int]


class PartStatus(View):
    """How a part of the service does, in words where it does not do well."""

    name: str
    status: Status
    words: str = ""


class Readiness(View):
    """Whether the service can answer."""

    status: Status
    parts: list[PartStatus]
