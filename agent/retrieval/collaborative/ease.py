"""EASE: the linear item-item model with a closed form, kept so that new users join exactly."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import linalg, sparse

from agent.catalog import Catalog
from agent.retrieval.collaborative.groups import profile
from agent.retrieval.collaborative.saved import load_arrays, save_arrays
from agent.retrieval.query import Query
from agent.retrieval.scored import ScoredSource, log_share


def ease_precision(groups: sparse.csr_array, regularisation: float) -> np.ndarray:
    """P = (XᵀX + λI)⁻¹ of groups X, float32, shape (items, items)."""
    gram = (groups.T @ groups).toarray().astype(np.float64)
    gram[np.diag_indices_from(gram)] += regularisation
    return np.asarray(linalg.inv(gram, overwrite_a=True, check_finite=False), dtype=np.float32)


def add_group(precision: np.ndarray, columns: Sequence[int]) -> None:
    """Bring P up to date with one group more, in place: Sherman and Morrison 1950.

    P ← P - (P x)(P x)ᵀ / (1 + xᵀ P x)
    """
    moved = precision[:, list(columns)].sum(axis=1)
    precision -= np.outer(moved, moved) / np.float32(1 + moved[list(columns)].sum())


def ease_scores(precision: np.ndarray, columns: Sequence[int], weights: np.ndarray) -> np.ndarray:
    """Scores x B of a user x with B_ij = -P_ij / P_jj and B_jj = 0 (Steck, WWW 2019), shape (items,)."""
    chosen = list(columns)
    sums = weights @ precision[chosen]
    sums[chosen] -= weights * np.diag(precision)[chosen]
    return np.asarray(-sums / np.diag(precision))


class EaseSource(ScoredSource):
    """Items that the linear model predicts from what the user likes.

    Args:
        catalog: The items.
        rows: Catalog rows of the items the model knows, shape (known,), ascending.
        precision: See :func:`ease_precision`, shape (known, known).
        recency: An item counts this much less for each newer one.
    """

    name = "ease"

    def __init__(
        self, catalog: Catalog, rows: np.ndarray, precision: np.ndarray, *, recency: float = 0.98
    ) -> None:
        super().__init__(catalog)
        self._known, self._precision, self._recency = np.asarray(rows), precision, recency
        self._column = {int(row): column for column, row in enumerate(self._known)}

    @classmethod
    def fit(
        cls,
        catalog: Catalog,
        groups: sparse.csr_array,
        *,
        regularisation: float = 200.0,
        minimum: int = 5,
        most: int = 1500,
        recency: float = 0.98,
    ) -> EaseSource:
        """Fit to groups, with the items that at least ``minimum`` of them have, the ``most`` used of them.

        Takes memory and time with the square and the cube of the number of those items: 1,300 in a second.
        """
        counts = np.asarray((groups > 0).sum(axis=0))
        rows = np.sort(np.argsort(-counts, kind="stable")[: min(most, int((counts >= minimum).sum()))])
        return cls(catalog, rows, ease_precision(groups[:, rows], regularisation), recency=recency)

    def save(self, folder: Path, **provenance: object) -> None:
        """Write the model into a folder, with what it was fitted on."""
        ids = np.array([self._catalog[int(row)].id for row in self._known])
        arrays = {"ids": ids, "precision": self._precision, "options": np.array([self._recency])}
        save_arrays(folder, self.name, arrays, provenance)

    @classmethod
    def load(cls, catalog: Catalog, folder: Path) -> EaseSource:
        """Read a saved model; items that the catalog no longer has are left out.

        Raises:
            FormatError: it is not there, or damaged.
        """
        arrays = load_arrays(folder, cls.name, ("ids", "precision", "options"))
        kept = np.array([i for i, item_id in enumerate(arrays["ids"]) if str(item_id) in catalog], dtype=int)
        rows = np.array([catalog.row(str(item_id)) for item_id in arrays["ids"][kept]], dtype=int)
        order = np.argsort(rows)
        kept = kept[order]
        precision = arrays["precision"][np.ix_(kept, kept)]
        return cls(catalog, rows[order], precision, recency=float(arrays["options"][0]))

    def add(self, items: Sequence[str]) -> None:
        """Learn of one group more, exactly and at once; items that the model does not know are left out."""
        if columns := self._columns(dict.fromkeys(items)):
            add_group(self._precision, columns)
            self._latest = None

    def scores(self, query: Query) -> np.ndarray | None:
        """The predictions; 0 for items that the model does not know, None where it knows none liked."""
        columns = self._columns(query.anchors)
        if not columns:
            return None
        found = np.zeros(len(self._catalog))
        found[self._known] = ease_scores(self._precision, columns, profile(columns, self._recency))
        return found

    def scale(self, scores: np.ndarray) -> np.ndarray:
        """Logarithms of shares; what is below 0 counts as 0."""
        return log_share(np.maximum(scores, 0))

    def _columns(self, items: Sequence[str] | dict[str, None]) -> list[int]:
        return [self._column[row] for row in self._rows(items) if row in self._column]
