"""One statement of a sentence, as the rules of the checker see it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agent.catalog import Item
from agent.context import UserContext
from agent.explain.tokens import Facts, Token
from agent.recommendation import Evidence


@dataclass(frozen=True)
class Statement:
    """Tokens that belong together, with what is known of the item and of the user."""

    tokens: Sequence[Token]
    facts: Facts
    context: UserContext

    def kind(self, *kinds: str) -> list[Token]:
        """The tokens of these kinds."""
        return [t for t in self.tokens if t.kind in kinds]

    def says(self, *classes: str) -> bool:
        """Whether a word of one of these classes is there."""
        return any(t.of(*classes) for t in self.tokens)

    def evidence(self, *kinds: str) -> list[Evidence]:
        """All the evidence of these kinds, named here or not."""
        return [e for e in self.facts.evidence if e.kind in kinds]

    @property
    def others(self) -> list[Item]:
        """The other items named."""
        catalog = self.facts.catalog
        ids = (e.item_id for t in self.kind("other") for e in t.evidence if e.item_id)
        return [catalog.item(i) for i in dict.fromkeys(ids) if i in catalog]

    def counts(self) -> Collection[int]:
        """Positions of the numbers in a right ``3 of the 4 you liked``, true of every category beside it."""
        categories = [t for t in self.kind("value") if any(e.field == "categories" for e in t.evidence)]
        numbers = [i for i, t in enumerate(self.tokens) if t.kind == "number"]
        for i, j in pairwise(numbers):
            apart = self.tokens[i + 1 : j]
            if len(apart) > 3 or not any(t.of("of") for t in apart):
                continue
            pair = (self.tokens[i].number, self.tokens[j].number)
            if self.facts.words.language == "zh":
                pair = pair[::-1]
            if categories and all(_counted(t, pair) for t in categories):
                return (i, j)
        return ()


def is_kind(token: Token, *kinds: str) -> bool:
    """Whether some evidence behind a token is of one of these kinds."""
    return any(e.kind in kinds for e in token.evidence)


def _counted(token: Token, pair: tuple[float | None, float | None]) -> bool:
    return any(e.out_of and (e.number, e.out_of) == pair and e.kind == "category" for e in token.evidence)
