"""What weighs the sources that learn from interactions: fitted on some windows, compared on others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agent.ranking import (
    LIBRARY_SIZE,
    BoostedRanker,
    Choice,
    LogLinearRanker,
    Ranker,
    fit_log_linear,
    fit_trees,
)
from agent.retrieval.collaborative import RecentSource

_CUTOFF = 10

Fold = tuple[Sequence[Choice], Sequence[Choice]]
"""What rankers are fitted on, and what they then rank."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Weights alone and weights with boosted trees, on the same lists, which neither was fitted on.

    Attributes:
        log_linear: Mean NDCG@10 of the weights alone.
        boosted: The same with trees.
        error: Standard error of the mean difference of the two.
        lists: How many lists.
    """

    log_linear: float
    boosted: float
    error: float
    lists: int

    @property
    def chosen(self) -> str:
        """Trees where they are better by more than a standard error, else what is simpler."""
        better = self.boosted - self.log_linear > self.error
        return BoostedRanker.name if better else LogLinearRanker.name

    def as_dict(self) -> dict[str, Any]:
        """For a report."""
        return {
            "chosen": self.chosen,
            "log-linear": round(self.log_linear, 4),
            "boosted": round(self.boosted, 4),
            "standard error of the difference": round(self.error, 4),
            "lists": self.lists,
        }


class Weighing:
    """Fits and compares rankers over lists with the same features.

    Args:
        names: Of the sources. The features of all choices are theirs, in their order; then the size of the
            library; then, for fitting alone, what ``recent`` is to stand in for.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = list(names)

    def both(self, choices: Sequence[Choice]) -> dict[str, Ranker]:
        """A ranker of each kind, by the kind's name."""
        plain = self.log_linear(choices)
        return {plain.name: plain, BoostedRanker.name: self._with_trees(plain, choices)}

    def compare(self, folds: Sequence[Fold], fitted: Sequence[Mapping[str, Ranker]]) -> Comparison:
        """Both kinds of rankers, fitted on the first part of each fold, as they rank the second."""
        plain, boosted = (
            np.concatenate(
                [self.ndcg(held, both[kind]) for (_, held), both in zip(folds, fitted, strict=True)]
            )
            for kind in (LogLinearRanker.name, BoostedRanker.name)
        )
        error = (boosted - plain).std() / np.sqrt(len(plain))
        return Comparison(float(plain.mean()), float(boosted.mean()), float(error), len(plain))

    def fit(self, kind: str, choices: Sequence[Choice]) -> LogLinearRanker | BoostedRanker:
        """A ranker of the kind that was chosen."""
        plain = self.log_linear(choices)
        return self._with_trees(plain, choices) if kind == BoostedRanker.name else plain

    def log_linear(self, choices: Sequence[Choice], without: str = "") -> LogLinearRanker:
        """Weights of all sources, or of all but one; ``recent`` has that of what it stands in for."""
        used = [name for name in self._names if name != without]
        personal = [name for name in used if name != RecentSource.name]
        columns = [*map(self._names.index, personal), -1]
        fitted = fit_log_linear([replace(c, features=c.features[:, columns]) for c in choices])
        weights = dict(zip(personal, map(float, fitted[:-1]), strict=True))
        if RecentSource.name in used:
            weights = {RecentSource.name: float(fitted[-1]), **weights}
        return LogLinearRanker({name: weight for name, weight in weights.items() if weight})

    def _with_trees(self, plain: LogLinearRanker, choices: Sequence[Choice]) -> BoostedRanker:
        """The same weights, and trees over all sources and the size of the library."""
        columns = [-1 if name == RecentSource.name else i for i, name in enumerate(self._names)]
        columns.append(len(self._names))
        trees = fit_trees([replace(c, features=c.features[:, columns]) for c in choices])
        return BoostedRanker(plain.weights, tuple(self._names), trees)

    def ndcg(self, choices: Sequence[Choice], ranker: Ranker) -> np.ndarray:
        """NDCG@10 of each list as a ranker orders it, shape (len(choices),)."""
        found = []
        for choice in choices:
            named = dict(zip((*self._names, LIBRARY_SIZE), choice.features.T, strict=False))
            scores = ranker.score(named, len(choice.right))
            found.append(ndcg_of(np.argsort(-scores, kind="stable"), choice.right, choice.wanted))
        return np.array(found)

    def measure(self, fold: Fold, fitted: Ranker) -> dict[str, float]:
        """Mean NDCG@10 by what ranks: ``fitted``, each source by its name, and weights ``without`` each."""
        earlier, held = fold
        rankers: Mapping[str, Ranker] = {
            "fitted": fitted,
            **{name: LogLinearRanker({name: 1.0}) for name in self._names},
            **{f"without {name}": self.log_linear(earlier, name) for name in self._names},
        }
        return {name: float(self.ndcg(held, ranker).mean()) for name, ranker in rankers.items()}


def ndcg_of(order: np.ndarray, right: np.ndarray, wanted: int) -> float:
    """NDCG@10 of candidates in an order; ``wanted`` counts also the right ones that are no candidates."""
    gains = 1 / np.log2(np.arange(2, _CUTOFF + 2))
    hits = right[order[:_CUTOFF]]
    return float((hits * gains[: len(hits)]).sum() / gains[: min(wanted, _CUTOFF)].sum())
