"""What one utterance says, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from agent.context import Constraint

Intent = Literal[
    "recommend",  # wants recommendations, with or without a wish
    "critique",  # wants the last list changed ("something newer", "more like the second")
    "inform",  # tells likes, dislikes or what was seen, without asking
    "ask_why",  # "why the third?"
    "ask_item",  # asks about an item ("who made Alien?", "tell me about the second")
    "accept",  # takes a recommendation or the list ("great, I'll watch the first", "perfect, thanks")
    "reject",  # turns the list or items down ("none of these", "not the second")
    "relax",  # drops a constraint ("any year is fine", "horror is ok after all")
    "greet",
    "thank",
    "goodbye",
    "off_topic",
]

CritiqueKind = Literal[
    "more_like", "less_like", "newer", "older", "shorter", "longer", "more", "less", "surprise"
]


@dataclass(frozen=True, slots=True)
class Mention:
    """An item named in an utterance, or pointed at in the last list ("the second one").

    ``item_ids`` holds every item the words may mean, best first (remakes share a title);
    ``attitude`` is -2 (hates) .. 2 (loves), 0 where none is said; ``seen`` is True where the user
    says to know the item already; ``start`` and ``end`` are character offsets.
    """

    item_ids: tuple[str, ...]
    text: str
    start: int
    end: int
    attitude: int = 0
    seen: bool = False
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Critique:
    """A wish to change the last list.

    ``item_id`` is the item of ``more_like`` and ``less_like`` and, where one is named, the reference
    of ``newer``/``older``; ``value`` is the word or category of ``more`` and ``less`` ("dark").
    """

    kind: CritiqueKind
    item_id: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Understanding:
    """What an utterance says.

    ``wish`` is what is left as a free-text description of what is wanted ("a slow-burning thriller
    about chess"), without names, constraints and pleasantries; ``facets`` are category attitudes
    ("I love westerns" -> ("categories", "Western"): 1) that are not hard constraints; ``relaxed``
    names fields whose constraints are dropped ("*" for all); ``n`` is the number asked for; ``answers`` is
    the field of the clarifying question that it answers; ``lacking`` names what is asked for and the catalog
    cannot tell (``citations``); ``failed`` says why the language model did not read it, where it should have.
    """

    text: str
    intents: tuple[Intent, ...] = ()
    mentions: tuple[Mention, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    critiques: tuple[Critique, ...] = ()
    facets: dict[tuple[str, str], int] = field(default_factory=dict)
    relaxed: tuple[str, ...] = ()
    wish: str = ""
    n: int | None = None
    unknown_titles: tuple[str, ...] = ()
    answers: str | None = None
    lacking: tuple[str, ...] = ()
    failed: str = ""
