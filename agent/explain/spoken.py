"""Words of the user that past dialogues about an item hold too: evidence where there is no other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import log

from agent.catalog import Catalog
from agent.context import UserContext
from agent.dialogues import PastDialogue
from agent.explain.evidence import asked_words, words_of
from agent.retrieval.memory import ConversationMemory

_LEAST = 2
_TELLING = 2.71
"""Log-likelihood ratio that one word in twenty would reach by chance (chi-squared, one-sided)."""


class SpokenWords:
    """Which words the past dialogues hold, and which items they name.

    Titles of the items that a dialogue names are no words of it: "Black Panther" says nothing of black.

    Args:
        memory: Past dialogues; those that join it are counted at once.
    """

    def __init__(self, memory: ConversationMemory) -> None:
        self._memory, self._catalog = memory, memory.catalog
        self._read: dict[str, PastDialogue] = {}
        self._saying: defaultdict[str, set[str]] = defaultdict(set)
        self._naming: defaultdict[str, set[str]] = defaultdict(set)

    def telling(self, item_id: str, context: UserContext, request: str = "") -> list[tuple[str, int]]:
        """The user's words that go with an item, with the dialogues that hold the word and name the item.

        Only words that at least two such dialogues hold, and that dialogues about the item hold more often
        than others by more than chance would have it, so that "today" speaks for nothing.

        Args:
            item_id: In the catalog.
            context: What the user said; its own dialogue is not counted.
            request: What they say now.

        Returns:
            The most telling first: by the log-likelihood ratio of word and item (Dunning, Computational
            Linguistics 1993).
        """
        self._update()
        own = context.dialogue_id
        total = len(self._read) - (own in self._read)
        naming = self._naming.get(item_id, set()) - {own}
        found = []
        for word in user_words(context, request, self._catalog):
            saying = self._saying.get(word, set())
            both, one = len(saying & naming), len(saying) - (own in saying)
            if both < _LEAST or both * total <= one * len(naming):
                continue
            ratio = likelihood_ratio(both, one, len(naming), total)
            if ratio >= _TELLING:
                found.append((ratio, word, both))
        return [(word, both) for _, word, both in sorted(found, reverse=True)]

    def _update(self) -> None:
        for dialogue in self._memory.dialogues:
            if self._read.get(dialogue.id) is dialogue:
                continue
            for groups in (self._saying, self._naming) if dialogue.id in self._read else ():
                for group in groups.values():
                    group.discard(dialogue.id)
            self._read[dialogue.id] = dialogue
            named = [item.item_id for item in dialogue.items]
            said = without_titles("\n".join(t.content for t in dialogue.turns), named, self._catalog)
            for word in set(words_of(said)):
                self._saying[word].add(dialogue.id)
            for item_id in named:
                self._naming[item_id].add(dialogue.id)


def likelihood_ratio(both: int, one: int, other: int, total: int) -> float:
    """2 sum n log(n / expected) over the four cells of how often two things are in ``total`` dialogues."""
    cells = (
        (both, one * other),
        (one - both, one * (total - other)),
        (other - both, (total - one) * other),
        (total - one - other + both, (total - one) * (total - other)),
    )
    return 2 * sum(n * log(n * total / expected) for n, expected in cells if n)


def user_words(context: UserContext, request: str, catalog: Catalog) -> tuple[str, ...]:
    """The words of the user's turns that ask for something, the latest turn's first, without titles."""
    turns = [turn.content for turn in context.dialogue if turn.role == "user"]
    named = [*context.state.mentioned, *context.state.attitudes]
    said = [without_titles(turn, named, catalog) for turn in reversed([*turns, request])]
    return tuple(dict.fromkeys(word for turn in said for word in asked_words(turn)))


def without_titles(said: str, item_ids: Iterable[str], catalog: Catalog) -> str:
    """A text without the titles of some items, with or without their years."""
    items = [catalog.item(i) for i in dict.fromkeys(item_ids) if i in catalog]
    names: Sequence[str] = sorted({i.title for i in items} | {catalog.label(i) for i in items}, key=len)
    if not names:
        return said
    titles = "|".join(re.escape(name) for name in reversed(names))
    return re.sub(rf"(?<!\w)(?:{titles})(?!\w)", " ", said, flags=re.IGNORECASE)
