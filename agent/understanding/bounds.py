"""Constraints with the words that give them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from agent.context import Constraint
from agent.understanding.text import Span


@dataclass(frozen=True, slots=True)
class Bound:
    """Constraints and the place of the words that give them."""

    constraints: tuple[Constraint, ...]
    span: Span


def longest(found: Iterable[Bound]) -> list[Bound]:
    """Bounds in order; of those that overlap, the one with the most characters."""
    kept: list[Bound] = []
    for bound in sorted(found, key=lambda b: (b.span.start - b.span.end, b.span.start)):
        if not any(bound.span.overlaps(other.span) for other in kept):
            kept.append(bound)
    return sorted(kept, key=lambda b: b.span)
