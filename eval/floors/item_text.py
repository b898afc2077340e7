"""Items whose own text is near what was said, or near what the user liked."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np

from agent.grounding import Embedder, embed_catalog
from eval.datasets import EvalSet, Question
from eval.datasets.history import is_like
from eval.floors.neighbours import LATEST
from eval.floors.scored import ScoredFloor


class ItemTextFloor(ScoredFloor):
    """Cosine of an item's text with the conversation, or with the mean of the liked items' texts.

    Args:
        data: The set.
        embedder: A sentence embedder.
        cache_dir: Where embeddings of catalogs are kept.
    """

    name = "item-text"

    def __init__(self, data: EvalSet, embedder: Embedder, *, cache_dir: Path) -> None:
        super().__init__(data)
        self._embedder = embedder
        self._cache_dir = cache_dir

    def scores(self, question: Question) -> np.ndarray:
        """Cosines; zeros where nothing was said or liked."""
        if question.text:
            return self._vectors @ self._embedder.encode([question.text[-LATEST:]])[0]
        liked = self.rows(tuple(event.item_id for event in question.history if is_like(event)))
        return self._vectors @ self._vectors[liked].mean(axis=0) if liked else np.zeros(len(self.catalog))

    @cached_property
    def _vectors(self) -> np.ndarray:
        return np.asarray(embed_catalog(self.catalog, self._embedder, self._cache_dir, what="text"))
