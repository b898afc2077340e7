"""Past turns that resemble the question, and the items recommended in them."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from agent.grounding import Embedder, embed_texts
from eval.datasets import EvalSet, Question
from eval.floors.scored import ScoredFloor

NEIGHBOURS = 90
LATEST = 500
"""Characters of a context that are embedded, the latest. 1,000 take twice as long and find no more."""

_WORD = re.compile(r"\w+")


class NeighbourFloor(ScoredFloor):
    """Items recommended in the 90 past turns most like the question, by the sum of the likenesses.

    A past turn is known by all that was said before it. Nearest neighbours among recorded dialogues as in
    Manzoor and Jannach, Revisiting retrieval-based approaches for conversational recommender systems,
    IIR 2022, with items in the place of responses.
    """

    def __init__(self, data: EvalSet) -> None:
        super().__init__(data)
        turns = [(d, t) for d in data.memory for t in range(len(d.turns)) if d.recommended(t)]
        self.texts = ["\n".join(turn.content for turn in d.turns[:t]) for d, t in turns]
        self._items = [self.rows(d.recommended(t)) for d, t in turns]

    def likenesses(self, text: str) -> np.ndarray:
        """How much each past turn resembles a text, at least 0, shape (past turns,)."""
        raise NotImplementedError

    def scores(self, question: Question) -> np.ndarray:
        """The sum of the likenesses of the neighbours in which an item was recommended."""
        scores = np.zeros(len(self.catalog))
        if question.text:
            likeness = self.likenesses(question.text)
            for turn in np.argsort(-likeness, kind="stable")[:NEIGHBOURS]:
                scores[self._items[turn]] += likeness[turn]
        return scores


class BM25NeighbourFloor(NeighbourFloor):
    """Neighbours by BM25 over words (Robertson and Zaragoza 2009, as in ``bm25s``)."""

    name = "bm25-neighbours"

    def likenesses(self, text: str) -> np.ndarray:
        """BM25 scores."""
        return np.asarray(self._bm25.get_scores(_words(text)))

    @cached_property
    def _bm25(self) -> Any:
        import bm25s

        index = bm25s.BM25()
        index.index([_words(text) or [""] for text in self.texts], show_progress=False)
        return index


class EmbeddingNeighbourFloor(NeighbourFloor):
    """Neighbours by the cosine of sentence embeddings of what was said last.

    Args:
        data: The set.
        embedder: A sentence embedder.
        cache_dir: Where embeddings are kept.
    """

    name = "embedding-neighbours"

    def __init__(self, data: EvalSet, embedder: Embedder, *, cache_dir: Path) -> None:
        super().__init__(data)
        self._name, self._folds = data.name, len(data.folds)
        self._embedder, self._cache_dir = embedder, cache_dir

    def likenesses(self, text: str) -> np.ndarray:
        """Cosines, negative ones as 0."""
        return np.maximum(0, self._vectors @ self._embedder.encode([text[-LATEST:]])[0])

    @cached_property
    def _vectors(self) -> np.ndarray:
        latest = [text[-LATEST:] for text in self.texts]
        # Folds share most of their turns, so one cache holds the turns of all.
        kept = max(2, self._folds)
        return embed_texts(latest, self._embedder, self._cache_dir, of=self._name, what="memory", kept=kept)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
