"""What is learned from who used what: the sources for users with a history, fitted, kept and loaded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from scipy import sparse

from agent.catalog import Catalog, Interaction
from agent.errors import FormatError
from agent.retrieval.cold_start import ColdStartSource
from agent.retrieval.collaborative import (
    AlsSource,
    EaseSource,
    ItemKnnSource,
    RecentSource,
    decayed_counts,
    user_groups,
)
from agent.retrieval.collaborative.saved import load_arrays, save_arrays
from agent.retrieval.graph import UserGraphSource
from agent.retrieval.habits import HabitsSource
from agent.retrieval.query import Query
from agent.retrieval.scored import ScoredSource

HISTORY_SOURCES = (
    RecentSource.name,
    "item_knn",
    EaseSource.name,
    AlsSource.name,
    HabitsSource.name,
    ColdStartSource.name,
    UserGraphSource.name,
)
"""The names of the sources that are fitted to interactions."""

_NAME = "groups"


@dataclass(frozen=True, slots=True)
class HistoryOptions:
    """How the sources are fitted; by default as was best before the test part of ``movies-history``.

    Attributes:
        recent_half_life: Days in which an event loses half its weight in ``recent``; None: it never does.
        rated: What a rating under 8 weighs there beside a like.
        half_life: The same for the groups that the collaborative sources learn from.
        recency: An item of the user's counts this much less for each newer one.
        asymmetry: Of ``item_knn``.
        shrinkage: Of ``item_knn``.
        ease: The regularisation of ``ease``.
        ease_minimum: How many users an item must have for ``ease`` to know it.
        factors: Of ``als``.
        als: The regularisation of ``als``.
        confidence: Of ``als``.
    """

    recent_half_life: float | None = 1.0
    rated: float = 0.0
    half_life: float | None = 10.0
    recency: float = 0.9
    asymmetry: float = 0.1
    shrinkage: float = 20.0
    ease: float = 1000.0
    ease_minimum: int = 5
    factors: int = 32
    als: float = 30.0
    confidence: float = 5.0


class HistoryModels:
    """The fitted sources over a catalog.

    Args:
        catalog: The items.
        groups: What each user likes, shape (users, len(catalog)); nobody is named.
        uses: How often each item was used at all, shape (len(catalog),).
        counts: The same, newer uses counting more.
        fitted: The sources that take time to fit.
        options: How they were fitted.
    """

    def __init__(
        self,
        catalog: Catalog,
        groups: sparse.csr_array,
        uses: np.ndarray,
        counts: np.ndarray,
        fitted: Sequence[EaseSource | AlsSource | ColdStartSource],
        options: HistoryOptions,
    ) -> None:
        self.catalog, self.options = catalog, options
        self._groups, self._uses, self._counts, self._fitted = groups, uses, counts, tuple(fitted)
        quick: tuple[ScoredSource, ...] = (
            RecentSource(catalog, counts),
            item_knn(catalog, groups, options),
            HabitsSource(catalog, uses),
            UserGraphSource(catalog, groups, recency=options.recency),
        )
        made = {source.name: source for source in (*quick, *fitted)}
        self.sources: dict[str, ScoredSource] = {n: made[n] for n in HISTORY_SOURCES if n in made}

    @property
    def unused(self) -> np.ndarray:
        """Which items nobody has used yet, bool, shape (len(catalog),)."""
        return np.asarray(self._uses == 0)

    @classmethod
    def fit(
        cls,
        catalog: Catalog,
        interactions: Sequence[Interaction],
        vectors: np.ndarray,
        options: HistoryOptions | None = None,
    ) -> HistoryModels:
        """Fit all sources; ``als`` is left out where the library ``implicit`` is not installed.

        Takes seconds: what EASE and ALS learn from is bounded by the 1,500 most used items and by 32 factors.

        Args:
            catalog: The items.
            interactions: Past events.
            vectors: Unit vectors of the items, shape (len(catalog), dimension).
            options: How.
        """
        options = options or HistoryOptions()
        groups = user_groups(catalog, interactions, half_life=options.half_life)
        uses = decayed_counts(catalog, interactions, None, rated=1.0)
        counts = decayed_counts(catalog, interactions, options.recent_half_life, rated=options.rated)
        fitted: list[EaseSource | AlsSource | ColdStartSource] = []
        if groups.nnz:
            fitted.append(ease(catalog, groups, options))
            if find_spec("implicit") is not None:
                fitted.append(als(catalog, groups, options))
            fitted.append(ColdStartSource.fit(catalog, vectors, groups))
        return cls(catalog, groups, uses, counts, fitted, options)

    @classmethod
    def fit_once(
        cls, catalog: Catalog, interactions: Sequence[Interaction], vectors: np.ndarray, cache_dir: Path
    ) -> HistoryModels:
        """As :meth:`fit`, kept in the cache folder for the next time."""
        has_als = find_spec("implicit") is not None
        digest = hashlib.sha256(f"{catalog.fingerprint} {HistoryOptions()} {has_als}".encode())
        digest.update(np.ascontiguousarray(vectors[:100]).tobytes())
        digest.update(events_checksum(interactions).encode())
        folder = cache_dir / "interactions" / digest.hexdigest()[:24]
        try:
            return cls.load(catalog, vectors, folder)
        except FormatError:
            models = cls.fit(catalog, interactions, vectors)
            models.save(folder)
            return models

    def newcomers(self, query: Query, k: int, allowed: np.ndarray) -> list[str]:
        """Ids of the ``k`` allowed items that nobody has used and that fit the user best, best first."""
        source = self.sources.get(ColdStartSource.name)
        scores = None if source is None else source.scores(query)
        if scores is None:
            return []
        rows = np.flatnonzero(allowed & self.unused)
        return [self.catalog[int(row)].id for row in rows[np.argsort(-scores[rows], kind="stable")[:k]]]

    def save(self, folder: Path, **provenance: object) -> None:
        """Write all models into a folder, with what they were fitted on."""
        arrays = {
            "ids": np.array([item.id for item in self.catalog]),
            "uses": self._uses,
            "counts": self._counts,
            "data": self._groups.data,
            "indices": self._groups.indices,
            "indptr": self._groups.indptr,
            "options": np.array(json.dumps(asdict(self.options))),
            "fitted": np.array([source.name for source in self._fitted], dtype=np.str_),
        }
        for source in self._fitted:
            source.save(folder, **provenance)
        # Written last: where it is there, all others are.
        save_arrays(folder, _NAME, arrays, provenance)

    @classmethod
    def load(cls, catalog: Catalog, vectors: np.ndarray, folder: Path) -> HistoryModels:
        """Read saved models; items that the catalog no longer has are left out.

        Raises:
            FormatError: a file is not there, or damaged.
        """
        names = ("ids", "uses", "counts", "data", "indices", "indptr", "options", "fitted")
        stored = load_arrays(folder, _NAME, names)
        places = [(i, catalog.row(str(item))) for i, item in enumerate(stored["ids"]) if str(item) in catalog]
        old, new = np.array(places, dtype=np.int64).reshape(-1, 2).T
        shape = (len(stored["indptr"]) - 1, len(stored["ids"]))
        groups = sparse.csr_array((stored["data"], stored["indices"], stored["indptr"]), shape=shape)
        moved = sparse.csr_array((np.ones(len(old), np.float32), (old, new)), shape=(shape[1], len(catalog)))
        uses, counts = np.zeros(len(catalog)), np.zeros(len(catalog))
        uses[new], counts[new] = stored["uses"][old], stored["counts"][old]
        fitted: list[EaseSource | AlsSource | ColdStartSource] = []
        for name in map(str, stored["fitted"]):
            if name == EaseSource.name:
                fitted.append(EaseSource.load(catalog, folder))
            elif name == AlsSource.name:
                fitted.append(AlsSource.load(catalog, folder))
            else:
                fitted.append(ColdStartSource.load(catalog, vectors, folder))
        options = HistoryOptions(**json.loads(str(stored["options"])))
        return cls(catalog, sparse.csr_array(groups @ moved), uses, counts, fitted, options)


def events_checksum(interactions: Sequence[Interaction]) -> str:
    """16 hex digits that change with any event or their order."""
    digest = hashlib.sha256()
    for e in interactions:
        digest.update(f"{e.user_id}\t{e.item_id}\t{e.event}\t{e.value}\t{e.timestamp}\n".encode())
    return digest.hexdigest()[:16]


def item_knn(catalog: Catalog, groups: sparse.csr_array, options: HistoryOptions) -> ItemKnnSource:
    """Item neighbours by the options."""
    return ItemKnnSource(
        catalog,
        groups,
        asymmetry=options.asymmetry,
        shrinkage=options.shrinkage,
        recency=options.recency,
    )


def ease(catalog: Catalog, groups: sparse.csr_array, options: HistoryOptions) -> EaseSource:
    """EASE by the options."""
    return EaseSource.fit(
        catalog, groups, regularisation=options.ease, minimum=options.ease_minimum, recency=options.recency
    )


def als(catalog: Catalog, groups: sparse.csr_array, options: HistoryOptions) -> AlsSource:
    """ALS by the options."""
    return AlsSource.fit(
        catalog,
        groups,
        factors=options.factors,
        regularisation=options.als,
        confidence=options.confidence,
        recency=options.recency,
    )
