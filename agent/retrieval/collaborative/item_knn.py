"""Items that come up with those a user likes, by shrunk cosines and their asymmetric kin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from agent.catalog import Catalog
from agent.retrieval.collaborative.groups import append, profile
from agent.retrieval.query import Query
from agent.retrieval.scored import ScoredSource, log_share


def similarities(
    groups: sparse.csr_array, rows: Sequence[int], *, asymmetry: float = 0.5, shrinkage: float = 5.0
) -> np.ndarray:
    """How much some items make each item likely.

        s(i, j) = Σ_g √(w_gi w_gj) / (n_i^(1 - a) n_j^a + shrinkage),    n_i = Σ_g w_gi,    s(i, i) = 0

    With a = 0.5 this is the cosine of 0/1 groups, with a = 0 the share of i's groups that have j, which
    favours the popular. Sources: Deshpande and Karypis, TOIS 2004; Aiolli, RecSys 2013 (asymmetric
    cosine); the shrinkage of Bell and Koren, ICDM 2007.

    Args:
        groups: Weights of the items of each group, shape (groups, items).
        rows: The items i.
        asymmetry: a, from 0 to 1.
        shrinkage: Added to the denominator, so that few common groups count less.

    Returns:
        Shape (len(rows), items).
    """
    roots = groups.sqrt()
    totals = np.asarray(groups.sum(axis=0), dtype=np.float64)
    return _similarities(roots.T.tocsr(), roots, totals, rows, asymmetry, shrinkage)


def _similarities(
    items: sparse.csr_array,
    roots: sparse.csr_array,
    totals: np.ndarray,
    rows: Sequence[int],
    asymmetry: float,
    shrinkage: float,
) -> np.ndarray:
    chosen = list(rows)
    together = (items[chosen] @ roots).toarray().astype(np.float64)
    norms = totals[chosen][:, None] ** (1 - asymmetry) * totals[None, :] ** asymmetry + shrinkage
    found = np.divide(together, norms, out=np.zeros_like(together), where=norms > 0)
    found[np.arange(len(chosen)), chosen] = 0
    return found


class ItemKnnSource(ScoredSource):
    """Items that are used by those who use what the user likes; nothing is fitted, so all is up to date.

    Args:
        catalog: The items.
        groups: Weights of the items of each group, shape (groups, len(catalog)).
        asymmetry: See :func:`similarities`.
        shrinkage: See :func:`similarities`.
        recency: An item counts this much less for each newer one.
        name: What the source is called; several over other groups can stand side by side.
    """

    def __init__(
        self,
        catalog: Catalog,
        groups: sparse.csr_array,
        *,
        asymmetry: float = 0.5,
        shrinkage: float = 5.0,
        recency: float = 0.98,
        name: str = "item_knn",
    ) -> None:
        super().__init__(catalog)
        self.name = name
        self._groups = groups
        self._ready: tuple[sparse.csr_array, sparse.csr_array, np.ndarray] | None = None
        self._asymmetry, self._shrinkage, self._recency = asymmetry, shrinkage, recency

    def add(self, items: Sequence[str]) -> None:
        """Learn of one group more, at once; unknown ids are left out."""
        self._groups = append(self._groups, self._rows(items))
        self._latest = self._ready = None

    def scores(self, query: Query) -> np.ndarray | None:
        """Sums of similarities with what is liked or mentioned; None where it never came up."""
        known = self._rows(query.anchors)
        if not known:
            return None
        if self._ready is None:
            roots = self._groups.sqrt()
            totals = np.asarray(self._groups.sum(axis=0), dtype=np.float64)
            self._ready = roots.T.tocsr(), roots, totals
        by_item, roots, totals = self._ready
        near = _similarities(by_item, roots, totals, known, self._asymmetry, self._shrinkage)
        found = profile(known, self._recency) @ near
        return np.asarray(found) if found.any() else None

    def scale(self, scores: np.ndarray) -> np.ndarray:
        """Logarithms of shares."""
        return log_share(scores)
