"""What a turn returns: candidates, reasons, recommendations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.catalog import Item
from agent.clarification import Clarification
from agent.context import Constraint, UserContext
from agent.trace import Trace
from agent.understanding.turn import Understanding


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item proposed by one source, with that source's own score (higher is better)."""

    item_id: str
    score: float
    source: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact a reason may use.

    ``kind`` says what the fact is, and what the other fields hold:

    - ``constraint``: ``value`` is the item's own value that meets what was asked of ``field``;
      ``detail`` the user's words.
    - ``contrast``: ``value`` is what was ruled out of ``field`` and the item is not; ``detail`` the
      user's words; ``number`` the negative weight where the user said to dislike it instead.
    - ``facet``: ``value`` of ``field`` is one the user says to like, with the weight ``number``.
    - ``words``: ``value`` is a word of the user's own that the item's ``field`` holds.
    - ``said``: ``value`` is a word of the user's own, and ``number`` past conversations hold it and name the
      item.
    - ``similar``: ``value`` is the label of the liked item ``item_id``. With the field ``categories``,
      ``detail`` names the shared ones (joined by ``|``) and ``number`` is the cosine; with the field
      ``interactions``, ``number`` people liked both, with the field ``dialogues``, ``number`` past
      conversations name both; with the field of an attribute, ``detail`` names
      the values that both have.
    - ``akin_liked``, ``akin_named``: ``value`` is the label of the item ``item_id``, which the user liked or
      named; ``detail`` names the categories that both have (joined by ``|``).
    - ``category``: ``value`` is a category of the item, which ``number`` of the ``out_of`` liked items
      have too (None where that was not counted).
    - ``popularity``: ``number`` people rated (field ``ratings``), or the catalog's own figure (field
      ``popularity``); ``detail`` is ``popular`` in the top tenth of the catalog. With the field
      ``mean_rating``, the mean of those ratings.
    - ``year``, ``attribute``: ``value`` of ``field``; ``out_of`` is how many values there are in all.
    """

    kind: str
    value: str
    item_id: str | None = None
    number: float | None = None
    field: str | None = None
    out_of: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence and the evidence behind it; ``worded_by`` is ``lm`` or ``plain``."""

    text: str
    evidence: tuple[Evidence, ...] = ()
    worded_by: str = "plain"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One item of a list.

    ``sources`` names who proposed it, ``score`` orders it before diversification. ``propensity`` is the
    probability with which it was shown in its place, given the places above: 1 unless the strategy explores.
    """

    rank: int
    item: Item
    label: str
    score: float
    reasons: tuple[Reason, ...] = ()
    sources: tuple[str, ...] = ()
    propensity: float = 1.0


@dataclass(frozen=True, slots=True)
class Recommendations:
    """A ranked list with the trace of its making.

    ``notes`` tells in the user's language what they should know (a constraint that leaves nothing, a
    title that is not in the catalog); ``question`` is a clarifying question or None; ``offer`` holds
    the constraints that the question offers to drop, ``asked`` the answers it offers; ``context`` is the
    user's context after the turn.
    """

    items: tuple[Recommendation, ...]
    understanding: Understanding
    context: UserContext
    trace: Trace = field(default_factory=Trace)
    question: str | None = None
    notes: tuple[str, ...] = ()
    offer: tuple[Constraint, ...] = ()
    asked: Clarification | None = None

    def __iter__(self) -> Iterator[Recommendation]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Recommendation:
        return self.items[index]

    @property
    def degraded(self) -> tuple[str, ...]:
        """What did not answer and was done without: ``language_model``, ``vectors``."""
        return tuple(self.trace.degraded)

    @property
    def ids(self) -> tuple[str, ...]:
        """Item ids in rank order."""
        return tuple(r.item.id for r in self.items)

    def to_json(self) -> Mapping[str, Any]:
        """A JSON-ready mapping: ``recommendations``, ``question``, ``notes``, ``degraded``, ``trace``."""
        return {
            "recommendations": [
                {
                    "rank": r.rank,
                    "id": r.item.id,
                    "title": r.label,
                    "score": round(r.score, 6),
                    "reasons": [reason.text for reason in r.reasons],
                    "sources": list(r.sources),
                    "propensity": r.propensity,
                }
                for r in self.items
            ],
            "question": self.question,
            "notes": list(self.notes),
            "degraded": list(self.degraded),
            "trace": self.trace.to_json(),
        }
