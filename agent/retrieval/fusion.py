"""Many ranked lists into one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent.recommendation import Candidate


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
