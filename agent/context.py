"""What is known of a user at one moment: history, profile, dialogue, preferences, constraints."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from agent.catalog import Catalog, Interaction, Item
from agent.catalog.dates import at_precision, is_date
from agent.catalog.text import fold
from agent.errors import ConstraintError
from prompts import Message

Attitude = Literal[-2, -1, 0, 1, 2]
Operator = Literal["<", "<=", ">", ">=", "==", "in", "not in"]

_COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}


@dataclass(frozen=True, slots=True)
class Constraint:
    """A condition that every recommended item must meet.

    Comparisons need a number, or a date as ISO text on both sides. ``in`` means that the item's value (or one
    of its values) is among ``value``; ``not in`` that none is. An item without the value fails every operator
    but ``not in``.

    Args:
        field: A field of Item or the name of one of the catalog's attributes.
        op: The comparison.
        value: A number or a date for comparisons, a tuple of texts for ``in`` and ``not in``.
        text: The user's own words, for explanations and for offers to relax it.
    """

    field: str
    op: Operator
    value: float | str | tuple[str, ...]
    text: str = ""

    def allows(self, item: Item) -> bool:
        """Whether the item meets the condition.

        Raises:
            ConstraintError: the item's value cannot be compared with a number.
        """
        actual = item.get(self.field)
        missing = actual is None or actual in ("", ())
        if self.op in ("in", "not in"):
            wanted = {fold(v) for v in (self.value if isinstance(self.value, tuple) else (self.value,))}
            values = () if missing else actual if isinstance(actual, (tuple, list)) else (actual,)
            return bool(wanted & {fold(v) for v in values}) == (self.op == "in")
        if missing:
            return False
        if self.op == "==" and isinstance(self.value, str):
            return fold(actual) == fold(self.value)
        if is_date(self.value) and is_date(actual):
            return bool(_COMPARE[self.op](*at_precision(actual, str(self.value))))
        try:
            return bool(_COMPARE[self.op](float(actual), float(self.value)))  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise ConstraintError(
                f"{self.field!r} of {item.id!r} is {actual!r}, which is not a number",
                hint=f"use 'in' or 'not in' for {self.field!r}",
            ) from None

    def __str__(self) -> str:
        value = (
            ", ".join(self.value)
            if isinstance(self.value, tuple)
            else f"{self.value:g}"
            if (isinstance(self.value, float))
            else str(self.value)
        )
        return f"{self.field} {self.op} {value}"


FeedbackKind = Literal["like", "dislike", "seen", "reject", "accept", "more_like", "less_like"]
Facet = tuple[str, str]
"""A field and a value, such as ("categories", "Horror")."""

WORDS = "words"
"""The field of facets that stand for a quality in words ("dark") and no column of the catalog."""

FADING = 0.9
"""What is left of an attitude or facet a turn later."""

_FORGOTTEN = 0.1


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a user did with one recommended or mentioned item."""

    item_id: str
    kind: FeedbackKind


@dataclass(frozen=True, slots=True)
class PreferenceState:
    """What a user has let us know so far; immutable, so that undo is exact.

    ``attitudes`` maps item ids to -2 (hates) .. 2 (loves), newest last; ``facets`` maps
    (field, value) pairs, such as ("categories", "Horror"), to a weight in -2..2. ``seen`` and
    ``rejected`` items are never recommended. ``mentioned`` holds the ids of all items that were named in the
    conversation, oldest first, whatever was said of them; ``passed`` of those that were shown and not taken
    up while the present wish stands.

    ``turn`` counts the utterances so far, and ``told`` says at which of them an attitude or facet was last
    told; what it does not hold is as good as new.
    """

    attitudes: Mapping[str, int] = field(default_factory=dict)
    seen: frozenset[str] = frozenset()
    rejected: frozenset[str] = frozenset()
    facets: Mapping[Facet, float] = field(default_factory=dict)
    mentioned: tuple[str, ...] = ()
    passed: frozenset[str] = frozenset()
    turn: int = 0
    told: Mapping[str | Facet, int] = field(default_factory=dict)

    @property
    def liked(self) -> tuple[str, ...]:
        """Ids with a positive attitude, oldest first."""
        return tuple(i for i, attitude in self.attitudes.items() if attitude > 0)

    @property
    def known(self) -> frozenset[str]:
        """Ids that are not to be recommended: seen, rejected, or already liked or disliked."""
        return self.seen | self.rejected | {i for i, attitude in self.attitudes.items() if attitude}

    @property
    def disliked(self) -> tuple[str, ...]:
        """Ids with a negative attitude, oldest first."""
        return tuple(i for i, attitude in self.attitudes.items() if attitude < 0)

    def recency(self, key: str | Facet) -> float:
        """What an attitude (by item id) or facet still counts:  0.9^(turns since it was last told)."""
        return float(FADING ** (self.turn - self.told.get(key, self.turn)))

    @property
    def strengths(self) -> dict[str, float]:
        """Attitudes that fade, by item id, newest last:  attitude 0.9^age,  0 left out."""
        return {i: a * self.recency(i) for i, a in self.attitudes.items() if a}

    @property
    def tastes(self) -> dict[Facet, float]:
        """Facets that fade:  weight 0.9^age;  those below 0.1 are forgotten."""
        faded = {facet: weight * self.recency(facet) for facet, weight in self.facets.items()}
        return {facet: weight for facet, weight in faded.items() if abs(weight) >= _FORGOTTEN}


