"""The base of floors that give every item of the catalog a score."""

from __future__ import annotations

import time
import zlib

import numpy as np

from agent.catalog import Catalog
from eval.datasets import EvalSet, Question
from eval.protocols import Answer


class ScoredFloor:
    """Ranks the catalog by a score; ties go to the more used item, then to a fixed random one.

    The order of the catalog never decides, since it may hold the answer.

    Args:
        data: The set: its catalog, and its memory and interactions to learn from.
    """

    name = "floor"

    def __init__(self, data: EvalSet) -> None:
        self.catalog: Catalog = data.catalog
        self.counts = np.array([data.counts.get(item.id, 0.0) for item in data.catalog])
        lottery = np.array([zlib.crc32(item.id.encode()) for item in data.catalog])
        # From the best to the worst where nothing else is known.
        self._fallback = np.lexsort((lottery, -self.counts))

    def __call__(self, question: Question, n: int) -> Answer:
        """The ``n`` best items that the question allows."""
        start = time.perf_counter()
        scores = np.where(self._allowed(question), self.scores(question), -np.inf)[self._fallback]
        order = np.argsort(-scores, kind="stable")[:n]
        rows = self._fallback[order[scores[order] > -np.inf]]
        ranked = tuple(self.catalog[int(row)].id for row in rows)
        return Answer(question.id, ranked, milliseconds=(time.perf_counter() - start) * 1000)

    def scores(self, question: Question) -> np.ndarray:
        """A score an item, higher is better, shape (items,); -inf for what the floor never ranks."""
        raise NotImplementedError

    def rows(self, item_ids: tuple[str, ...]) -> list[int]:
        """Catalog rows of the ids that the catalog has."""
        return [self.catalog.row(item_id) for item_id in item_ids if item_id in self.catalog]

    def _allowed(self, question: Question) -> np.ndarray:
        allowed = np.full(len(self.catalog), not question.options)
        allowed[self.rows(question.options)] = True
        if not question.repeats:
            allowed[self.rows(question.known)] = False
        return allowed
