"""Whether a list mirrors what the user likes."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from eval.metrics.registry import metric
from eval.metrics.rows import Rows, divide

CUTOFFS = (10,)
SMOOTHING = 0.01


@metric("miscalibration", cutoffs=CUTOFFS, better="lower")
def miscalibration(rows: Rows, k: int) -> np.ndarray:
    """Divergence of the list's categories from the user's: KL(p ‖ q̃) = Σ_c p(c) ln(p(c) / q̃(c)), in nats.

    p is the mean over the history of p(c|i) = 1 / |C(i)|, q the same over the first k items, and
    q̃ = 0.99 q + 0.01 p keeps it finite. Items without categories are left out; NaN where the history
    or the list has no others. Source: Steck, Calibrated recommendations, RecSys 2018, with equal weights.
    """
    p, q = (
        _preferences(rows.history, rows.items.categories),
        _preferences(rows.listed(k), rows.items.categories),
    )
    # Smoothing gives q̃ an entry wherever p has one, so that both have the same entries in the same order.
    smoothed = ((1 - SMOOTHING) * q + SMOOTHING * p).multiply(p > 0).tocsr()
    p.sort_indices()
    smoothed.sort_indices()
    terms = p.data * np.log(p.data / smoothed.data)
    total = np.bincount(p.tocoo().row, weights=terms, minlength=len(rows))
    told = (p.sum(axis=1) > 0) & (q.sum(axis=1) > 0)
    return np.where(told, np.maximum(total, 0.0), np.nan)


def _preferences(chosen: sparse.csr_array, categories: sparse.csr_array) -> sparse.csr_array:
    """Mean category distribution of the items chosen in each row, shape (n, categories)."""
    sizes = categories.sum(axis=1)
    shares = sparse.diags_array(divide(np.ones(len(sizes)), sizes)) @ categories
    counts = chosen @ (sizes > 0).astype(np.float64)
    return sparse.csr_array(sparse.diags_array(divide(np.ones(len(counts)), counts)) @ (chosen @ shares))
