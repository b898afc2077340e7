"""Candidates of all sources, ordered by fitted weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from agent.catalog import Catalog
from agent.ranking.log_linear import LogLinearRanker
from agent.recommendation import Candidate
from agent.retrieval import CandidateSource, Fused, Query

GENERATED = "generated"
_RANK_K = 20.0


def pool(
    lists: Sequence[Sequence[Candidate]],
    ranker: LogLinearRanker,
    sources: Sequence[CandidateSource],
    query: Query,
    catalog: Catalog,
    *,
    generated_weight: float = 1.0,
) -> tuple[Fused, ...]:
    """Everything that some source proposed, scored by all of them; ties by who proposed it first.

    Args:
        lists: What each source, and the language model, proposed.
        ranker: Fitted weights.
        sources: Those asked.
        query: What they were asked.
        catalog: The items.
        generated_weight: What the language model's list counts where the ranker was fitted without one.
    """
    ranker = replace(ranker, weights={GENERATED: generated_weight, **ranker.weights})
    proposed: dict[str, list[str]] = {}
    for found in lists:
        for candidate in found:
            proposed.setdefault(candidate.item_id, []).append(candidate.source)
    rows = np.array([catalog.row(item_id) for item_id in proposed], dtype=np.int64)
    scores = ranker.score(features(lists, sources, query, rows, catalog), len(rows))
    ids = list(proposed)
    return tuple(
        Fused(ids[i], float(scores[i]), tuple(dict.fromkeys(proposed[ids[i]])))
        for i in np.argsort(-scores, kind="stable")
    )


def features(
    lists: Sequence[Sequence[Candidate]],
    sources: Sequence[CandidateSource],
    query: Query,
    rows: np.ndarray,
    catalog: Catalog,
) -> Mapping[str, np.ndarray | None]:
    """What every source says of some items, by its name; shape (len(rows),) each.

    What the language model listed counts  20 / (20 + rank),  ranks from 1.
    """
    found: dict[str, np.ndarray | None] = {source.name: source.score(query, rows) for source in sources}
    generated = next((each for each in lists if each and each[0].source == GENERATED), ())
    places = {catalog.row(c.item_id): _RANK_K / (_RANK_K + rank) for rank, c in enumerate(generated, start=1)}
    found[GENERATED] = np.array([places.get(int(row), 0.0) for row in rows]) if places else None
    return found


def candidate_features(
    sources: Sequence[CandidateSource], query: Query, k: int, allowed: np.ndarray, catalog: Catalog
) -> tuple[np.ndarray, np.ndarray]:
    """What every source says of everything that some source proposes: what weights are fitted on.

    Args:
        sources: Those asked.
        query: What they are asked.
        k: Candidates taken from each.
        allowed: Which rows of the catalog may be returned, bool, shape (len(catalog),).
        catalog: The items.

    Returns:
        Rows of the catalog, ascending, shape (n,), and features in the order of the sources, 0 where one
        has nothing to say, shape (n, len(sources)).
    """
    lists = [source.retrieve(query, k, allowed) for source in sources]
    rows = np.unique([catalog.row(c.item_id) for found in lists for c in found]).astype(np.int64)
    said = features(lists, sources, query, rows, catalog) if len(rows) else {}
    columns = [said.get(source.name) for source in sources]
    filled = [np.zeros(len(rows)) if column is None else column for column in columns]
    return rows, np.column_stack(filled) if filled else np.empty((len(rows), 0))
