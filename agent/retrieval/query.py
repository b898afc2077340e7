"""What candidate sources are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.context import UserContext
from agent.feedback import values

_NEWEST = 50
_USES = frozenset({"view", "click", "purchase"})


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
    """The newest uses and attitudes as items; the wish, facets and categories asked for as text."""
    facets = context.state.facets
    # Ids choose items, but are no words to search for.
    named = [c for c in context.constraints if c.op in ("in", "==") and c.field != "id"]
    wanted = [value for c in named for value in values(c)]
    more = [value for (_, value), weight in facets.items() if weight > 0]
    less = [value for (_, value), weight in facets.items() if weight < 0]
    text = " ".join(dict.fromkeys(part for part in (context.wish, *more, *wanted) if part))
    attitudes = context.attitudes
    used = {event.item_id: 1 for event in context.history if event.event in _USES}
    newest = list({**{i: a for i, a in used.items() if i not in attitudes}, **attitudes}.items())[-_NEWEST:]
    return Query(text=text, items=dict(newest), less=" ".join(less))
