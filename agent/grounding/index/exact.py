"""Exact search in this process."""

from __future__ import annotations

import numpy as np

from agent.grounding.index.base import nothing_found

_CHUNK_CELLS = 1 << 24
"""Similarities held at a time: 64 MiB in float32."""


class NumpyIndex:
    """Exact search by matrix products; the right one up to about a million rows.

    Args:
        vectors: Shape (n, d), float32; kept as they are, also when they are mapped from a file.
    """

    def __init__(self, vectors: np.ndarray) -> None:
        self._vectors = vectors

    def __len__(self) -> int:
        return len(self._vectors)

    def search(
        self, queries: np.ndarray, k: int, allowed: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """See VectorIndex."""
        queries = np.asarray(queries, dtype=np.float32)
        step = max(1, _CHUNK_CELLS // max(1, len(self)))
        parts = [
            _top(queries[start : start + step] @ self._vectors.T, k, allowed)
            for start in range(0, len(queries), step)
        ]
        if not parts:
            return np.empty((0, k), np.int64), np.empty((0, k), np.float32)
        return np.concatenate([rows for rows, _ in parts]), np.concatenate([scores for _, scores in parts])


def _top(scores: np.ndarray, k: int, allowed: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    if allowed is not None:
        scores[:, ~allowed] = -np.inf
    count, total = scores.shape
    rows, best = nothing_found(count, k)
    kept = min(k, total)
    if kept == 0:
        return rows, best
    floors = np.partition(scores, total - kept, axis=1)[:, total - kept]
    for place, floor in enumerate(floors):
        # All that tie with the k-th best are sorted, so that row order decides among them and not chance.
        near = np.flatnonzero((scores[place] >= floor) & (scores[place] > -np.inf))
        near = near[np.argsort(-scores[place, near], kind="stable")][:kept]
        rows[place, : len(near)] = near
        best[place, : len(near)] = scores[place, near]
    return rows, best
