"""How different the items of a list are, and how much of what is wanted they cover."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from eval.metrics.accuracy import discounts
from eval.metrics.registry import metric
from eval.metrics.rows import Rows, divide

CUTOFFS = (10,)
ALPHA = 0.5


@metric("embedding_distance", cutoffs=CUTOFFS, better="higher")
def embedding_distance(rows: Rows, k: int) -> np.ndarray:
    """Intra-list distance by embedding: mean of 1 - cos(i, j) over all pairs of the first k items.

    NaN for lists with under two embedded items. Source: Smyth and McClave, Similarity vs. diversity,
    ICCBR 2001; Ziegler et al., WWW 2005.
    """
    vectors = rows.items.embeddings
    if vectors is None:
        return np.full(len(rows), np.nan)
    return _mean_distance(rows.listed(k), vectors)


@metric("category_distance", cutoffs=CUTOFFS, better="higher")
def category_distance(rows: Rows, k: int) -> np.ndarray:
    """Intra-list distance by category: mean of 1 - |A ∩ B| / √(|A| |B|) over all pairs of the first k.

    A and B are the items' categories: the cosine distance of their indicator vectors. Items without
    categories are left out; NaN for lists with under two others. Source as for embeddings.
    """
    categories = rows.items.categories
    sizes = categories.sum(axis=1)
    scale = sparse.diags_array(divide(np.ones(len(sizes)), np.sqrt(sizes)))
    return _mean_distance(rows.listed(k), sparse.csr_array(scale @ categories))


def _mean_distance(listed: sparse.csr_array, vectors: np.ndarray | sparse.csr_array) -> np.ndarray:
    """Mean pairwise cosine distance of vectors of length 1 or 0.

    |Σ v|² = n + 2 Σ cos(i, j) over the n that are not 0, so that no pairs need be formed.
    """
    sums = listed @ vectors
    squares = sums.power(2).sum(axis=1) if sparse.issparse(sums) else (sums**2).sum(axis=1)
    present = np.abs(vectors).sum(axis=1) > 0
    n = listed @ present.astype(np.float64)
    return np.clip(1 - divide(squares - n, n * (n - 1)), 0, 2)


@metric("category_coverage", cutoffs=CUTOFFS, better="higher")
def category_coverage(rows: Rows, k: int) -> np.ndarray:
    """Share of the catalog's categories that some item of the first k has: |∪ C(i)| / |C|.

    NaN where the catalog has none; an empty list scores 0. Source: coverage of topics, Puthiya
    Parambath, Usunier and Grandvalet, RecSys 2016, with binary topics.
    """
    categories = rows.items.categories
    covered = (rows.listed(k) @ categories > 0).sum(axis=1)
    return divide(covered, np.full(len(rows), categories.shape[1]))


@metric("subtopic_recall", cutoffs=CUTOFFS, better="higher")
def subtopic_recall(rows: Rows, k: int) -> np.ndarray:
    """Share of the targets' categories that some item of the first k has: |∪ C(i) ∩ W| / |W|.

    W is the union of the targets' categories. An item may cover one without being a target. NaN where
    W is empty; an empty list scores 0. Source: S-recall of Zhai, Cohen and Lafferty, SIGIR 2003.
    """
    wanted = rows.targets @ rows.items.categories
    covered = rows.listed(k) @ rows.items.categories
    both = (wanted > 0).multiply(covered > 0)
    return divide(both.sum(axis=1), (wanted > 0).sum(axis=1))


@metric("alpha_ndcg", cutoffs=CUTOFFS, better="higher")
def alpha_ndcg(rows: Rows, k: int) -> np.ndarray:
    """Discounted gain where a category pays less each time: Σ_r Σ_{c ∈ C(r)} (1 - α)^{seen(c)} / log2(r + 1).

    Only targets gain; C(r) are the categories of the target at rank r, seen(c) the targets before it
    that have c, α = 0.5. Divided by the gain of the ideal list, built greedily from the targets as is
    usual (the exact one is NP-hard). NaN where no target has a category. Source: Clarke et al.,
    Novelty and diversity in information retrieval evaluation, SIGIR 2008.
    """
    has, targets, hits = rows.items.categories, rows.targets, rows.hits[:, :k]
    values = np.where(targets @ has.sum(axis=1) > 0, 0.0, np.nan)
    for row in np.flatnonzero(hits.any(axis=1) & (values == 0)):
        ranks = np.flatnonzero(hits[row])
        gains = _novel_gains(has[rows.ranked[row, ranks]].toarray())
        nuggets = has[targets.indices[targets.indptr[row] : targets.indptr[row + 1]]].toarray()
        values[row] = gains @ discounts(k)[ranks] / _ideal_gain(nuggets, k)
    return values


def _novel_gains(nuggets: np.ndarray) -> np.ndarray:
    """Gain of each item after those before it; nuggets of shape (items, categories), 0 or 1."""
    seen = np.cumsum(nuggets, axis=0) - nuggets
    return (nuggets * (1 - ALPHA) ** seen).sum(axis=1)


def _ideal_gain(nuggets: np.ndarray, k: int) -> float:
    """Discounted gain of the greedy order: at each rank the item that gains most."""
    worth, left, total = np.ones(nuggets.shape[1]), np.ones(len(nuggets), dtype=bool), 0.0
    for discount in discounts(min(k, len(nuggets))):
        gains = np.where(left, nuggets @ worth, -1.0)
        best = int(gains.argmax())
        total += gains[best] * discount
        worth = worth * (1 - ALPHA) ** nuggets[best]
        left[best] = False
    return total
