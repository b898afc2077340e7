"""Order fused candidates by what retrieval, the language model and stated preferences say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from agent.catalog import Catalog, Item
from agent.context import fold
from agent.retrieval import Fused, standardise

_FACET_WEIGHT = 0.75


def combine(
    fused: Sequence[Fused],
    catalog: Catalog,
    facets: Mapping[tuple[str, str], float],
    pmi: np.ndarray | None = None,
    *,
    pmi_weight: float = 1.0,
    popularity_weight: float = 0.0,
    preference: np.ndarray | None = None,
) -> tuple[Fused, ...]:
    """Re-order candidates by  z(fusion) + w z(PMI) + v z(log(1 + popularity)) + 0.75 facets + preference.

    Args:
        fused: Candidates with fused scores, best first.
        catalog: The catalog they are from.
        facets: Weights (-2..2) of (field, value) pairs, such as ("categories", "Western").
        pmi: Model scores of the first len(pmi) candidates; the others keep their places behind them.
        pmi_weight: w.
        popularity_weight: v.
        preference: What each candidate is given for what was let known, shape (len(fused),); None: nothing.
    """
    head = fused[: len(pmi)] if pmi is not None and len(pmi) else fused
    tail = fused[len(head) :]
    scores = standardise(np.array([f.score for f in head]))
    if pmi is not None and len(pmi):
        scores = scores + pmi_weight * standardise(np.asarray(pmi, dtype=np.float64))
    if popularity_weight:
        popularity = np.log1p([catalog.item(f.item_id).popularity for f in head])
        scores = scores + popularity_weight * standardise(popularity)
    if facets:
        bonus = np.array([facet_score(catalog.item(f.item_id), facets) for f in head])
        scores = scores + _FACET_WEIGHT * bonus
    if preference is not None:
        scores = scores + preference[: len(head)]
    order = np.argsort(-scores, kind="stable")
    ranked = tuple(Fused(head[i].item_id, float(scores[i]), head[i].sources) for i in order)
    floor = ranked[-1].score if ranked else 0.0
    return ranked + tuple(Fused(f.item_id, floor - 1.0 + f.score, f.sources) for f in tail)


def facet_score(item: Item, facets: Mapping[tuple[str, str], float]) -> float:
    """The sum of the weights of the facets an item has."""
    total = 0.0
    for (field, value), weight in facets.items():
        actual = item.get(field)
        values = actual if isinstance(actual, (tuple, list)) else (actual,)
        total += weight * (fold(value) in {fold(v) for v in values if v is not None})
    return total
