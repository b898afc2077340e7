"""What kind of items a user takes to, against what everybody does."""

from __future__ import annotations

import numpy as np

from agent.catalog import Catalog
from agent.recommendation import Candidate
from agent.retrieval.collaborative.groups import profile
from agent.retrieval.query import Query
from agent.retrieval.scored import ScoredSource
from agent.retrieval.sources import category_matrix

_PERIODS = 8


class HabitsSource(ScoredSource):
    """How much more often than everybody a user takes to items of an item's categories, and of its time.

        score(i) = log mean over its categories c of  p_u(c) / p(c)   +   log p_u(t_i) / p(t_i)

    with p the shares among all uses, p_u those among the user's, the newest most, smoothed by ``strength``
    uses that are as everybody's, and t_i one of at most eight periods of years that are used about equally.
    An item without categories or year is told neither for nor against. It proposes nothing of its own: most
    items of a user's favourite kind are nothing to them.

    Args:
        catalog: The items.
        uses: How much each item is used, shape (len(catalog),).
        strength: How many uses it takes to know somebody.
        recency: A use counts this much less for each newer one.
    """

    name = "habits"

    def __init__(
        self, catalog: Catalog, uses: np.ndarray, *, strength: float = 5.0, recency: float = 0.95
    ) -> None:
        super().__init__(catalog)
        self._strength, self._recency = strength, recency
        has = category_matrix(catalog, catalog.categories).astype(np.float64)
        categories = has / np.maximum(1, has.sum(axis=1, keepdims=True))
        self._kinds = [categories, _periods(catalog, uses)]
        self._common = [_shares(kinds, uses) for kinds in self._kinds]

    def retrieve(self, query: Query, k: int, allowed: np.ndarray) -> tuple[Candidate, ...]:
        """Nothing."""
        return ()

    def scores(self, query: Query) -> np.ndarray | None:
        """Sums of both logarithms; None where the user used nothing."""
        used = self._rows(dict.fromkeys((*query.used, *query.anchors)))
        if not used:
            return None
        weights = profile(used, self._recency)
        total = np.zeros(len(self._catalog))
        for kinds, common in zip(self._kinds, self._common, strict=True):
            own = (weights @ kinds[used] + self._strength * common) / (weights.sum() + self._strength)
            member = kinds.sum(axis=1)
            lifts = np.divide(kinds @ (own / common), member, out=np.ones(len(member)), where=member > 0)
            total += np.log(lifts)
        return total


def _periods(catalog: Catalog, uses: np.ndarray) -> np.ndarray:
    """The period of each item's year: 0 or 1, shape (len(catalog), periods)."""
    years = np.array([np.nan if item.year is None else item.year for item in catalog], dtype=np.float64)
    dated = np.flatnonzero(np.isfinite(years))
    if not len(dated):
        return np.zeros((len(catalog), 1))
    order = dated[np.argsort(years[dated], kind="stable")]
    reached = np.cumsum(uses[order] + 1e-9)
    wanted = reached[-1] * np.arange(1, _PERIODS) / _PERIODS
    edges = np.unique(years[order][np.searchsorted(reached, wanted)])
    found = np.zeros((len(catalog), len(edges) + 1))
    found[dated, np.digitize(years[dated], edges)] = 1.0
    return found


def _shares(kinds: np.ndarray, uses: np.ndarray) -> np.ndarray:
    """The share of each kind among all uses, none of them 0."""
    counts = uses @ kinds + 1.0
    return np.asarray(counts / counts.sum())