_EVENT_ATTITUDES = {"like": 1, "dislike": -1}
_LIKED_RATING, _DISLIKED_RATING = 8.0, 5.0


def _attitude(event: Interaction) -> tuple[str, int]:
    if event.event == "rate" and event.value is not None:
        return event.item_id, int(event.value >= _LIKED_RATING) - int(event.value <= _DISLIKED_RATING)
    return event.item_id, _EVENT_ATTITUDES.get(event.event, 0)


@dataclass(frozen=True, slots=True)
class UserContext:
    """Everything a turn may use of a user.

    ``history`` and ``dialogue`` are oldest first; ``wish`` is what is currently wanted, in the user's words.
    ``dialogue_id`` names the conversation where it is one that may be in the conversation memory; ``asked``
    the fields that clarifying questions were about; ``examples`` are texts of things that the user likes and
    the catalog does not have.
    """

    user_id: str | None = None
    history: tuple[Interaction, ...] = ()
    profile: Mapping[str, str] = field(default_factory=dict)
    dialogue: tuple[Message, ...] = ()
    state: PreferenceState = PreferenceState()
    constraints: tuple[Constraint, ...] = ()
    wish: str = ""
    locale: str = "en"
    dialogue_id: str | None = None
    asked: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()

    @property
    def attitudes(self) -> dict[str, int]:
        """Attitudes (-2..2, never 0) by item id, oldest first: the history's, then what was said.

        A like counts 1, a dislike -1, a rating (on 0..10, as in the embedded catalog) 1 from 8 and -1 up
        to 5. To view, click or buy is no attitude: nobody can be told that they liked it.
        """
        found: dict[str, int] = {}
        for item_id, attitude in (*map(_attitude, self.history), *self.state.attitudes.items()):
            found.pop(item_id, None)
            found[item_id] = attitude
        return {item_id: attitude for item_id, attitude in found.items() if attitude}

    @property
    def named(self) -> tuple[str, ...]:
        """Ids of the items that were named in the conversation and not disliked, oldest first."""
        said = dict.fromkeys((*self.state.mentioned, *self.state.attitudes))
        return tuple(i for i in said if self.state.attitudes.get(i, 0) >= 0)

    @property
    def known(self) -> frozenset[str]:
        """Ids that are not to be recommended: used, seen, rejected, or with an attitude already."""
        return self.state.known | {event.item_id for event in self.history}

    @classmethod
    def of(
        cls,
        catalog: Catalog,
        *,
        like: Sequence[str] = (),
        dislike: Sequence[str] = (),
        seen: Sequence[str] = (),
        **fields: Any,
    ) -> UserContext:
        """A context from item ids.

        Raises:
            UnknownItemError: an id is not in the catalog.
        """
        for item_id in (*like, *dislike, *seen):
            catalog.row(item_id)
        attitudes = {**dict.fromkeys(like, 1), **dict.fromkeys(dislike, -1)}
        state = PreferenceState(attitudes=attitudes, seen=frozenset(seen))
        return cls(state=state, **fields)

    def with_(self, **changes: Any) -> UserContext:
        """A copy with some fields replaced."""
        return replace(self, **changes)
