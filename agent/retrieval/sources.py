"""Candidate sources: each proposes items of the catalog for a query, best first."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from agent.catalog import Catalog
from agent.grounding.embedder import Embedder
from agent.grounding.index import VectorIndex
from agent.recommendation import Candidate
from agent.retrieval.query import Query


class CandidateSource(Protocol):
    """One way of finding candidates.

    ``allowed`` is a boolean mask over the catalog's rows, shape (len(catalog),): items outside it
    must not be returned. A source that has nothing to say returns nothing.
    """

    name: str

    def retrieve(self, query: Query, k: int, allowed: np.ndarray) -> tuple[Candidate, ...]:
        """At most ``k`` candidates, best first, with the source's own scores (higher is better)."""
        ...


class PopularitySource:
    """The most used items; the same for everybody."""

    name = "popularity"

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._order = np.argsort(-catalog.popularity, kind="stable")

    def retrieve(self, query: Query, k: int, allowed: np.ndarray) -> tuple[Candidate, ...]:
        """The ``k`` most popular items that are allowed; the score is the popularity."""
        rows = self._order[allowed[self._order]][:k]
        return _candidates(self._catalog, rows, self._catalog.popularity[rows], self.name)


class EmbeddingSource:
    """Items whose text is near the wish, and away from what is to be less of it.

    The query vector is  w - 0.5 less,  each part L2-normalised.
    """

    name = "embedding"
    _negative = 0.5

    def __init__(self, catalog: Catalog, embedder: Embedder, index: VectorIndex) -> None:
        self._catalog, self._embedder, self._index = catalog, embedder, index

    def retrieve(self, query: Query, k: int, allowed: np.ndarray) -> tuple[Candidate, ...]:
        """The ``k`` items nearest to the query vector; the score is the cosine."""
        if not query.text:
            return ()
        vector = self._embedder.encode([query.text])[0]
        if query.less:
            vector = vector - self._negative * self._embedder.encode([query.less])[0]
        return _nearest(self._catalog, self._index, vector, k, allowed, self.name)


class SimilarSource:
    """Items whose text is near those of the liked items, and a little away from the disliked ones.

    Relevance feedback (Rocchio 1971):  mean(liked) - 0.2 mean(disliked),  with items weighted by attitude
    and by recency (0.9 per newer item), each mean L2-normalised.
    """

    name = "similar"
    _recency, _negative = 0.9, 0.2

    def __init__(self, catalog: Catalog, vectors: np.ndarray, index: VectorIndex) -> None:
        self._catalog, self._vectors, self._index = catalog, vectors, index

    def retrieve(self, query: Query, k: int, allowed: np.ndarray) -> tuple[Candidate, ...]:
        """The ``k`` items nearest to the feedback vector; the score is the cosine."""
        vector = self._mean(query, 1)
        if vector is None:
            return ()
        if (disliked := self._mean(query, -1)) is not None:
            vector = vector - self._negative * disliked
        return _nearest(self._catalog, self._index, vector, k, allowed, self.name)

    def _mean(self, query: Query, sign: int) -> np.ndarray | None:
        chosen = [(i, abs(a)) for i, a in query.items.items() if a * sign > 0 and i in self._catalog]
        if not chosen:
            return None
        ages = np.arange(len(chosen) - 1, -1, -1)
        weights = np.array([weight for _, weight in chosen]) * self._recency**ages
        rows = [self._catalog.row(i) for i, _ in chosen]
        return _unit(weights @ np.asarray(self._vectors[rows], dtype=np.float32))


class LexicalSource:
    """Items whose text shares words with the wish: BM25 (Robertson et al. 1994) by ``bm25s``."""

    name = "lexical"

    def __init__(self, catalog: Catalog) -> None:
        import bm25s

        self._catalog = catalog
        self._bm25 = bm25s.BM25()
        tokens = bm25s.tokenize([catalog.text(item) for item in catalog], show_progress=False)
        self._vocabulary = tokens.vocab
        self._bm25.index(tokens, show_progress=False)

    def retrieve(self, query: Query, k: int, allowed: np.ndarray) -> tuple[Candidate, ...]:
        """The ``k`` items with the highest BM25 score above 0."""
        import bm25s

        words = bm25s.tokenize([query.text], return_ids=False, show_progress=False)[0]
        known = [word for word in words if word in self._vocabulary]
        if not known:
            return ()
        scores = np.where(allowed, self._bm25.get_scores(known), 0.0)
        rows = np.argsort(-scores, kind="stable")[:k]
        rows = rows[scores[rows] > 0]
        return _candidates(self._catalog, rows, scores[rows], self.name)


class CategorySource:
    """Items of the categories that the wish is near in meaning, the most popular first ("scary": Horror).

    score(item) = sum over its categories c of max(0, cos(wish, c) - 0.45). Codes such as ``cs.IR`` mean
    nothing to a sentence embedder and are left out.
    """

    name = "category"
    _threshold = 0.45

    def __init__(self, catalog: Catalog, embedder: Embedder) -> None:
        self._catalog, self._embedder = catalog, embedder
        names = [name for name in catalog.categories if "." not in name and not any(map(str.isdigit, name))]
        self._vectors = embedder.encode(names) if names else np.empty((0, embedder.dimension), np.float32)
        column = {name: i for i, name in enumerate(names)}
        self._has = np.zeros((len(catalog), len(names)), dtype=np.float32)
        for row, item in enumerate(catalog):
            own = [column[category] for category in item.categories if category in column]
            self._has[row, own] = 1

    def retrieve(self, query: Query, k: int, allowed: np.ndarray) -> tuple[Candidate, ...]:
        """The ``k`` best items with a score above 0; ties by popularity."""
        if not query.text or not len(self._vectors):
            return ()
        cosines = self._vectors @ self._embedder.encode([query.text])[0]
        scores = np.where(allowed, self._has @ np.maximum(0, cosines - self._threshold), 0)
        rows = np.lexsort((-self._catalog.popularity, -scores))[:k]
        rows = rows[scores[rows] > 0]
        return _candidates(self._catalog, rows, scores[rows], self.name)


def default_sources(
    catalog: Catalog, embedder: Embedder, vectors: np.ndarray, index: VectorIndex
) -> dict[str, CandidateSource]:
    """Every source that needs nothing but a catalog, by name."""
    sources: tuple[CandidateSource, ...] = (
        EmbeddingSource(catalog, embedder, index),
        SimilarSource(catalog, vectors, index),
        LexicalSource(catalog),
        CategorySource(catalog, embedder),
        PopularitySource(catalog),
    )
    return {source.name: source for source in sources}


def _nearest(
    catalog: Catalog, index: VectorIndex, vector: np.ndarray, k: int, allowed: np.ndarray, source: str
) -> tuple[Candidate, ...]:
    rows, scores = index.search(_unit(vector)[None, :], k, allowed)
    found = rows[0] >= 0
    return _candidates(catalog, rows[0][found], scores[0][found], source)


def _unit(vector: np.ndarray) -> np.ndarray:
    norm = float(np.linalg.norm(vector))
    return (vector / norm if norm else vector).astype(np.float32)


def _candidates(catalog: Catalog, rows: np.ndarray, scores: np.ndarray, source: str) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(catalog[int(row)].id, float(score), source) for row, score in zip(rows, scores, strict=True)
    )
