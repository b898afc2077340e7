"""A user made of ratings that nobody has seen yet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from agent.catalog import Catalog, Item
from agent.clarification import Clarification
from agent.context import fold
from eval.datasets import Question

_DISLIKED = 5.0
_LIKED = 8.0
_YEARS_APART = 5
_OPEN = "What do you recommend?"
_AGAIN = "something else please"
_NONE, _ANY = "none of these", "I don't care"
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Reaction:
    """What the user does with a list: takes an item, or says what they think of some and asks for a change.

    ``accepted`` is the item taken, None where there is none; ``feedback`` holds (item id, kind) pairs.
    """

    accepted: str | None
    feedback: tuple[tuple[str, Literal["like", "dislike"]], ...] = ()
    utterance: str = ""


@dataclass(frozen=True, slots=True)
class Manner:
    """How forthcoming a simulated user is.

    Attributes:
        opens: Names a category in the first request.
        likes: Tells what they think of items shown.
        critiques: Says which way a list should change, and does not only ask for something else.
        answers: Answers clarifying questions.
    """

    opens: bool = True
    likes: bool = True
    critiques: bool = True
    answers: bool = True


FORTHCOMING = Manner()
"""Tells all that a list or a question brings up."""

SILENT = Manner(likes=False, critiques=False, answers=False)
"""Tells nothing after the first request: what feedback is measured against."""


class SimulatedUser:
    """Wants one of the question's targets without being able to name it.

    The user knows the targets as people know what they are in the mood for: of a list they can say
    whether an item is what they want, what they think of items that they did rate later, and which way
    the list should change. Critiques compare the list with the targets in category and year, the way
    attribute critiques are simulated in critiquing-based recommenders (McCarthy et al., On the
    evaluation of dynamic critiquing, ECAI 2004; Luo et al., Latent linear critiquing, WWW 2020). No title is
    ever said: utterances are made of categories and of words that are the same for every target, and one
    that would hold a target's title stays unsaid.

    Args:
        question: With ``targets``, and ``later`` events that tell what the user thinks of other items.
        catalog: The catalog, for categories and years.
        manner: How forthcoming the user is.
    """

    def __init__(self, question: Question, catalog: Catalog, manner: Manner = FORTHCOMING) -> None:
        self._manner = manner
        self._targets = [catalog.item(target) for target in question.targets if target in catalog]
        self._catalog = catalog
        self._ratings = {e.item_id: e.value for e in question.later if e.value is not None}
        self._titles = [_words(item.title) for item in self._targets]
        self._said: set[str] = set()
        self._rated: set[str] = set()

    def opening(self) -> str:
        """The first request: for the category that most of the targets have."""
        if not self._manner.opens:
            return _OPEN
        counts = Counter(category for item in self._targets for category in item.categories)
        requests = (
            f"I am in the mood for {category}. What do you recommend?" for category, _ in counts.most_common()
        )
        return next(filter(self._may_say, requests), _OPEN)

    def react(self, shown: Sequence[str], asked: Clarification | None = None) -> Reaction:
        """What the user does with a list of item ids, best first, and a question that came with it."""
        wanted = {item.id for item in self._targets}
        accepted = next((item_id for item_id in shown if item_id in wanted), None)
        if accepted is not None:
            return Reaction(accepted)
        return Reaction(None, tuple(self._feedback(shown)), self._utterance(shown, asked))

    def take(self, shown: Sequence[str], asked: Clarification | None = None) -> Reaction | None:
        """Take the targets in a list and go on for the others; None where none is left."""
        taken = {item.id for item in self._targets if item.id in shown}
        self._targets = [item for item in self._targets if item.id not in taken]
        if not self._targets:
            return None
        others = [item_id for item_id in shown if item_id not in taken]
        return Reaction(None, tuple(self._feedback(shown)), self._utterance(others, asked))

    def answer(self, asked: Clarification) -> str:
        """The option that most of the targets meet, the first of several; what meets none is turned down.

        An answer that would name a target stays unsaid: then the user does not care.
        """
        meets = [sum(map(option.allows, self._targets)) for option in asked.options]
        best = max(range(len(meets)), key=lambda place: meets[place])
        answer = asked.options[best].words if meets[best] else _NONE
        return answer if self._may_say(answer) else _ANY

    def _utterance(self, shown: Sequence[str], asked: Clarification | None) -> str:
        if asked is not None and self._manner.answers:
            return self.answer(asked)
        said = self._critiques(shown) if self._manner.critiques and shown else ()
        critique = next((c for c in said if self._may_say(c)), _AGAIN)
        self._said.add(critique)
        return critique

    def _feedback(self, shown: Sequence[str]) -> Iterator[tuple[str, Literal["like", "dislike"]]]:
        """What the later ratings say of the items shown, each said once."""
        if not self._manner.likes:
            return
        for item_id in shown:
            rating = self._ratings.get(item_id)
            if rating is None or item_id in self._rated:
                continue
            if rating >= _LIKED or rating <= _DISLIKED:
                self._rated.add(item_id)
                yield item_id, "like" if rating >= _LIKED else "dislike"

    def _critiques(self, shown: Sequence[str]) -> Iterator[str]:
        """How the list should change, what separates it most from the targets first."""
        items = [self._catalog.item(item_id) for item_id in shown]
        wanted, there = _shares(self._targets), _shares(items)
        gaps = {name: wanted.get(name, 0) - there.get(name, 0) for name in sorted({*wanted, *there})}
        for name, gap in sorted(gaps.items(), key=lambda pair: -abs(pair[1])):
            if gap > 0:
                yield f"more {name} please"
            elif name not in wanted:
                yield f"less {name} please"
        year, shown_year = _median_year(self._targets), _median_year(items)
        if year is not None and shown_year is not None and abs(year - shown_year) >= _YEARS_APART:
            yield "something newer" if year > shown_year else "something older"

    def _may_say(self, utterance: str) -> bool:
        words = _words(utterance)
        return utterance not in self._said and not any(title in words for title in self._titles)


def _words(text: str) -> str:
    """Folded words with a space around each, so that one text holds another only in whole words."""
    return f" {' '.join(_WORD.findall(fold(text)))} "


def _shares(items: Sequence[Item]) -> dict[str, float]:
    """Which share of the items has each category."""
    counts = Counter(category for item in items for category in item.categories)
    return {category: count / len(items) for category, count in counts.items()}


def _median_year(items: Sequence[Item]) -> float | None:
    years = [item.year for item in items if item.year is not None]
    return median(years) if years else None
