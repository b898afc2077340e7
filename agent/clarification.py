"""What a clarifying question is."""

from __future__ import annotations

from dataclasses import dataclass

from agent.catalog import Item
from agent.context import Constraint


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that a question offers: its words, and the conditions it stands for."""

    words: str
    constraints: tuple[Constraint, ...]

    def allows(self, item: Item) -> bool:
        """Whether an item meets all conditions."""
        return all(constraint.allows(item) for constraint in self.constraints)


@dataclass(frozen=True, slots=True)
class Clarification:
    """A clarifying question.

    Attributes:
        field: What is asked about: ``categories``, ``year``, or an attribute of the catalog.
        options: The answers offered, in the order of the text.
        text: The question as it is put.
        gain: Bits that the answer is expected to tell of which candidate is wanted.
    """

    field: str
    options: tuple[Option, ...]
    text: str
    gain: float
