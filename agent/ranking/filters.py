"""Which items of a catalog may be recommended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from agent.catalog import Catalog
from agent.context import Constraint

_REMEMBERED = 256


class Filters:
    """Masks over a catalog's rows; those of recent constraints are remembered."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.allows = lru_cache(_REMEMBERED)(self._allows)

    def _allows(self, constraint: Constraint) -> np.ndarray:
        items = self._catalog
        return np.fromiter((constraint.allows(item) for item in items), dtype=bool, count=len(items))

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
    ) -> tuple[tuple[Constraint, int], ...]:
        """What dropping each constraint alone would leave: (constraint, items), most first, none at 0."""
        known = tuple(known)
        left = [(c, int(self.mask([o for o in constraints if o is not c], known).sum())) for c in constraints]
        return tuple(sorted((pair for pair in left if pair[1]), key=lambda pair: -pair[1]))
