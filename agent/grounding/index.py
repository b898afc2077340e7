"""Nearest vectors among many: exact with numpy, approximate with faiss."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from agent.errors import ModelError

_CHUNK_CELLS = 1 << 24
"""Similarities held at a time: 64 MiB in float32."""


class VectorIndex(Protocol):
    """Finds the rows whose vectors have the largest inner products with a query."""

    def __len__(self) -> int: ...

    def search(
        self, queries: np.ndarray, k: int, allowed: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The k best rows of each query, best first.

        Args:
            queries: Shape (q, d).
            k: How many rows a query gets.
            allowed: Boolean mask over the rows, shape (n,): others are never returned. None: all rows.

        Returns:
            Rows (int64) and inner products (float32), both of shape (q, k). Where fewer than k rows are
            allowed the rest is row -1 with a score of minus infinity. Equal scores come in row order.
        """
        ...


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
    rows = np.full((count, k), -1, dtype=np.int64)
    best = np.full((count, k), -np.inf, dtype=np.float32)
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


class FaissIndex:
    """Approximate search in a hierarchical navigable small-world graph (Malkov & Yashunin, 2018).

    Args:
        vectors: Shape (n, d), float32, L2-normalised.
        neighbours: Links per node (M); more is slower and more exact.
        build: Breadth of the search while building (efConstruction).
        breadth: Breadth of a query's search (efSearch), at least k; filters widen it.

    Raises:
        ModelError: faiss is not installed.
    """

    def __init__(
        self, vectors: np.ndarray, *, neighbours: int = 32, build: int = 200, breadth: int = 128
    ) -> None:
        self._faiss = _import_faiss()
        self._vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        self._breadth = breadth
        count, dimension = self._vectors.shape
        self._index = self._faiss.IndexHNSWFlat(dimension, neighbours, self._faiss.METRIC_INNER_PRODUCT)
        self._index.hnsw.efConstruction = build
        if count:
            self._index.add(self._vectors)

    def __len__(self) -> int:
        return len(self._vectors)

    def search(
        self, queries: np.ndarray, k: int, allowed: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """See VectorIndex. Where the filter leaves few rows, those are searched exactly."""
        queries = np.ascontiguousarray(queries, dtype=np.float32)
        left = len(self) if allowed is None else int(allowed.sum())
        breadth = max(self._breadth, k)
        # A graph walk under a filter visits about breadth * n / left nodes, and misses what it cannot reach.
        if left <= max(k, 10 * breadth):
            return self._exact(queries, k, allowed)
        parameters: dict[str, Any] = {"efSearch": breadth}
        selector = None
        if allowed is not None:
            selector = self._faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
            parameters |= {"sel": selector, "efSearch": min(left, breadth * max(1, len(self) // left))}
        scores, rows = self._index.search(
            queries, min(k, left), params=self._faiss.SearchParametersHNSW(**parameters)
        )
        scores = np.where(rows < 0, -np.inf, scores).astype(np.float32)
        order = np.lexsort((rows, -scores), axis=1)
        padding = ((0, 0), (0, k - rows.shape[1]))
        return (
            np.pad(np.take_along_axis(rows, order, axis=1), padding, constant_values=-1),
            np.pad(np.take_along_axis(scores, order, axis=1), padding, constant_values=-np.inf),
        )

    def _exact(
        self, queries: np.ndarray, k: int, allowed: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        kept = np.arange(len(self)) if allowed is None else np.flatnonzero(allowed)
        rows, scores = NumpyIndex(self._vectors[kept]).search(queries, k)
        originals = np.append(kept, -1)
        return originals[rows], scores


def _import_faiss() -> Any:
    try:
        import faiss
    except ImportError as error:
        raise ModelError("faiss is not installed", hint="run: pip install 'groundrec[faiss]'") from error
    return faiss
