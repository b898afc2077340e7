"""What candidate sources are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.context import UserContext
from agent.feedback import values

_INTERACTION_ATTITUDE = {"like": 1, "purchase": 1, "dislike": -1, "click": 1, "view": 1}
_LIKED_RATING, _DISLIKED_RATING = 8.0, 5.0
_HISTORY = 50


@dataclass(frozen=True, slots=True)
class Query:
    """A wish in words, and items with attitudes (-2..2), oldest first.

    ``less`` holds words the user wants less of. ``broad`` says that nothing at all is asked for.
    """

    text: str = ""
    items: Mapping[str, int] = field(default_factory=dict)
    less: str = ""

    @property
    def broad(self) -> bool:
        """Whether there is nothing to search for."""
        return not (self.text or self.less or self.items)


def build_query(context: UserContext) -> Query:
    """The query of a context: history and attitudes as items; wish, facets and categories asked for as text.

    Rated interactions count as liked from 8 and as disliked up to 5 (on 0..10, the scale of the
    embedded catalogs); the newest 50 interactions are used.
    """
    items: dict[str, int] = {}
    for event in context.history[-_HISTORY:]:
        if event.event == "rate" and event.value is not None:
            attitude = 1 if event.value >= _LIKED_RATING else -1 if event.value <= _DISLIKED_RATING else 0
        else:
            attitude = _INTERACTION_ATTITUDE.get(event.event, 0)
        if attitude:
            items.pop(event.item_id, None)
            items[event.item_id] = attitude
    for item_id, attitude in context.state.attitudes.items():
        items.pop(item_id, None)
        items[item_id] = attitude
    facets = context.state.facets
    wanted = [value for c in context.constraints if c.op in ("in", "==") for value in values(c)]
    more = [value for (_, value), weight in facets.items() if weight > 0]
    less = [value for (_, value), weight in facets.items() if weight < 0]
    text = " ".join(dict.fromkeys(part for part in (context.wish, *more, *wanted) if part))
    return Query(text=text, items={i: a for i, a in items.items() if a}, less=" ".join(less))
