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
    categories = rows.items.categories
    sizes = categories.sum(axis=1)
    shares = sparse.csr_array(sparse.diags_array(divide(np.ones(len(sizes)), sizes)) @ categories)
    p, p_items = rows.history @ shares, rows.history @ (sizes > 0).astype(np.float64)
    q, q_items = rows.listed(k) @ shares, rows.listed(k) @ (sizes > 0).astype(np.float64)
    p = p.tocoo()
    wanted = p.data / p_items[p.row]
    given = divide(np.asarray(q[p.row, p.col]).ravel(), q_items[p.row])
    terms = wanted * np.log(wanted / ((1 - SMOOTHING) * given + SMOOTHING * wanted))
    total = np.bincount(p.row, weights=terms, minlength=len(rows))
    return np.where((p_items > 0) & (q_items > 0), np.maximum(total, 0.0), np.nan)
