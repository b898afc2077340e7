"""Floors that learn next to nothing."""

from __future__ import annotations

import zlib

import numpy as np

from eval.datasets import EvalSet, Question
from eval.floors.scored import ScoredFloor


class RandomFloor(ScoredFloor):
    """Items in random order, another one for each question; the same with the same seed."""

    name = "random"

    def __init__(self, data: EvalSet, *, seed: int = 0) -> None:
        super().__init__(data)
        self._seed = seed

    def scores(self, question: Question) -> np.ndarray:
        """Uniform draws."""
        return np.random.default_rng([self._seed, zlib.crc32(question.id.encode())]).random(len(self.catalog))


class PopularityFloor(ScoredFloor):
    """The most used items first, the same for everybody."""

    name = "popularity"

    def scores(self, question: Question) -> np.ndarray:
        """How often each item was used in what may be learned from."""
        return self.counts


class NaiveCopyFloor(ScoredFloor):
    """What the user named or used, the latest first, and nothing else.

    It scores only where repetition is counted, and shows how much of an accuracy is just that.
    """

    name = "naive-copy"

    def scores(self, question: Question) -> np.ndarray:
        """The place among the known items."""
        scores = np.full(len(self.catalog), -np.inf)
        rows = self.rows(question.known)
        scores[rows] = np.arange(len(rows))
        return scores
