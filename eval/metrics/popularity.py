"""Whether the lists go beyond what everybody knows: coverage, concentration, popularity, novelty.

Popularity is the count of an item in the memory that the systems may learn from, never in the test.
"""

from __future__ import annotations

import numpy as np

from eval.metrics.registry import metric
from eval.metrics.rows import Rows

CUTOFFS = (10,)


@metric("coverage", cutoffs=CUTOFFS, better="higher", whole=True)
def coverage(rows: Rows, k: int) -> np.ndarray:
    """Share of the catalog that appears in at least one list: |∪ list[:k]| / |catalog|.

    Grows with the number of rows, so compare it only at equal ones. Source: the catalog coverage of
    Ge, Delgado-Battenfeld and Jannach, Beyond accuracy, RecSys 2010.
    """
    listed = rows.ranked[:, :k]
    return np.asarray(len(np.unique(listed[listed >= 0])) / len(rows.items))


@metric("gini", cutoffs=CUTOFFS, better="lower", whole=True)
def gini(rows: Rows, k: int) -> np.ndarray:
    """Inequality of how often items are listed: Σ_j (2j - m - 1) p(j) / (m - 1), p ascending over m items.

    0 where all m items of the catalog are listed equally often, 1 where one item takes every place.
    NaN without any listed item. Source: Shani and Gunawardana, Evaluating recommendation systems,
    Recommender Systems Handbook (2011).
    """
    listed = rows.ranked[:, :k]
    counts = np.sort(np.bincount(listed[listed >= 0], minlength=len(rows.items)))
    m, total = len(counts), counts.sum()
    if not total or m < 2:
        return np.asarray(np.nan)
    return np.asarray((2 * np.arange(1, m + 1) - m - 1) @ counts / (total * (m - 1)))


@metric("popularity", cutoffs=CUTOFFS)
def popularity(rows: Rows, k: int) -> np.ndarray:
    """Mean count of the listed items in the memory; NaN for empty lists.

    Source: average recommendation popularity of Yin et al., Challenging the long tail
    recommendation, VLDB 2012.
    """
    return rows.mean_over_list(rows.items.counts, k)


@metric("popularity_percentile", cutoffs=CUTOFFS)
def popularity_percentile(rows: Rows, k: int) -> np.ndarray:
    """Mean popularity percentile of the listed items, 0 (rarest) to 100; NaN for empty lists.

    An item's percentile is 100 (r - ½) / m with r its ascending rank by count among the m items of the
    catalog, ties at their mean rank (Hazen, 1914).
    """
    _, group, sizes = np.unique(rows.items.counts, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[group]
    return rows.mean_over_list(100 * (ranks - 0.5) / len(rows.items), k)


@metric("novelty", cutoffs=CUTOFFS)
def novelty(rows: Rows, k: int) -> np.ndarray:
    """Mean self-information of the listed items in bits: -log2 p(i); NaN for empty lists.

    p(i) = (count(i) + 1) / (Σ counts + m): the chance that a random interaction is with the item,
    smoothed so that an item never used is finite. Source: Zhou et al., Solving the apparent
    diversity-accuracy dilemma, PNAS 2010; Vargas and Castells, RecSys 2011.
    """
    counts = rows.items.counts
    return rows.mean_over_list(-np.log2((counts + 1) / (counts.sum() + len(counts))), k)


@metric("serendipity", cutoffs=CUTOFFS, better="higher")
def serendipity(rows: Rows, k: int) -> np.ndarray:
    """Hits that popularity would not have made: |list[:k] ∩ targets minus popular(k)| / k.

    popular(k) are the k items with the highest counts outside the user's history (ties in the
    catalog's order): the primitive model of Ge, Delgado-Battenfeld and Jannach, RecSys 2010. NaN
    without targets.
    """
    order = np.argsort(-rows.items.counts, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    hits = rows.hits[:, :k]
    values = np.where(rows.target_counts > 0, 0.0, np.nan)
    history = rows.history
    for row in np.flatnonzero(hits.any(axis=1)):
        known = place[history.indices[history.indptr[row] : history.indptr[row + 1]]]
        found = place[rows.ranked[row, :k][hits[row]]]
        unseen_before = found - (known[None, :] < found[:, None]).sum(axis=1)
        values[row] = (unseen_before >= k).sum() / k
    return values
