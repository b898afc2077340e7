"""Lists whose items differ from one another."""

from __future__ import annotations

import numpy as np


def diversify(
    vectors: np.ndarray, scores: np.ndarray, k: int, *, method: str = "mmr", diversity: float = 0.2
) -> np.ndarray:
    """Choose and order ``k`` items by relevance and mutual difference.

    MMR (Carbonell and Goldstein, SIGIR 1998), MSD, DPP or COVER by ``pyversity``, over scores scaled
    to 0..1. Equal scores are taken as equally relevant.

    Args:
        vectors: Embeddings of the candidates, shape (n, d).
        scores: Their relevance, any scale, shape (n,).
        k: How many to choose; at most n are.
        method: ``mmr``, ``msd``, ``dpp``, ``cover`` or ``none``.
        diversity: 0 keeps the order by score, 1 looks at difference only.

    Returns:
        Positions into ``scores``, best first, shape (min(k, n),).
    """
    k = min(k, len(scores))
    if method == "none" or diversity == 0 or k <= 1:
        return np.argsort(-scores, kind="stable")[:k]
    import pyversity

    spread = float(np.ptp(scores))
    relevance = (scores - scores.min()) / spread if spread else np.ones(len(scores))
    result = pyversity.diversify(
        np.asarray(vectors, dtype=np.float32), relevance, k, strategy=method, diversity=diversity
    )
    return np.asarray(result.indices)
