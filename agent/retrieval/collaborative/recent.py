"""What is used these days."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agent.catalog import Catalog, Interaction
from agent.retrieval.collaborative.groups import user_groups
from agent.retrieval.query import Query
from agent.retrieval.scored import ScoredSource, log_share


def decayed_counts(
    catalog: Catalog, interactions: Sequence[Interaction], half_life: float | None, *, rated: float = 0.0
) -> np.ndarray:
    """How many users like or use each item, older likes counting less, shape (len(catalog),).

        Σ over likes  0.5^(days before the newest event / half_life)

    Source: Ji et al., A re-visit of the popularity baseline in recommender systems, SIGIR 2020.

    Args:
        catalog: The items.
        interactions: Past events.
        half_life: Days in which an event loses half its weight; None: it never does.
        rated: What a rating under 8 weighs beside a like.
    """
    counts = user_groups(catalog, interactions, half_life=half_life, rated=rated).sum(axis=0)
    return np.asarray(counts, dtype=np.float64)


class RecentSource(ScoredSource):
    """The items liked or used most of late; the same for everybody.

    Args:
        catalog: The items.
        counts: See :func:`decayed_counts`, shape (len(catalog),).
        name: What the source is called; several of other half-lives can stand side by side.
    """

    name = "recent"

    def __init__(self, catalog: Catalog, counts: np.ndarray, *, name: str = "recent") -> None:
        super().__init__(catalog)
        self.name = name
        self._counts = counts

    def add(self, items: Sequence[str]) -> None:
        """Learn of items that somebody uses now, at once; unknown ids are left out."""
        self._counts[self._rows(dict.fromkeys(items))] += 1

    def scores(self, query: Query) -> np.ndarray | None:
        """The decayed counts; None where nothing was ever used."""
        return self._counts if self._counts.any() else None

    def scale(self, scores: np.ndarray) -> np.ndarray:
        """Logarithms of shares."""
        return log_share(scores)
