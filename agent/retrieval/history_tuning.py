"""Options of the collaborative sources, each tried alone on users that nothing was fitted to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
from scipy import sparse

from agent.catalog import Catalog, Interaction
from agent.retrieval.collaborative import RecentSource, decayed_counts, user_groups
from agent.retrieval.history import HistoryOptions, als, ease, item_knn
from agent.retrieval.query import Query
from agent.retrieval.scored import ScoredSource

_CUTOFF = 10

_EASE = ((20.0, 1), (100.0, 1), (50.0, 5), (200.0, 5), (1000.0, 5))
"""Regularisations and minima; where most items have few users, little can be left out."""

_ALS = ((8, 1.0, 5.0), (16, 10.0, 2.0), (32, 30.0, 5.0), (64, 10.0, 20.0), (64, 30.0, 40.0))
"""Factors, regularisations and confidences; those of many factors are for libraries of few items each."""

Tried = Sequence[tuple[Query, np.ndarray, np.ndarray]]
"""Users as (query, rows that may be recommended, rows that are right)."""

Period = tuple[Sequence[Interaction], Tried]
"""What was known at a moment, and who is asked then."""


def tune(catalog: Catalog, periods: Sequence[Period]) -> HistoryOptions:
    """The options with which each source, alone, has the highest mean NDCG@10.

    What counts as recent is chosen first, then how fast groups and a user's own likes age with the item
    neighbours, then the regularisation of each model, which is tried in the last period only. Where no event
    has a time, nothing ages.

    Args:
        catalog: The items.
        periods: Oldest first; what is used changes between them, so that one alone would say little.
    """
    timed = any(event.timestamp is not None for before, _ in periods for event in before)
    best = _best(
        [
            replace(HistoryOptions(), recent_half_life=days, rated=rated)
            for days in ((1.0, 3.0, 7.0, 30.0, None) if timed else (None,))
            for rated in (0.0, 0.5, 1.0)
        ],
        lambda options, before: RecentSource(
            catalog,
            decayed_counts(catalog, before, options.recent_half_life, rated=options.rated),
        ),
        periods,
    )
    kept: dict[tuple[int, float | None], sparse.csr_array] = {}

    def groups(options: HistoryOptions, before: Sequence[Interaction]) -> sparse.csr_array:
        key = (id(before), options.half_life)
        if key not in kept:
            kept[key] = user_groups(catalog, before, half_life=options.half_life)
        return kept[key]

    def near(options: HistoryOptions, before: Sequence[Interaction]) -> ScoredSource:
        return item_knn(catalog, groups(options, before), options)

    best = _best(
        [
            replace(best, half_life=days, recency=recency)
            for days in ((10.0, 30.0, None) if timed else (None,))
            for recency in ((0.9, 1.0) if timed else (1.0,))
        ],
        near,
        periods,
    )
    best = _best(
        [
            replace(best, shrinkage=shrinkage, asymmetry=asymmetry)
            for shrinkage in (5.0, 20.0, 50.0)
            for asymmetry in (0.1, 0.3, 0.5)
        ],
        near,
        periods[-1:],
    )
    best = _best(
        [replace(best, ease=value, ease_minimum=minimum) for value, minimum in _EASE],
        lambda options, before: ease(catalog, groups(options, before), options),
        periods[-1:],
    )
    if find_spec("implicit") is None:
        return best
    return _best(
        [replace(best, factors=f, als=reg, confidence=c) for f, reg, c in _ALS],
        lambda options, before: als(catalog, groups(options, before), options),
        periods[-1:],
    )


def _best(
    options: Sequence[HistoryOptions],
    make: Callable[[HistoryOptions, Sequence[Interaction]], ScoredSource],
    periods: Sequence[Period],
) -> HistoryOptions:
    def mean(each: HistoryOptions) -> float:
        return float(np.mean([_ndcg(make(each, before), users) for before, users in periods]))

    return max(options, key=mean)


def _ndcg(source: ScoredSource, users: Tried) -> float:
    gains = 1 / np.log2(np.arange(2, _CUTOFF + 2))
    total = 0.0
    for query, allowed, right in users:
        scores = source.scores(query)
        if scores is not None:
            scores = np.where(allowed, scores, -np.inf)
            best = np.argsort(-scores, kind="stable")[:_CUTOFF]
            total += gains[: len(best)][np.isin(best, right)].sum() / gains[: len(right)].sum()
    return total / max(1, len(users))
