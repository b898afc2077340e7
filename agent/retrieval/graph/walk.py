"""Random walks with restart on a sparse graph."""

from __future__ import annotations

import numpy as np
from scipy import sparse

RESTART = 0.15
STEPS = 10


def personalised_pagerank(
    edges: sparse.csr_array,
    start: np.ndarray,
    *,
    restart: float = RESTART,
    steps: int = STEPS,
    without: int | None = None,
) -> np.ndarray:
    """How often a walk that begins at ``start``, and returns there at times, is at each node.

        p <- c s + (1 - c) Wᵀ D⁻¹ p,    p_0 = s

    for a few steps: what is left out is at most (1 - c)^(steps + 1) of the whole. Sources: Haveliwala,
    Topic-sensitive PageRank, WWW 2002; Jeh and Widom, Scaling personalized web search, WWW 2003.

    Args:
        edges: W, symmetric, at least 0, shape (nodes, nodes).
        start: s, shape (nodes,); negative entries repel, since the walk is linear in s.
        restart: c, from 0 to 1.
        steps: How often the walk moves.
        without: A node that is to be taken as if it were not in the graph.

    Returns:
        Shape (nodes,).
    """
    degrees = degrees_of(edges, without)
    inverse = np.divide(1.0, degrees, out=np.zeros_like(degrees), where=degrees > 0)
    ranks = start = np.asarray(start, dtype=np.float64)
    for _ in range(steps):
        ranks = restart * start + (1 - restart) * (edges @ (ranks * inverse))
        if without is not None:
            ranks[without] = 0.0
    return ranks


def degrees_of(edges: sparse.csr_array, without: int | None = None) -> np.ndarray:
    """Sums of the weights of each node's edges, but for those to ``without``, shape (nodes,)."""
    degrees = np.asarray(edges.sum(axis=0), dtype=np.float64)
    if without is not None:
        first, last = edges.indptr[without], edges.indptr[without + 1]
        degrees[edges.indices[first:last]] -= edges.data[first:last]
        degrees[without] = 0.0
    return degrees
