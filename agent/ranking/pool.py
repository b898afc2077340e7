"""Candidates of all sources, ordered by fitted weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from agent.catalog import Catalog
from agent.ranking.boosted import LIBRARY_SIZE, BoostedRanker
from agent.ranking.log_linear import LogLinearRanker, weighted_sum
from agent.recommendation import Candidate
from agent.retrieval import CandidateSource, Fused, Query

GENERATED = "generated"
_RANK_K = 20.0

PLACED = ("neighbours", "own_neighbours", "word_neighbours", "co_mention")
"""Sources whose places count beside their scores: what past dialogues say of the present one.

A log-linear pool of scores alone is decided by how much one source is for an item; at the head of a list it
tells more that several put it among their first."""

_PLACE_K = 10.0


class Ranker(Protocol):
    """What scores candidates by the features that :func:`features` makes."""

    @property
    def name(self) -> str:
        """The kind that it is of."""
        ...

    @property
    def weights(self) -> Mapping[str, float]:
        """What each feature counts, by name, before anything else that the ranker knows."""
        ...

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the sources that are to be asked."""
        ...

    @property
    def provenance(self) -> Mapping[str, Any]:
        """What it was fitted on, and what that gave."""
        ...

    def score(self, features: Mapping[str, np.ndarray | None], n: int) -> np.ndarray:
        """Scores of the ``n`` items that there are to choose from, shape (n,)."""
        ...

    def save(self, path: Path) -> None:
        """Write it to a path that ends in ``.json``; :func:`load_ranker` reads it."""
        ...


def load_ranker(path: Path) -> Ranker:
    """Read a ranker of either kind.

    Raises:
        SettingsError: the file cannot be read or holds no weights.
        FormatError: the arrays beside it are damaged.
    """
    boosted = path.with_suffix(".npz").is_file()
    return BoostedRanker.load(path) if boosted else LogLinearRanker.load(path)


def pool(
    lists: Sequence[Sequence[Candidate]],
    ranker: Ranker,
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
    proposed: dict[str, list[str]] = {}
    for found in lists:
        for candidate in found:
            proposed.setdefault(candidate.item_id, []).append(candidate.source)
    rows = np.array([catalog.row(item_id) for item_id in proposed], dtype=np.int64)
    said = features(lists, sources, query, rows, catalog)
    scores = ranker.score(said, len(rows))
    if GENERATED not in ranker.weights:
        scores = scores + weighted_sum({GENERATED: generated_weight}, said, len(rows))
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
    """What every source says of some items, by its name, and the library's size; shape (len(rows),) each.

    The places in the lists of :data:`PLACED` sources count  10 / (10 + rank),  ranks from 1, by the names of
    :func:`feature_names`; those in the language model's list  20 / (20 + rank).
    """
    found: dict[str, np.ndarray | None] = {source.name: source.score(query, rows) for source in sources}
    listed = {each[0].source: each for each in lists if each}
    found[GENERATED] = _places(listed.get(GENERATED, ()), rows, catalog, _RANK_K)
    found |= {_place(name): _places(listed.get(name, ()), rows, catalog, _PLACE_K) for name in PLACED}
    found[LIBRARY_SIZE] = np.full(len(rows), library_size(query))
    return found


def library_size(query: Query) -> float:
    """The logarithm of how many items a user used or liked, and one."""
    return float(np.log1p(len({*query.used, *query.items})))


def feature_names(sources: Iterable[str]) -> tuple[str, ...]:
    """The features of sources, by their names: what each says, and the places that some of them give."""
    names = tuple(sources)
    return (*names, *(_place(name) for name in names if name in PLACED))


def _place(source: str) -> str:
    return f"{source}_place"


def _places(listed: Sequence[Candidate], rows: np.ndarray, catalog: Catalog, k: float) -> np.ndarray | None:
    """What the places of some items in a list count, 0 for those not in it; None where there is no list."""
    places = {catalog.row(c.item_id): k / (k + rank) for rank, c in enumerate(listed, start=1)}
    return np.array([places.get(int(row), 0.0) for row in rows]) if places else None


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
        Rows of the catalog, ascending, shape (n,), and features in the order of :func:`feature_names`, 0
        where a source has nothing to say, shape (n, features).
    """
    lists = [source.retrieve(query, k, allowed) for source in sources]
    rows = np.unique([catalog.row(c.item_id) for found in lists for c in found]).astype(np.int64)
    said = features(lists, sources, query, rows, catalog) if len(rows) else {}
    columns = [said.get(name) for name in feature_names(source.name for source in sources)]
    filled = [np.zeros(len(rows)) if column is None else column for column in columns]
    return rows, np.column_stack(filled) if filled else np.empty((len(rows), 0))
