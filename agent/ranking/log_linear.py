"""Log-linear pooling of candidate sources: what a fitted ranker is, and how it is fitted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from agent.errors import SettingsError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class LogLinearRanker:
    """Scores items by  sum over features f of  w_f x_f(item).

    With features that are log-probabilities of sources, this is a logarithmic opinion pool (Genest and
    Zidek, Statistical Science 1986); exp(score) is proportional to the chance that the item is chosen.

    Attributes:
        weights: By the name of the feature.
        provenance: What the weights were fitted on, and what that gave.
    """

    name: ClassVar[str] = "log-linear"

    weights: Mapping[str, float]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the sources that are to be asked."""
        return tuple(self.weights)

    def score(self, features: Mapping[str, np.ndarray | None], n: int) -> np.ndarray:
        """Scores of ``n`` items from their features, each of shape (n,) or None, which adds nothing.

        Returns:
            Shape (n,).
        """
        return weighted_sum(self.weights, features, n)

    def blended(self, other: LogLinearRanker, share: float) -> LogLinearRanker:
        """A ranker that scores  share x ours + (1 - share) x the other's."""
        names = dict.fromkeys((*self.weights, *other.weights))
        weights = {
            name: share * self.weights.get(name, 0.0) + (1 - share) * other.weights.get(name, 0.0)
            for name in names
        }
        return LogLinearRanker(weights, {"blended": [dict(self.provenance), dict(other.provenance)]})

    def save(self, path: Path) -> None:
        """Write the weights as JSON."""
        document = {
            "format": FORMAT,
            "weights": {name: round(float(weight), 6) for name, weight in self.weights.items()},
            "provenance": dict(self.provenance),
        }
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")

    @classmethod
    def load(cls, path: Path) -> LogLinearRanker:
        """Read weights.

        Raises:
            SettingsError: the file cannot be read or holds no weights.
        """
        try:
            return cls._of(json.loads(path.read_text("utf-8")))
        except OSError as error:
            raise SettingsError(f"cannot be read: {error.strerror}", where=str(path)) from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SettingsError(
                f"holds no weights of a ranker: {error!r}",
                where=str(path),
                hint="`groundrec fit` writes such a file",
            ) from None

    @classmethod
    @cache
    def shipped(cls, name: Literal["conversational", "titles", "history"]) -> LogLinearRanker:
        """Weights that come with the package.

        ``conversational`` are for a conversation with a memory of others, ``titles`` for catalogs whose texts
        are little more than titles, and which know how popular their items are, ``history`` for users of whom
        nothing is known but what they used and liked.
        """
        return cls._of(json.loads(files("agent.ranking").joinpath(f"{name}.json").read_text("utf-8")))

    @classmethod
    def _of(cls, document: Mapping[str, Any]) -> LogLinearRanker:
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']!r}, this version reads {FORMAT}")
        weights = {str(name): float(weight) for name, weight in document["weights"].items()}
        return cls(weights, dict(document["provenance"]))


def weighted_sum(
    weights: Mapping[str, float], features: Mapping[str, np.ndarray | None], n: int
) -> np.ndarray:
    """The sum of the features by their weights, shape (n,); one that is None adds nothing."""
    total = np.zeros(n)
    for name, weight in weights.items():
        values = features.get(name)
        if values is not None:
            total += weight * values
    return total


@dataclass(frozen=True, slots=True)
class Choice:
    """One list to learn from.

    Attributes:
        features: Of its candidates, shape (n, f).
        right: Which of them were right, bool, shape (n,).
        wanted: How many were right, those that are no candidates included.
        group: The dialogue or user it is of.
    """

    features: np.ndarray
    right: np.ndarray
    wanted: int = 1
    group: str = ""


def fit_log_linear(choices: Sequence[Choice], *, l2: float = 1.0) -> np.ndarray:
    """Weights that make the right candidates likely: a conditional logit (McFadden 1974).

    The loss is  - sum over choices and right candidates of log softmax(X w)  + l2 |s w|^2,  with s the
    standard deviations of the features, so that their scales do not matter. Choices without a right
    candidate say nothing.

    Returns:
        Shape (f,); zeros where there is nothing to learn from.
    """
    from scipy.optimize import minimize

    told = [choice for choice in choices if choice.right.any()]
    if not told:
        return np.zeros(choices[0].features.shape[1] if choices else 0)
    x = np.concatenate([choice.features for choice in told])
    scale = x.std(axis=0)
    scale[scale < 1e-9] = np.inf  # a constant feature can have no weight
    x = x / scale
    right = np.concatenate([choice.right for choice in told])
    sizes = np.array([len(choice.right) for choice in told])
    starts = np.cumsum(sizes) - sizes
    hits = np.add.reduceat(right.astype(np.float64), starts)

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        scores = x @ w
        scores -= np.repeat(np.maximum.reduceat(scores, starts), sizes)
        odds = np.exp(scores)
        totals = np.add.reduceat(odds, starts)
        value = float(hits @ np.log(totals) - scores[right].sum() + l2 * (w @ w))
        expected = odds * np.repeat(hits / totals, sizes)
        return value, (expected - right) @ x + 2 * l2 * w

    found = minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B")
    return np.asarray(found.x / scale)
