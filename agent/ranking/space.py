"""Items by what is said of them and by what they are: where likeness of taste is measured."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from agent.catalog import Catalog

_NEAREST = 10
_PAIRS = 2000
_ALIKE = 0.9
_PRIOR = 3
"""So many liked items, or pairs of them, does what is typical of the catalog weigh."""


class ItemSpace:
    """Points of items: half the embedding of their text, half their categories.

    The likeness of two items is  (cos of their embeddings + cos of their categories) / 2.  Titles alone say
    too little of taste: on ``movies-history``, groups of what people like found by embeddings alone foretell
    what they like next worse than no groups.

    Args:
        catalog: The items.
        vectors: Unit vectors of their texts, shape (len(catalog), dimension).
    """

    def __init__(self, catalog: Catalog, vectors: np.ndarray) -> None:
        self.catalog = catalog
        self._vectors = vectors
        self._columns = {name: column for column, name in enumerate(catalog.categories)}

    def categories(self, rows: Sequence[int] | np.ndarray) -> np.ndarray:
        """Which item has which category: 0 or 1, shape (len(rows), len(catalog.categories))."""
        has = np.zeros((len(rows), len(self._columns)))
        for place, row in enumerate(rows):
            has[place, [self._columns[name] for name in self.catalog[int(row)].categories]] = 1
        return has

    def points(self, rows: Sequence[int] | np.ndarray) -> np.ndarray:
        """Unit vectors, shape (len(rows), dimension + len(catalog.categories))."""
        return _join(np.asarray(self._vectors[rows], dtype=np.float64), self.categories(rows))

    def place(self, vector: np.ndarray) -> np.ndarray:
        """Where a text would be: its unit embedding, with the categories of the ten items nearest to it."""
        nearest = np.argsort(-(self._vectors @ vector), kind="stable")[:_NEAREST]
        return _join(np.asarray(vector, dtype=np.float64)[None], self.categories(nearest).mean(axis=0)[None])[
            0
        ]

    @cached_property
    def likeness(self) -> float:
        """The cosine that one in ten pairs of items reach, from 2,000 pairs that are always the same."""
        pairs = np.random.default_rng(0).integers(0, len(self.catalog), (_PAIRS, 2))
        pairs = pairs[pairs[:, 0] != pairs[:, 1]]
        if not len(pairs):
            return 1.0
        cosines = np.einsum("nd,nd->n", self.points(pairs[:, 0]), self.points(pairs[:, 1]))
        return float(np.quantile(cosines, _ALIKE))

    def breadth(self, rows: Sequence[int] | np.ndarray) -> float:
        """How far the categories of some items are apart, against any two of the catalog: 1 is typical.

        The mean of 1 - cos over their pairs, three typical pairs added, divided by the typical distance;
        items without categories are left out. 1 where categories tell nothing.
        """
        units = _described(self.categories(rows))
        pairs = len(units) * (len(units) - 1) / 2
        if not self._distance:
            return 1.0
        apart = pairs - ((units.sum(axis=0) ** 2).sum() - len(units)) / 2
        return float((apart / self._distance + _PRIOR) / (pairs + _PRIOR))

    def taste(self, rows: Sequence[int] | np.ndarray) -> np.ndarray | None:
        """How a user's likes are spread over categories, shape (len(catalog.categories),), sum 1.

        Each liked item spreads 1 over its categories, and three of the catalog's average are added; None
        where fewer than three have any.
        """
        has = self.categories(rows)
        has = has[has.any(axis=1)]
        if len(has) < _PRIOR:
            return None
        spread = (has / has.sum(axis=1, keepdims=True)).sum(axis=0)
        return np.asarray((spread + _PRIOR * self._average) / (len(has) + _PRIOR))

    @cached_property
    def _average(self) -> np.ndarray:
        """The mean of 1 / (number of its categories) over the items that have any, shape (c,)."""
        return self._mean(1.0)

    @cached_property
    def _distance(self) -> float:
        """1 - cos of two items' categories on average; 0 where no item has any."""
        return float(1 - (self._mean(0.5) ** 2).sum()) if self._columns else 0.0

    def _mean(self, power: float) -> np.ndarray:
        """The mean of the items' categories, each item's divided by their number to some power."""
        total, described = np.zeros(len(self._columns)), 0
        for item in self.catalog:
            if item.categories:
                total[[self._columns[name] for name in item.categories]] += len(item.categories) ** -power
                described += 1
        return total / max(described, 1)


def _described(has: np.ndarray) -> np.ndarray:
    """Category vectors at length 1, of the rows that have any."""
    has = has[has.any(axis=1)]
    return np.asarray(has / np.sqrt((has**2).sum(axis=1, keepdims=True)))


def _join(vectors: np.ndarray, categories: np.ndarray) -> np.ndarray:
    lengths = np.sqrt((categories**2).sum(axis=1, keepdims=True))
    joined = np.concatenate([vectors, categories / np.where(lengths, lengths, 1)], axis=1)
    lengths = np.linalg.norm(joined, axis=1, keepdims=True)
    return np.asarray(joined / np.where(lengths, lengths, 1))
