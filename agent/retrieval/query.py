"""What candidate sources are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.context import UserContext
from agent.feedback import values
from agent.retrieval.negation import split_wish
from agent.understanding.people import holds_people
from agent.understanding.wish import describes
from prompts import Message

_NEWEST = 50
_KINDS = ("id", "categories", "year")
"""Fields that leave so much that more is to be said."""
_USES = frozenset({"view", "click", "purchase"})


LATEST = 500
"""Characters of what was said that are compared, the latest: more of them find no better neighbours."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is wanted, and what it is said amid.

    Attributes:
        text: The wish in words, without what it turns down.
        items: Items with attitudes (-2..2, never 0), oldest first.
        less: What the user turns down or wants less of, in words.
        said: The dialogue up to the request, a line a turn, oldest first.
        own: The same, the user's own turns only.
        mentioned: Ids of the items said in the dialogue by anybody, oldest first.
        dialogue_id: The dialogue it is part of, which is not to be remembered for it.
        told: What was let known of items in this conversation, faded (-2..2), oldest first.
        used: Ids of all items that the user used or rated, whatever they thought of them, oldest first.
        examples: Texts of liked things that the catalog does not have.
        undated: Ids of the items of which it is not known when they were liked or used.
        bounded: Whether it was said which items are meant, by their people, dates or other columns.
    """

    text: str = ""
    items: Mapping[str, int] = field(default_factory=dict)
    less: str = ""
    said: str = ""
    own: str = ""
    mentioned: tuple[str, ...] = ()
    dialogue_id: str | None = None
    told: Mapping[str, float] = field(default_factory=dict)
    used: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    undated: frozenset[str] = frozenset()
    bounded: bool = False

    @property
    def anchors(self) -> tuple[str, ...]:
        """Ids of the items liked, used or mentioned, and not disliked, oldest first."""
        liked = (i for i, attitude in self.items.items() if attitude > 0)
        return tuple(dict.fromkeys(i for i in (*liked, *self.mentioned) if self.items.get(i, 0) >= 0))

    @property
    def texts(self) -> tuple[str, ...]:
        """All texts that sources compare by meaning."""
        said = (self.text, self.less, latest(self.said), latest(self.own))
        return tuple(dict.fromkeys(text for text in said if text))

    @property
    def broad(self) -> bool:
        """Whether there is nothing to search for."""
        known = self.text or self.less or self.items or self.used
        return not (known or self.examples or self.bounded)

    @property
    def from_history(self) -> bool:
        """Whether nothing is known but what the user used and liked, and nothing is asked for."""
        return bool(self.items or self.used) and not (self.text or self.less or self.said)


def latest(text: str) -> str:
    """The end of a text that is compared with others."""
    return text[-LATEST:]


def build_query(context: UserContext, request: str = "") -> Query:
    """The newest uses and attitudes as items; the wish, facets and categories asked for as text.

    Args:
        context: What is known of the user.
        request: The utterance itself. It may turn down what its wish no longer holds, and is searched for
            where it is all that is known and was understood as no wish ("development of games in Perl").
    """
    facets = context.state.tastes
    # Ids and people choose items, but are no words of their texts.
    named = [c for c in context.constraints if c.op in ("in", "==") and c.field != "id"]
    spoken = [c for c in named if not holds_people(c.field)]
    wanted = [value for c in spoken for value in values(c)]
    more = [value for (_, value), weight in facets.items() if weight > 0]
    less = [value for (_, value), weight in facets.items() if weight < 0]
    wish = split_wish(context.wish)
    refused = (*wish.unwanted, *split_wish(request).unwanted)
    text = " ".join(dict.fromkeys(part for part in (wish.wanted, *more, *wanted) if part))
    attitudes = context.attitudes
    used = {event.item_id: 1 for event in context.history if event.event in _USES}
    newest = list({**{i: a for i, a in used.items() if i not in attitudes}, **attitudes}.items())[-_NEWEST:]
    turns = [turn for turn in context.dialogue if turn.role != "system"]
    if request and not (turns and turns[-1] == Message("user", request)):
        turns.append(Message("user", request))
    bounded = any(c.field not in _KINDS for c in context.constraints)
    if not (text or less or newest or bounded) and len(turns) == 1 and describes(request):
        text = split_wish(request).wanted
    return Query(
        text=text,
        items=dict(newest),
        told=context.state.strengths,
        less=", ".join(dict.fromkeys((*less, *refused))),
        said="\n".join(turn.content for turn in turns),
        own="\n".join(turn.content for turn in turns if turn.role == "user"),
        mentioned=context.state.mentioned[-_NEWEST:],
        dialogue_id=context.dialogue_id,
        used=_used(context),
        examples=context.examples,
        undated=_undated(context),
        bounded=bounded,
    )


def _used(context: UserContext) -> tuple[str, ...]:
    newest_first = dict.fromkeys(event.item_id for event in reversed(context.history))
    return tuple(newest_first)[:_NEWEST][::-1]


def _undated(context: UserContext) -> frozenset[str]:
    """Items of the history that no event with a time is of, and that nothing was said of since."""
    dated = {event.item_id for event in context.history if event.timestamp is not None}
    said = dated.union(context.state.attitudes, context.state.mentioned)
    return frozenset(event.item_id for event in context.history) - said
