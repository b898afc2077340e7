"""Matrix factorisation of implicit feedback by alternating least squares, by the library ``implicit``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from agent.catalog import Catalog
from agent.errors import ModelError
from agent.retrieval.collaborative.groups import profile
from agent.retrieval.collaborative.saved import load_arrays, save_arrays
from agent.retrieval.query import Query
from agent.retrieval.scored import ScoredSource, log_share


def fit_als(
    groups: sparse.csr_array,
    *,
    factors: int = 16,
    regularisation: float = 1.0,
    confidence: float = 5.0,
    iterations: int = 15,
    seed: int = 0,
) -> np.ndarray:
    """Item factors of groups, float32, shape (items, factors); Hu, Koren and Volinsky, ICDM 2008.

    Raises:
        ModelError: the library ``implicit`` is not installed.
    """
    model = _als_class()(
        factors=factors,
        regularization=regularisation,
        alpha=confidence,
        iterations=iterations,
        random_state=seed,
    )
    model.fit(sparse.csr_matrix(groups), show_progress=False)
    return np.asarray(model.item_factors, dtype=np.float32)


def fold_in(
    items: np.ndarray, rows: Sequence[int], weights: np.ndarray, *, regularisation: float, confidence: float
) -> np.ndarray:
    """The factors of a user from what they use: x = (YᵀY + Yᵤᵀ(Cᵤ - I)Yᵤ + λI)⁻¹ YᵤᵀCᵤ1.

    Yᵤ are the factors of the user's items and Cᵤ = confidence · weight, as in ``implicit``.

    Args:
        items: Item factors Y, shape (items, factors).
        rows: The user's items.
        weights: How much each counts, shape (len(rows),).
        regularisation: λ.
        confidence: α.

    Returns:
        Shape (factors,).
    """
    own, trust = items[list(rows)].astype(np.float64), confidence * weights
    every = items.T.astype(np.float64) @ items
    left = every + (own.T * (trust - 1)) @ own + regularisation * np.eye(items.shape[1])
    return np.asarray(np.linalg.solve(left, own.T @ trust))


class AlsSource(ScoredSource):
    """Items whose factors are near those of the user, who is folded in anew for each query.

    New users and new likes count at once; a new item is known from the next fit on.

    Args:
        catalog: The items.
        rows: Catalog rows of the items the model knows, shape (known,).
        factors: Their factors, shape (known, factors).
        regularisation: As in fitting.
        confidence: As in fitting.
        recency: An item counts this much less for each newer one.
    """

    name = "als"

    def __init__(
        self,
        catalog: Catalog,
        rows: np.ndarray,
        factors: np.ndarray,
        *,
        regularisation: float = 1.0,
        confidence: float = 5.0,
        recency: float = 0.98,
    ) -> None:
        super().__init__(catalog)
        self._known, self._factors = np.asarray(rows), factors
        self._regularisation, self._confidence, self._recency = regularisation, confidence, recency
        self._place = {int(row): place for place, row in enumerate(self._known)}

    @classmethod
    def fit(
        cls,
        catalog: Catalog,
        groups: sparse.csr_array,
        *,
        factors: int = 16,
        regularisation: float = 1.0,
        confidence: float = 5.0,
        recency: float = 0.98,
    ) -> AlsSource:
        """Fit to groups, with the items that any of them has.

        Raises:
            ModelError: the library ``implicit`` is not installed.
        """
        rows = np.flatnonzero(np.asarray(groups.sum(axis=0)) > 0)
        found = fit_als(
            groups[:, rows], factors=factors, regularisation=regularisation, confidence=confidence
        )
        return cls(
            catalog, rows, found, regularisation=regularisation, confidence=confidence, recency=recency
        )

    def save(self, folder: Path, **provenance: object) -> None:
        """Write the model into a folder, with what it was fitted on."""
        arrays = {
            "ids": np.array([self._catalog[int(row)].id for row in self._known]),
            "factors": self._factors,
            "options": np.array([self._regularisation, self._confidence, self._recency]),
        }
        save_arrays(folder, self.name, arrays, provenance)

    @classmethod
    def load(cls, catalog: Catalog, folder: Path) -> AlsSource:
        """Read a saved model, without ``implicit``; items that the catalog no longer has are left out.

        Raises:
            FormatError: it is not there, or damaged.
        """
        arrays = load_arrays(folder, cls.name, ("ids", "factors", "options"))
        kept = [i for i, item_id in enumerate(arrays["ids"]) if str(item_id) in catalog]
        rows = np.array([catalog.row(str(item_id)) for item_id in arrays["ids"][kept]], dtype=int)
        names = ("regularisation", "confidence", "recency")
        options = dict(zip(names, map(float, arrays["options"]), strict=True))
        return cls(catalog, rows, arrays["factors"][kept], **options)

    def scores(self, query: Query) -> np.ndarray | None:
        """Dot products; 0 for items that the model does not know, None where it knows none liked."""
        places = [self._place[row] for row in self._rows(query.anchors) if row in self._place]
        if not places:
            return None
        user = fold_in(
            self._factors,
            places,
            profile(places, self._recency),
            regularisation=self._regularisation,
            confidence=self._confidence,
        )
        found = np.zeros(len(self._catalog))
        found[self._known] = self._factors @ user
        return found

    def scale(self, scores: np.ndarray) -> np.ndarray:
        """Logarithms of shares; what is below 0 counts as 0."""
        return log_share(np.maximum(scores, 0))


def _als_class() -> Any:
    # implicit starts a thread a core itself; BLAS threads below them make it slower.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        return import_module("implicit.cpu.als").AlternatingLeastSquares
    except ImportError as error:
        raise ModelError(
            "implicit is not installed", hint="run: pip install 'groundrec[collaborative]'"
        ) from error
