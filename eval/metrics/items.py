"""What metrics know of the items: how often each was used before, its categories, its embedding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from agent.catalog import Catalog
from eval.errors import MetricError


@dataclass(frozen=True)
class ItemFacts:
    """Facts of the catalog's items, in the catalog's order.

    Attributes:
        index: Row of each item id.
        counts: Interactions (or mentions) of each item in the memory that the systems may learn from,
            shape (items,). Never those of the rows being measured.
        categories: 1 where an item has a category, shape (items, categories).
        embeddings: Unit vectors, shape (items, d), all zeros for an item without text; None where
            nothing was embedded.
    """

    index: Mapping[str, int]
    counts: np.ndarray
    categories: sparse.csr_array
    embeddings: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.index)

    @classmethod
    def of(
        cls,
        catalog: Catalog,
        *,
        counts: Mapping[str, float] | None = None,
        embeddings: np.ndarray | None = None,
    ) -> ItemFacts:
        """Collect the facts of a catalog.

        Args:
            catalog: The catalog.
            counts: Uses of each item id in the memory, 0 where an id is missing; the catalog's own
                popularity where not given.
            embeddings: One vector an item in the catalog's order, any length, shape (items, d).

        Raises:
            MetricError: the embeddings are not one vector an item, or a count is negative.
        """
        used = catalog.popularity if counts is None else [counts.get(item.id, 0) for item in catalog]
        used = np.asarray(used, dtype=np.float64)
        if (used < 0).any():
            raise MetricError("an item has a negative count", where=f"catalog {catalog.name!r}")
        if embeddings is not None:
            if embeddings.ndim != 2 or len(embeddings) != len(catalog):
                raise MetricError(
                    f"embeddings of shape {embeddings.shape} for {len(catalog)} items",
                    where=f"catalog {catalog.name!r}",
                    hint="Pass one vector an item, in the catalog's order",
                )
            embeddings = _unit(np.asarray(embeddings, dtype=np.float64))
        columns = {name: column for column, name in enumerate(catalog.categories)}
        pairs = [(row, columns[c]) for row, item in enumerate(catalog) for c in set(item.categories)]
        rows, cols = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        shape = (len(catalog), len(columns))
        categories = sparse.csr_array((np.ones(len(rows)), (rows, cols)), shape=shape)
        return cls({item.id: row for row, item in enumerate(catalog)}, used, categories, embeddings)


def _unit(vectors: np.ndarray) -> np.ndarray:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(norms == 0, 1, norms)
