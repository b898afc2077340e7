"""What a text names, how each of it is judged, and which of it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.understanding.bounds import Bound
from agent.understanding.categories import CategorySpan
from agent.understanding.judgements import Judgement
from agent.understanding.mentions import Found
from agent.understanding.passage import Passage
from agent.understanding.references import Reference
from agent.understanding.text import Span
from agent.understanding.years import FIELD as YEAR


@dataclass(frozen=True, slots=True)
class Named:
    """What a text names (items, titles, places, categories) or requires, and how each is judged.

    ``strangers`` are those of the ``unknown`` that name people.
    """

    passage: Passage
    items: tuple[Found, ...]
    unknown: tuple[Span, ...]
    places: tuple[Reference, ...]
    categories: tuple[CategorySpan, ...]
    bounds: tuple[Bound, ...]
    judgements: dict[Span, Judgement]
    strangers: tuple[Span, ...] = ()

    @property
    def titles(self) -> list[Span]:
        """Spans of items and unknown titles, in order."""
        return sorted([*(f.span for f in self.items), *self.unknown])

    @property
    def spoken_of(self) -> list[Span]:
        """Titles without those unknown ones that nothing is said of: they may be plain words of a wish."""
        quotes = self.passage.quotes
        unknown = [s for s in self.unknown if s in quotes or self.judgements[s].cue not in (None, "request")]
        return sorted([*(f.span for f in self.items), *unknown])

    @property
    def wanted(self) -> list[Span]:
        """Titles that say what is wanted or not ("like A", "not A")."""
        return [s for s in self.titles if self.judgements[s].cue in ("similar", "negation", "request")]

    def without(self, dropped: Sequence[Span]) -> Named:
        """The same without the categories and conditions inside the dropped spans."""
        return replace(
            self,
            categories=tuple(c for c in self.categories if not _inside(c.span, dropped)),
            bounds=tuple(b for b in self.bounds if not _inside(b.span, dropped)),
        )

    def untold(self, told: Sequence[Span], asked: Sequence[Span]) -> Named:
        """The same without conditions, and categories but tastes, of clauses that only tell or ask."""
        tastes = [c for c in self.categories if self.judgements[c.span].cue in ("forward", "favourite")]
        return replace(
            self,
            categories=tuple(c for c in self.categories if c in tastes or not _inside(c.span, told)),
            bounds=tuple(
                b
                for b in self.bounds
                if not _inside(b.span, told if b.constraints[0].field == YEAR else asked)
            ),
        )


def _inside(span: Span, others: Sequence[Span]) -> bool:
    return any(span.overlaps(other) for other in others)
