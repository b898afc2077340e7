"""Approximate search in this process, by faiss."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from agent.errors import ModelError
from agent.grounding.index.base import content_hash
from agent.grounding.index.exact import NumpyIndex


class FaissIndex:
    """Approximate search in a hierarchical navigable small-world graph (Malkov & Yashunin, 2018).

    Args:
        vectors: Shape (n, d), float32, L2-normalised.
        neighbours: Links per node (M); more is slower and more exact.
        build: Breadth of the search while building (efConstruction).
        breadth: Breadth of a query's search (efSearch), at least k; filters widen it.
        folder: Where the graph is kept, since building it takes minutes for 100,000 vectors; None: nowhere.

    Raises:
        ModelError: faiss is not installed.
    """

    def __init__(
        self,
        vectors: np.ndarray,
        *,
        neighbours: int = 32,
        build: int = 200,
        breadth: int = 128,
        folder: Path | None = None,
    ) -> None:
        self._faiss = _import_faiss()
        self._vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        self._breadth = breadth
        file = None
        if folder is not None and len(self):
            file = folder / f"{content_hash(self._vectors)}-{neighbours}-{build}.faiss"
        self._index = self._kept(file) or self._built(neighbours, build, file)

    def __len__(self) -> int:
        return len(self._vectors)

    def _kept(self, file: Path | None) -> Any:
        """The graph in a file; None where there is none, or it is damaged."""
        if file is None or not file.is_file():
            return None
        try:
            index = self._faiss.read_index(str(file))
        except RuntimeError:
            return None
        return index if (index.ntotal, index.d) == self._vectors.shape else None

    def _built(self, neighbours: int, build: int, file: Path | None) -> Any:
        """A new graph, which is kept in a file."""
        count, dimension = self._vectors.shape
        index = self._faiss.IndexHNSWFlat(dimension, neighbours, self._faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = build
        if count:
            index.add(self._vectors)
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=file.parent, suffix=".tmp")
            os.close(handle)
            self._faiss.write_index(index, temporary)
            os.replace(temporary, file)
        return index

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
