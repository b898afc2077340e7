"""Boosted trees beside log-linear weights: what such a ranker is, and how its trees are fitted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from agent.errors import FormatError
from agent.ranking.log_linear import Choice, weighted_sum
from agent.ranking.trees import Trees
from agent.retrieval.collaborative.saved import load_arrays, save_arrays

LIBRARY_SIZE = "library_size"
"""The feature that says how much is known of the user: the logarithm of how many items they used."""

FORMAT = 1
_FIRST = 10.0
"""Ranks count  -log(10 + rank)."""

_TREES, _RATE, _LEAVES, _MINIMUM, _L2 = 150, 0.05, 8, 100, 5.0


@dataclass(frozen=True, slots=True)
class BoostedRanker:
    """Scores items by  sum over features f of  w_f x_f(item)  +  sum over trees t of  t(item).

    The weights are those of a :class:`LogLinearRanker`. The trees (gradient boosting: Friedman, Annals of
    Statistics 2001) see the same features, each also relative to the other candidates, and how much is known
    of the user: which source is right depends on that. Both are log-odds that an item is chosen; the sum is a
    logarithmic opinion pool of the two, and better than either.

    Attributes:
        weights: By the name of the feature.
        features: The names of what the trees see, in their order; the library's size comes after them.
        trees: Over the columns of :func:`columns_of`.
        provenance: What it was fitted on, and what that gave.
    """

    name: ClassVar[str] = "boosted"

    weights: Mapping[str, float]
    features: tuple[str, ...]
    trees: Trees
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the sources that are to be asked."""
        return tuple(dict.fromkeys((*self.weights, *self.features)))

    def score(self, features: Mapping[str, np.ndarray | None], n: int) -> np.ndarray:
        """Scores of the ``n`` items that there are to choose from, from their features.

        Args:
            features: Each of shape (n,); a source that has nothing to say, None, finds all items alike.
            n: How many.

        Returns:
            Shape (n,).
        """
        if not n:
            return np.zeros(0)
        said = [features.get(name) for name in (*self.features, LIBRARY_SIZE)]
        x = np.column_stack([np.zeros(n) if column is None else column for column in said])
        return weighted_sum(self.weights, features, n) + self.trees.predict(columns_of(x))

    def save(self, path: Path) -> None:
        """Write where it comes from as JSON, for people, and all that it is as ``.npz`` of the same name."""
        arrays = {
            "format": np.array(FORMAT),
            "names": np.array(list(self.weights), dtype=np.str_),
            "weights": np.array(list(self.weights.values()), dtype=np.float64),
            "features": np.array(self.features, dtype=np.str_),
            "provenance": np.array(json.dumps(dict(self.provenance), ensure_ascii=False)),
            **{f.name: getattr(self.trees, f.name) for f in fields(self.trees)},
        }
        save_arrays(path.parent, path.stem, arrays, self.provenance)

    @classmethod
    def load(cls, path: Path) -> BoostedRanker:
        """Read what :meth:`save` wrote to that path.

        Raises:
            FormatError: it is not there, is damaged, or is of another version.
        """
        nodes = [f.name for f in fields(Trees)]
        keys = ["format", "names", "weights", "features", "provenance", *nodes]
        stored = load_arrays(path.parent, path.stem, keys)
        try:
            if int(stored["format"]) != FORMAT:
                raise ValueError(f"format {stored['format']}, this version reads {FORMAT}")
            features = tuple(map(str, stored["features"]))
            weights = dict(zip(map(str, stored["names"]), map(float, stored["weights"]), strict=True))
            trees = Trees(**{key: stored[key] for key in nodes})
            trees.check(3 * len(features) + 1)
            return cls(weights, features, trees, json.loads(str(stored["provenance"])))
        except (ValueError, TypeError) as error:
            raise FormatError(
                f"holds no ranker: {error}",
                where=str(path.with_suffix(".npz")),
                hint="`groundrec fit` writes such a file",
            ) from None


def fit_trees(choices: Sequence[Choice]) -> Trees:
    """Trees that tell right candidates from others by log-loss.

    A list with n right candidates counts as sqrt(n), so that the great libraries do not decide alone. The
    same choices give the same trees. A thousand lists of three hundred candidates take about ten seconds.

    Args:
        choices: With the features of the candidates, the library's size last.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    x = np.concatenate([columns_of(choice.features) for choice in choices])
    right = np.concatenate([choice.right for choice in choices])
    counts = np.concatenate([np.full(len(c.right), max(c.right.sum(), 1) ** -0.5) for c in choices])
    model = HistGradientBoostingClassifier(
        max_iter=_TREES,
        learning_rate=_RATE,
        max_leaf_nodes=_LEAVES,
        min_samples_leaf=_MINIMUM,
        l2_regularization=_L2,
        early_stopping=False,
        random_state=0,
    ).fit(x, right, sample_weight=counts / counts.mean())
    # What they start from is left out: it is the same for all candidates.
    return Trees.of([grown.nodes for (grown,) in model._predictors])


def columns_of(x: np.ndarray) -> np.ndarray:
    """What trees see of a list: the features, their standard scores and ranks among the candidates, the size.

    Args:
        x: Features of all candidates of the list, the library's size last, shape (n, f + 1).

    Returns:
        Shape (n, 3 f + 1).
    """
    said = x[:, :-1]
    standard = (said - said.mean(axis=0)) / np.maximum(said.std(axis=0), 1e-9)
    # How many are better: the same for equals, whatever their order.
    better = [np.searchsorted(np.sort(-column), -column) for column in said.T]
    ranks = -np.log(_FIRST + np.array(better, dtype=np.float64).reshape(said.shape[::-1]).T)
    return np.column_stack([said, standard, ranks, x[:, -1]])
