"""The few items whose titles are spelled most like a query."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz, process

from agent.grounding.features import Vocabulary
from agent.grounding.normalise import drop_article

_CHUNK = 256
_CUTOFF = 50


class Shortlister:
    """Finds candidates by character similarity and by rare words in common.

    Args:
        keys: Forms of titles, any number an item.
        rows: The item's row for each key.
        vocabulary: Of the catalog.
        size: How many forms each of the two ways contributes.
    """

    def __init__(
        self, keys: Sequence[str], rows: Sequence[int], vocabulary: Vocabulary, *, size: int = 6
    ) -> None:
        self.keys = tuple(keys)
        self.rows = np.asarray(rows, dtype=np.int64)
        self._short = [drop_article(k) for k in self.keys]
        self._vocabulary, self._size = vocabulary, size
        postings: dict[str, list[int]] = {}
        for place, short in enumerate(self._short):
            for word in _words(short):
                postings.setdefault(word, []).append(place)
        self._postings = {word: np.asarray(places) for word, places in postings.items()}
        self._mass = np.array([sum(vocabulary.idf(w) for w in _words(s)) for s in self._short])

    def find(self, queries: Sequence[str], without: Sequence[int | None]) -> list[list[int]]:
        """Places in ``keys`` for each query key, the most similar first; ``without`` rows are left out."""
        found: list[list[int]] = []
        for start in range(0, len(queries), _CHUNK):
            part = [drop_article(q) for q in queries[start : start + _CHUNK]]
            ratios = process.cdist(
                part, self._short, scorer=fuzz.ratio, score_cutoff=_CUTOFF, dtype=np.float32, workers=-1
            )
            for query, row, ratio in zip(part, without[start : start + _CHUNK], ratios, strict=True):
                shared = self._shared(query)
                if row is not None:
                    own = self.rows == row
                    ratio[own] = shared[own] = 0.0
                places = dict.fromkeys([*self._best(ratio), *self._best(shared)])
                found.append(sorted(places, key=lambda p: -fuzz.ratio(query, self._short[p])))
        return found

    def _shared(self, query: str) -> np.ndarray:
        """Dice coefficient of the words, weighted by idf, with every key."""
        words = _words(query)
        shared = np.zeros(len(self.keys))
        for word in words:
            if word in self._postings:
                shared[self._postings[word]] += self._vocabulary.idf(word)
        return 2 * shared / (self._mass + sum(self._vocabulary.idf(w) for w in words))

    def _best(self, scores: np.ndarray) -> list[int]:
        size = min(self._size, len(scores))
        best = np.argpartition(-scores, size - 1)[:size]
        return [int(p) for p in best[np.argsort(-scores[best], kind="stable")] if scores[p] > 0]


def _words(key: str) -> dict[str, None]:
    """The words of a key, each once and in order: sums over a set would round differently every time."""
    return dict.fromkeys(key.split())
