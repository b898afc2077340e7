"""Which items of a catalog may be recommended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import combinations

import numpy as np

from agent.catalog import Catalog
from agent.context import Constraint

_REMEMBERED = 256
_MOST_DROPPED = 4
"""Demands that are offered to be dropped at once; where that is not enough, none are."""
_COVERED = 0.8
"""Share of items with categories from which one without any can be held to have none of those asked for."""


class Filters:
    """Masks over a catalog's rows; those of recent constraints are remembered.

    Where more than a fifth of the catalog has no category at all, items without any are not held back when
    a category is asked for: they are of unknown kind, and often what was meant.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.allows = lru_cache(_REMEMBERED)(self._allows)

    def _allows(self, constraint: Constraint) -> np.ndarray:
        items = self._catalog
        allowed = np.fromiter((constraint.allows(item) for item in items), dtype=bool, count=len(items))
        asks_for_category = constraint.field == "categories" and constraint.op == "in"
        if asks_for_category and self._has_category.mean() < _COVERED:
            allowed |= ~self._has_category
        return allowed

    @cached_property
    def _has_category(self) -> np.ndarray:
        return np.fromiter((bool(item.categories) for item in self._catalog), dtype=bool)

    def mask(self, constraints: Iterable[Constraint], known: Iterable[str] = ()) -> np.ndarray:
        """The rows that meet every constraint and are not among ``known`` ids; bool, shape (len(catalog),).

        Raises:
            ConstraintError: a constraint cannot be compared with the catalog's values.
        """
        mask = np.ones(len(self._catalog), dtype=bool)
        for constraint in constraints:
            mask &= self.allows(constraint)
        mask[[self._catalog.row(i) for i in known if i in self._catalog]] = False
        return mask

    def relaxations(
        self, constraints: Sequence[Constraint], known: Iterable[str] = ()
    ) -> tuple[tuple[tuple[Constraint, ...], int], ...]:
        """The fewest demands to drop so that anything is left: (their constraints, items), most items first.

        A demand is what the same words ask of a field ("from the 90s" is two constraints).
        """
        demands: dict[tuple[str, str], list[Constraint]] = {}
        for constraint in constraints:
            demands.setdefault((constraint.field, constraint.text or str(constraint)), []).append(constraint)
        known = tuple(known)
        masks = [self.mask(of_one) for of_one in demands.values()]
        unknown = self.mask((), known)
        for size in range(1, min(len(masks), _MOST_DROPPED) + 1):
            found = []
            for dropped in combinations(range(len(masks)), size):
                kept = [mask for i, mask in enumerate(masks) if i not in dropped]
                if left := int(np.logical_and.reduce([unknown, *kept]).sum()):
                    groups = list(demands.values())
                    found.append((tuple(c for i in dropped for c in groups[i]), left))
            if found:
                return tuple(sorted(found, key=lambda pair: -pair[1]))
        return ()
