"""What every vector index does."""

from __future__ import annotations

import hashlib
from typing import Protocol

import numpy as np

_HASHED = 1 << 16
"""Rows hashed at a time."""


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


def nothing_found(queries: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The answer to queries that no row is allowed for: rows and scores of shape (queries, k)."""
    return np.full((queries, k), -1, dtype=np.int64), np.full((queries, k), -np.inf, dtype=np.float32)


def content_hash(vectors: np.ndarray) -> str:
    """Twenty hex digits that differ where vectors do; they may be mapped from a file."""
    digest = hashlib.blake2b(repr(vectors.shape).encode(), digest_size=10)
    for start in range(0, len(vectors), _HASHED):
        digest.update(np.ascontiguousarray(vectors[start : start + _HASHED], dtype=np.float32).data)
    return digest.hexdigest()
