"""Lists whose items differ from one another."""

from __future__ import annotations

import numpy as np

from agent.ranking.spread import Aspects, spread_out

SPREAD = "xquad"


def diversify(
    vectors: np.ndarray,
    scores: np.ndarray,
    k: int,
    aspects: Aspects,
    *,
    method: str = SPREAD,
    diversity: float = 0.16,
) -> np.ndarray:
    """Choose and order ``k`` items by relevance and mutual difference.

    :func:`spread_out`, or MMR (Carbonell and Goldstein, SIGIR 1998), MSD, DPP or COVER by ``pyversity``,
    which look at embeddings only, over scores scaled to 0..1. Equal scores are taken as equally relevant.

    Args:
        vectors: Embeddings of the candidates, shape (n, d).
        scores: Their relevance, any scale but for ``xquad``, shape (n,).
        k: How many to choose; at most n are.
        aspects: What ``xquad`` spreads over.
        method: ``xquad``, ``mmr``, ``msd``, ``dpp``, ``cover`` or ``none``.
        diversity: 0 keeps the order by score, 1 looks at difference only.

    Returns:
        Positions into ``scores``, best first, shape (min(k, n),).
    """
    k = min(k, len(scores))
    if method == "none" or diversity == 0 or k <= 1:
        return np.argsort(-scores, kind="stable")[:k]
    if method == SPREAD:
        return spread_out(vectors, scores, k, aspects, diversity=diversity)
    import pyversity

    spread = float(np.ptp(scores))
    relevance = (scores - scores.min()) / spread if spread else np.ones(len(scores))
    result = pyversity.diversify(
        np.asarray(vectors, dtype=np.float32), relevance, k, strategy=method, diversity=diversity
    )
    return np.asarray(result.indices)
