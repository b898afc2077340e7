"""Many ranked lists into one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agent.recommendation import Candidate

FEW = 10
"""Up to so many items are all candidates, and their scores tell more than their ranks."""


@dataclass(frozen=True, slots=True)
class Fused:
    """An item with its fused score and the sources that proposed it, in the order they were given."""

    item_id: str
    score: float
    sources: tuple[str, ...]


def reciprocal_rank_fusion(
    lists: Iterable[Sequence[Candidate]], *, k: float = 20.0, weights: Mapping[str, float] | None = None
) -> tuple[Fused, ...]:
    """Fuse ranked lists:  score(i) = sum over sources s of  w_s / (k + rank_s(i)),  ranks from 1.

    Cormack, Clarke and Buettcher, SIGIR 2009. A source with weight 0 is left out. Ties keep the order
    in which items were first proposed.
    """
    weights = weights or {}
    scores: dict[str, float] = {}
    sources: dict[str, list[str]] = {}
    for candidates in lists:
        for rank, candidate in enumerate(candidates, start=1):
            weight = weights.get(candidate.source, 1.0)
            if weight:
                scores[candidate.item_id] = scores.get(candidate.item_id, 0.0) + weight / (k + rank)
                sources.setdefault(candidate.item_id, []).append(candidate.source)
    ordered = sorted(scores, key=lambda item_id: -scores[item_id])
    return tuple(Fused(i, scores[i], tuple(dict.fromkeys(sources[i]))) for i in ordered)


def score_fusion(
    lists: Iterable[Sequence[Candidate]], *, weights: Mapping[str, float] | None = None
) -> tuple[Fused, ...]:
    """Add up standardised scores:  score(i) = sum over sources s of  w_s z(s(i)).

    Fox and Shaw's CombSUM (TREC-2, 1994) on z-scores. z standardises over all items that some source
    proposed; one that a source left out has its score 0, or its lowest where that is below. A source that
    scores all alike adds nothing, and one with weight 0 is left out. Ties keep the order in which items
    were first proposed.
    """
    weights = weights or {}
    found = {each[0].source: each for each in lists if each and weights.get(each[0].source, 1.0)}
    place: dict[str, int] = {}
    sources: list[list[str]] = []
    for candidate in (candidate for each in found.values() for candidate in each):
        if place.setdefault(candidate.item_id, len(sources)) == len(sources):
            sources.append([])
        sources[place[candidate.item_id]].append(candidate.source)
    total = np.zeros(len(place))
    for source, each in found.items():
        scores = np.full(len(place), min(0.0, each[-1].score))
        scores[[place[candidate.item_id] for candidate in each]] = [candidate.score for candidate in each]
        total += weights.get(source, 1.0) * standardise(scores)
    ids = list(place)
    return tuple(Fused(ids[i], float(total[i]), tuple(sources[i])) for i in np.argsort(-total, kind="stable"))


def standardise(values: np.ndarray) -> np.ndarray:
    """Zero mean and unit variance; zeros where all values are equal."""
    deviation = float(values.std()) if len(values) else 0.0
    return (values - values.mean()) / deviation if deviation > 1e-9 else np.zeros_like(values)
