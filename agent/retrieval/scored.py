"""What candidate sources are, and the base of those that can give every item a score."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np

from agent.catalog import Catalog
from agent.recommendation import Candidate
from agent.retrieval.query import Query

_UNSEEN = 1e-4


class CandidateSource(Protocol):
    """One way of finding candidates."""

    name: str

    def retrieve(self, query: Query, k: int, allowed: np.ndarray) -> tuple[Candidate, ...]:
        """At most ``k`` candidates, best first, with the source's own scores (higher is better).

        Args:
            query: What is wanted.
            k: How many.
            allowed: Which rows of the catalog may be returned, bool, shape (len(catalog),).

        Returns:
            Nothing where the source has nothing to say.
        """
        ...

    def score(self, query: Query, rows: np.ndarray) -> np.ndarray | None:
        """How much the source is for some items, whoever proposed them.

        Counts are given as logarithms of shares, cosines as they are: what a log-linear ranker adds up.

        Args:
            query: What is wanted.
            rows: Rows of the catalog, int, shape (n,).

        Returns:
            Shape (n,); None where the source has nothing to say.
        """
        ...


class ScoredSource:
    """A source that scores all items at once; what scores above 0 is a candidate.

    Args:
        catalog: The items.
    """

    name = "scored"

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._latest: tuple[Query, np.ndarray | None] | None = None

    def scores(self, query: Query) -> np.ndarray | None:
        """Scores of all items, shape (len(catalog),); None where there is nothing to say."""
        raise NotImplementedError

    def retrieve(self, query: Query, k: int, allowed: np.ndarray) -> tuple[Candidate, ...]:
        """The ``k`` best allowed items with a score above 0; ties by popularity."""
        scores = self._once(query)
        if scores is None:
            return ()
        scores = np.where(allowed, scores, 0.0)
        found = np.flatnonzero(scores > 0)
        order = np.lexsort((-self._catalog.popularity[found], -scores[found]))[:k]
        return candidates(self._catalog, found[order], scores[found[order]], self.name)

    def score(self, query: Query, rows: np.ndarray) -> np.ndarray | None:
        """The scores of some rows, on the scale that fitted weights are for."""
        scores = self._once(query)
        return None if scores is None else self.scale(scores)[rows]

    def scale(self, scores: np.ndarray) -> np.ndarray:
        """The scores of all items, such that a sum with other sources makes sense; as they are by default."""
        return scores

    def forget(self) -> None:
        """Keep nothing of the latest query."""
        self._latest = None

    def _rows(self, item_ids: Iterable[str]) -> list[int]:
        """Rows of the items that the catalog has."""
        return [self._catalog.row(i) for i in item_ids if i in self._catalog]

    def _once(self, query: Query) -> np.ndarray | None:
        """The scores for a query that is both retrieved for and scored with."""
        latest = self._latest  # another thread may put its own there at any time
        if latest is None or latest[0] is not query:
            latest = self._latest = (query, self.scores(query))
        return latest[1]


def log_share(counts: np.ndarray) -> np.ndarray:
    """Counts as log(share + 0.0001): an item that was never counted is unlikely, not impossible."""
    return np.asarray(np.log(counts / max(float(counts.sum()), 1e-12) + _UNSEEN))


def candidates(catalog: Catalog, rows: np.ndarray, scores: np.ndarray, source: str) -> tuple[Candidate, ...]:
    """Candidates from rows of the catalog and their scores."""
    return tuple(
        Candidate(catalog[int(row)].id, float(score), source) for row, score in zip(rows, scores, strict=True)
    )
