"""Many lists of candidates into one, by what fits the request: fitted weights, scores or ranks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agent.parts import Parts
from agent.prompted import few
from agent.ranking import Ranker, pool
from agent.recommendation import Candidate
from agent.retrieval import (
    HISTORY_SOURCES,
    CandidateSource,
    Fused,
    Query,
    reciprocal_rank_fusion,
    score_fusion,
)
from agent.settings import Strategy
from agent.trace import Stage

_TRUST_IN_THE_LIST = 0.5
"""What the model's list counts beside fitted weights: from 1 on, that of a small model costs hits."""


def fuse(
    parts: Parts,
    lists: Sequence[Sequence[Candidate]],
    sources: Sequence[CandidateSource],
    query: Query,
    allowed: np.ndarray,
    strategy: Strategy,
    stage: Stage,
) -> tuple[tuple[Fused, ...], Strategy]:
    """One list of many, and the strategy with the weights that go with how they were fused."""
    ranker = _ranker(parts, strategy, lists)
    if ranker is not None:
        stage.inputs = {"fusion": "fitted", "ranker": ranker.name, "weights": dict(ranker.weights)}
        trust = strategy.weights.get("generated", _TRUST_IN_THE_LIST)
        fused = pool(lists, ranker, sources, query, parts.catalog, generated_weight=trust)
        return fused, strategy.weighed("fitted")
    by_score = strategy.fusion == "scores" or (strategy.fusion == "auto" and few(allowed))
    strategy = strategy.weighed("scores" if by_score else "rrf", described=parts.described)
    stage.inputs = {"fusion": strategy.fusion, "weights": strategy.weights}
    if by_score:
        return score_fusion(lists, weights=strategy.weights), strategy
    return reciprocal_rank_fusion(lists, k=strategy.fusion_k, weights=strategy.weights), strategy


def _ranker(parts: Parts, strategy: Strategy, lists: Sequence[Sequence[Candidate]]) -> Ranker | None:
    """The fitted weights that apply; None where there are none."""
    if strategy.fusion in ("rrf", "scores"):
        return None
    spoke = {found[0].source for found in lists if found}
    if spoke.intersection(HISTORY_SOURCES):
        return parts.history_ranker
    if strategy.fusion == "fitted" or "neighbours" in spoke:
        return parts.ranker
    return parts.titles_ranker
