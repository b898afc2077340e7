"""How well the lists hit the targets. Relevance is binary; a failed row scores 0.

All four equal ir-measures (``R@k``, ``nDCG@k``, ``RR@k``, ``Success@k``) and say nothing (NaN) of rows
without targets. Targets outside the catalog stay in the denominators.
"""

from __future__ import annotations

import numpy as np

from eval.metrics.registry import metric
from eval.metrics.rows import Rows, divide

CUTOFFS = (1, 5, 10, 20, 50)


def discounts(k: int) -> np.ndarray:
    """1 / log2(rank + 1) for the ranks 1 to k, shape (k,) (Järvelin and Kekäläinen, TOIS 2002)."""
    return 1 / np.log2(np.arange(2, k + 2))


@metric("recall", cutoffs=CUTOFFS, better="higher")
def recall(rows: Rows, k: int) -> np.ndarray:
    """Share of the targets among the first k: |list[:k] ∩ targets| / |targets|.

    Source: Manning, Raghavan and Schütze, Introduction to Information Retrieval (2008), section 8.3.
    """
    return divide(rows.hits[:, :k].sum(axis=1), rows.target_counts)


@metric("ndcg", cutoffs=CUTOFFS, better="higher")
def ndcg(rows: Rows, k: int) -> np.ndarray:
    """Discounted gain of the first k over the best possible: Σ hit(r) / log2(r + 1), divided by its ideal.

    The ideal list has min(k, |targets|) hits at its head. Source: Järvelin and Kekäläinen, Cumulated
    gain-based evaluation of IR techniques, TOIS 2002, with the log2(r + 1) of Burges et al., ICML 2005.
    """
    weights = discounts(k)
    ideal = np.concatenate(([0.0], np.cumsum(weights)))[np.minimum(rows.target_counts, k)]
    return divide(rows.hits[:, :k] @ weights, ideal)


@metric("mrr", cutoffs=CUTOFFS, better="higher")
def mrr(rows: Rows, k: int) -> np.ndarray:
    """Reciprocal rank of the first hit among the first k; 0 without one.

    Source: Voorhees, The TREC-8 question answering track report (1999).
    """
    hits = rows.hits[:, :k]
    return divide(hits.any(axis=1) / (hits.argmax(axis=1) + 1), rows.target_counts > 0)


@metric("hit_rate", cutoffs=CUTOFFS, better="higher")
def hit_rate(rows: Rows, k: int) -> np.ndarray:
    """1 where a target is among the first k, else 0.

    Source: Deshpande and Karypis, Item-based top-N recommendation algorithms, TOIS 2004.
    """
    return divide(rows.hits[:, :k].any(axis=1).astype(float), rows.target_counts > 0)
