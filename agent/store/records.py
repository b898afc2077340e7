"""What goes into a store and comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agent.store.database import now


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request id was answered with; ``digest`` tells the request from another with the same id."""

    request_id: str
    digest: str
    answer: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Exposure:
    """An item in its place of a list."""

    rank: int
    item_id: str
    score: float
    propensity: float = 1.0
    sources: tuple[str, ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()
    """Each a text and who worded it."""


@dataclass(frozen=True, slots=True)
class StoredList:
    """A list that was shown, with the versions of all that made it."""

    id: str
    items: tuple[Exposure, ...]
    strategy: str
    catalog: str
    fingerprint: str
    prompt: str | None = None
    prompt_hash: str | None = None
    model: str | None = None
    notes: tuple[str, ...] = ()
    question: str | None = None
    options: tuple[str, ...] = ()
    degraded: tuple[str, ...] = ()
    created: datetime = field(default_factory=now)


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """What a user did with an item."""

    id: str
    kind: str
    item_id: str
    list_id: str | None = None
    session_id: str | None = None
    rank: int | None = None
    value: float | None = None
    at: datetime = field(default_factory=now)


@dataclass(frozen=True, slots=True)
class Step:
    """The next step of a session.

    Attributes:
        kind: ``say``, ``feedback``, ``edit`` or ``undo``.
        text: What the user said or did.
        reply: What came back.
        change: What it changed of the session's state; None for an undo.
        shown: The list that came back.
        item_id: What feedback is on.
        feedback: Its kind.
        undoes: The step that is taken back.
        event: What is counted of it.
        trace: How the reply was made.
        title: What the session is called from now on, where it has no title yet.
    """

    kind: str
    text: str = ""
    reply: str = ""
    change: dict[str, Any] | None = None
    shown: StoredList | None = None
    item_id: str | None = None
    feedback: str | None = None
    undoes: int | None = None
    event: StoredEvent | None = None
    trace: list[Any] | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session without its steps; ``version`` is the number of the latest."""

    pk: int
    id: str
    version: int
    title: str
    n: int | None
    strategy: str | None
    seed: int | None
    opening: dict[str, Any]
    created: datetime
    updated: datetime
    remember: bool


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A step as it was kept."""

    seq: int
    kind: str
    text: str
    reply: str
    item_id: str | None
    feedback: str | None
    list_id: str | None
    undoes: int | None
    undone_by: int | None
    created: datetime


@dataclass(frozen=True, slots=True)
class Remembered:
    """A change of the conversation memory: a dialogue that joins, or (None) one that is to be forgotten."""

    pk: int
    dialogue_id: str
    dialogue: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of the HTTP API; of the key itself only the hash is kept.

    Attributes:
        hash: Of the key.
        name: What people call it, unique.
        scopes: What it may do.
        user: Who uses it, as the store knows them (a Pseudonym); None where it is nobody's own.
        rate: Requests a minute, None for no limit of its own.
        created: When it was made.
        revoked: When it was revoked; None while it is good.
    """

    hash: str
    name: str
    scopes: tuple[str, ...]
    user: str | None
    rate: int | None
    created: datetime
    revoked: datetime | None = None
