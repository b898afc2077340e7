"""What tells a misspelt title from a different one: the features of a pair of keys."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from agent.grounding.normalise import compact, drop_article

FEATURES = (
    "ratio",
    "compact_ratio",
    "sorted_ratio",
    "query_missing",
    "item_missing",
    "near",
    "known_swap",
    "inflected",
    "misspelt",
    "article",
    "edits",
    "length",
    "margin",
    "year",
    "cosine",
)
"""Names of the features, in the order of the vectors that ``pair_features`` returns."""

_NEAR = 65.0
_ENDINGS = ("s", "es", "ed", "er", "ing")


class Vocabulary:
    """How many titles each word is in, for inverse document frequencies.

    Args:
        titles: The words of each item's title forms, as sets.
    """

    def __init__(self, titles: Iterable[frozenset[str]]) -> None:
        self._titles = tuple(titles)
        self._counts = Counter(word for words in self._titles for word in words)

    def count(self, word: str, without: int | None = None) -> int:
        """Titles with a word, not counting the one in row ``without``."""
        own = without is not None and word in self._titles[without]
        return self._counts[word] - own

    def idf(self, word: str, without: int | None = None) -> float:
        """Inverse document frequency, log((n + 1) / (count + 1)) + 1 (smoothed as in scikit-learn)."""
        return math.log((len(self._titles) + 1) / (self.count(word, without) + 1)) + 1


def pair_features(
    query: str,
    item: str,
    vocabulary: Vocabulary,
    *,
    margin: float,
    year_agrees: bool,
    cosine: float = 0.0,
    without: int | None = None,
) -> np.ndarray:
    """Features of a query key and an item key, float64, shape (len(FEATURES),).

    Args:
        query: Key of the generated title, numbers as digits.
        item: Key of one form of the item's title, likewise.
        vocabulary: Of the catalog.
        margin: How much nearer the item is than the best other item, in units of ratio.
        year_agrees: Whether both state a year and agree.
        cosine: Of their sentence embeddings; 0 where they are not compared.
        without: Row that counts as not in the catalog.
    """
    article = (drop_article(query) == query) != (drop_article(item) == item)
    query, item = max(
        ((query, item), (drop_article(query), drop_article(item))), key=lambda pair: fuzz.ratio(*pair)
    )
    pairs, lost, extra = align(query.split(), item.split())
    near = [(a, b) for a, b in pairs if a != b]
    # A misspelling is rarely a word of other titles; "Heat" and "Beat" are two films.
    known = any(vocabulary.count(a, without) for a, _ in near)
    query_mass = sum(vocabulary.idf(w, without) for w in query.split())
    item_mass = sum(vocabulary.idf(w, without) for w in item.split())
    return np.array(
        [
            fuzz.ratio(query, item) / 100,
            fuzz.ratio(compact(query), compact(item)) / 100,
            fuzz.token_sort_ratio(query, item) / 100,
            sum(vocabulary.idf(w, without) for w in lost) / query_mass,
            sum(vocabulary.idf(w, without) for w in extra) / item_mass,
            sum(vocabulary.idf(b, without) * OSA.normalized_distance(a, b) for a, b in near) / item_mass,
            float(known),
            float(any(_inflected(a, b) for a, b in near)),
            float(bool(near) and not (known or lost or extra)),
            float(article),
            min(OSA.distance(compact(query), compact(item)), 8) / 8,
            math.log(max(1, min(len(query), len(item)))) / 4,
            min(margin, 0.5),
            float(year_agrees),
            cosine,
        ]
    )


def align(query: list[str], item: list[str]) -> tuple[list[tuple[str, str]], list[str], list[str]]:
    """Pair equal words, then similar ones; returns the pairs and what is left over on either side."""
    left = list(item)
    pairs, rest = [], []
    for word in query:
        if word in left:
            left.remove(word)
            pairs.append((word, word))
        else:
            rest.append(word)
    lost = []
    for word in rest:
        best = max(left, key=lambda other: fuzz.ratio(word, other), default=None)
        if best is not None and fuzz.ratio(word, best) >= _NEAR:
            left.remove(best)
            pairs.append((word, best))
        else:
            lost.append(word)
    return pairs, lost, left


def _inflected(a: str, b: str) -> bool:
    shorter, longer = sorted((a, b), key=len)
    return longer.startswith(shorter) and longer[len(shorter) :] in _ENDINGS
