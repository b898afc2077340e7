"""Candidate sources that need nothing but a catalog."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agent.catalog import Catalog
from agent.catalog.dates import date_column
from agent.grounding.embedder import Embedder
from agent.grounding.index import VectorIndex
from agent.recommendation import Candidate
from agent.retrieval.collaborative.groups import profile
from agent.retrieval.query import Query
from agent.retrieval.scored import CandidateSource, ScoredSource, candidates, log_share


class PopularitySource(ScoredSource):
    """The most used items, of those used alike the newest; the same for everybody."""

    name = "popularity"

    def __init__(self, catalog: Catalog) -> None:
        super().__init__(catalog)
        column = date_column(catalog)
        dates = [str(item.get(column) or "") if column else "" for item in catalog]
        newest = sorted(range(len(catalog)), key=dates.__getitem__, reverse=True)
        self._order = np.array(sorted(newest, key=lambda row: -catalog.popularity[row]))

    def retrieve(self, query: Query, k: int, allowed: np.ndarray) -> tuple[Candidate, ...]:
        """The ``k`` most popular items that are allowed, used or not."""
        rows = self._order[allowed[self._order]][:k]
        return candidates(self._catalog, rows, self._catalog.popularity[rows], self.name)

    def scores(self, query: Query) -> np.ndarray:
        """The popularities."""
        return self._catalog.popularity

    def scale(self, scores: np.ndarray) -> np.ndarray:
        """Logarithms of shares."""
        return log_share(scores)


class EmbeddingSource:
    """Items whose text is near the wish and what was liked on the way, away from what is to be less of it.

    The query vector is  w - 0.7 less + 0.2 (Σ_l s_l v_l) / (Σ_l s_l)  over the items l liked in the
    conversation, with their faded attitudes s_l; w, less and the items' vectors v_l are L2-normalised. This
    is Rocchio's formula (in Salton, The SMART retrieval system, 1971) for liked items; disliked ones count in
    the ranking.

    Args:
        catalog: The items.
        embedder: Embeds the wish.
        vectors: Embeddings of the items' texts, shape (len(catalog), dimension).
        index: Over the same vectors.
    """

    name = "embedding"
    _negative, _liked = 0.7, 0.2

    def __init__(self, catalog: Catalog, embedder: Embedder, vectors: np.ndarray, index: VectorIndex) -> None:
        self._catalog, self._embedder, self._vectors, self._index = catalog, embedder, vectors, index

    def retrieve(self, query: Query, k: int, allowed: np.ndarray) -> tuple[Candidate, ...]:
        """The ``k`` items nearest to the query vector; the score is the cosine."""
        vector = self._vector(query)
        if vector is None:
            return ()
        rows, scores = self._index.search(vector[None, :], k, allowed)
        found = rows[0] >= 0
        return candidates(self._catalog, rows[0][found], scores[0][found], self.name)

    def score(self, query: Query, rows: np.ndarray) -> np.ndarray | None:
        """Cosines with the query vector."""
        vector = self._vector(query)
        return None if vector is None else np.asarray(self._vectors[rows] @ vector)

    def _vector(self, query: Query) -> np.ndarray | None:
        if not query.text:
            return None
        vector = self._embedder.encode([query.text])[0]
        if query.less:
            vector = vector - self._negative * self._embedder.encode([query.less])[0]
        liked = {self._catalog.row(i): s for i, s in query.told.items() if s > 0 and i in self._catalog}
        if liked:
            weights = np.array(list(liked.values()))
            vector = vector + self._liked * (weights @ self._vectors[list(liked)]) / weights.sum()
        return unit(vector)


class SimilarSource(ScoredSource):
    """Items whose text is near one of the liked or mentioned items, and away from the disliked ones.

    score(i) = max over liked j of 0.98^age(j) cos(i, j)  -  0.2 max(0, max over disliked j of cos(i, j)),
    with the newest item of age 0, and so all of which no time is known. The nearest counts and not the mean,
    so that someone who likes two kinds of things is shown both and not what lies between them. Liked things
    that the catalog does not have count by their texts, as if all were new, where there is an ``embedder``.
    """

    name = "similar"
    _recency, _negative = 0.98, 0.2

    def __init__(self, catalog: Catalog, vectors: np.ndarray, embedder: Embedder | None = None) -> None:
        super().__init__(catalog)
        self._vectors, self._embedder = vectors, embedder

    def scores(self, query: Query) -> np.ndarray | None:
        """Cosines with the nearest; None where nothing is liked or mentioned."""
        liked = self._rows(query.anchors)
        examples = query.examples if self._embedder is not None else ()
        if not liked and not examples:
            return None
        scores = np.full(len(self._catalog), -1.0)
        if liked:
            recency = profile(liked, self._recency)
            recency[np.isin(liked, self._rows(query.undated))] = 1.0
            scores = np.asarray((self._cosines(liked) * recency).max(axis=1))
        if self._embedder is not None and examples:
            near = np.asarray(self._vectors @ self._embedder.encode(examples).T)
            scores = np.maximum(scores, near.max(axis=1))
        if disliked := self._rows(i for i, a in query.items.items() if a < 0):
            scores -= self._negative * np.maximum(0, self._cosines(disliked).max(axis=1))
        return scores

    def _cosines(self, rows: list[int]) -> np.ndarray:
        return np.asarray(self._vectors @ np.asarray(self._vectors[rows], dtype=np.float32).T)


class ProfileSource(ScoredSource):
    """Items of the categories that the liked or mentioned items have.

    score(i) = sum over its categories c of  share(c) / sqrt(number of its categories),  where share(c) is
    the part of the liked items that have c.
    """

    name = "profile"

    def __init__(self, catalog: Catalog) -> None:
        super().__init__(catalog)
        self._has = category_matrix(catalog, catalog.categories)
        self._norms = np.sqrt(np.maximum(1, self._has.sum(axis=1)))

    def scores(self, query: Query) -> np.ndarray | None:
        """Overlaps; None where nothing with a category is liked or mentioned."""
        liked = self._rows(query.anchors)
        shares = self._has[liked].mean(axis=0) if liked else np.zeros(self._has.shape[1])
        return np.asarray(self._has @ shares / self._norms) if shares.any() else None


class LexicalSource(ScoredSource):
    """Items whose text shares words with the wish: BM25 (Robertson et al. 1994) by ``bm25s``."""

    name = "lexical"

    def __init__(self, catalog: Catalog) -> None:
        import bm25s

        super().__init__(catalog)
        self._bm25 = bm25s.BM25()
        tokens = bm25s.tokenize([catalog.text(item) for item in catalog], show_progress=False)
        self._vocabulary = tokens.vocab
        self._bm25.index(tokens, show_progress=False)

    def scores(self, query: Query) -> np.ndarray | None:
        """BM25 scores; None where no word of the wish is in any item."""
        import bm25s

        words = bm25s.tokenize([query.text], return_ids=False, show_progress=False)[0]
        known = [word for word in words if word in self._vocabulary]
        return np.asarray(self._bm25.get_scores(known)) if known else None


class CategorySource(ScoredSource):
    """Items of the categories that the wish is near in meaning, the most popular first ("scary": Horror).

    score(item) = sum over its categories c of max(0, cos(wish, c) - 0.45). Codes such as ``cs.IR`` mean
    nothing to a sentence embedder and are left out.
    """

    name = "category"
    _threshold = 0.45

    def __init__(self, catalog: Catalog, embedder: Embedder) -> None:
        super().__init__(catalog)
        self._embedder = embedder
        names = [name for name in catalog.categories if "." not in name and not any(map(str.isdigit, name))]
        self._vectors = embedder.encode(names) if names else np.empty((0, embedder.dimension), np.float32)
        self._has = category_matrix(catalog, names)

    def scores(self, query: Query) -> np.ndarray | None:
        """Sums of likenesses; None without a wish or categories."""
        if not query.text or not len(self._vectors):
            return None
        cosines = self._vectors @ self._embedder.encode([query.text])[0]
        return np.asarray(self._has @ np.maximum(0, cosines - self._threshold))


def default_sources(
    catalog: Catalog, embedder: Embedder, vectors: np.ndarray, index: VectorIndex
) -> dict[str, CandidateSource]:
    """Every source that needs nothing but a catalog, by name."""
    sources: tuple[CandidateSource, ...] = (
        EmbeddingSource(catalog, embedder, vectors, index),
        SimilarSource(catalog, vectors, embedder),
        ProfileSource(catalog),
        LexicalSource(catalog),
        CategorySource(catalog, embedder),
        PopularitySource(catalog),
    )
    return {source.name: source for source in sources}


def category_matrix(catalog: Catalog, names: Sequence[str]) -> np.ndarray:
    """Which item has which category: 0 or 1, float32, shape (len(catalog), len(names))."""
    column = {name: i for i, name in enumerate(names)}
    has = np.zeros((len(catalog), len(names)), dtype=np.float32)
    for row, item in enumerate(catalog):
        has[row, [column[category] for category in item.categories if category in column]] = 1
    return has


def unit(vector: np.ndarray) -> np.ndarray:
    """The vector at length 1, float32; a zero one as it is."""
    norm = float(np.linalg.norm(vector))
    return (vector / norm if norm else vector).astype(np.float32)
