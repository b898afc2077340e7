"""Log-linear pooling of candidate sources: what a fitted ranker is, and how it is fitted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

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

    weights: Mapping[str, float]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def score(self, features: Mapping[str, np.ndarray | None], n: int) -> np.ndarray:
        """Scores of ``n`` items from their features, each of shape (n,) or None, which adds nothing.

        Returns:
            Shape (n,).
        """
        total = np.zeros(n)
        for name, weight in self.weights.items():
            values = features.get(name)
            if values is not None:
                total += weight * values
        return total

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
    def conversational(cls) -> LogLinearRanker:
        """The weights for turns of a conversation with a memory that come with the package."""
        return cls._of(json.loads(files("agent.ranking").joinpath("conversational.json").read_text("utf-8")))

    @classmethod
    def _of(cls, document: Mapping[str, Any]) -> LogLinearRanker:
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']!r}, this version reads {FORMAT}")
        weights = {str(name): float(weight) for name, weight in document["weights"].items()}
        return cls(weights, dict(document["provenance"]))


@dataclass(frozen=True, slots=True)
class Choice:
    """One list to learn from: features of its candidates, shape (n, f), and which were right, shape (n,)."""

    features: np.ndarray
    right: np.ndarray


def fit_log_linear(choices: Sequence[Choice], *, l2: float = 1.0) -> np.ndarray:
    """Weights that make the right candidates likely: a conditional logit (McFadden 1974).

    The loss is  - sum over choices and right candidates of log softmax(X w)  + l2 |s w|^2,  with s the
    standard deviations of the features, so that their scales do not matter. Choices without a right
    candidate say nothing.

    Returns:
        Shape (f,); zeros where there is nothing to learn from.
    """
    from scipy.optimize import minimize

    told = [(c.features, c.right) for c in choices if c.right.any()]
    if not told:
        return np.zeros(choices[0].features.shape[1] if choices else 0)
    scale = np.concatenate([features for features, _ in told]).std(axis=0)
    scale[scale < 1e-9] = np.inf  # a constant feature can have no weight

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = l2 * float(w @ w), 2 * l2 * w
        for features, right in told:
            x = features / scale
            scores = x @ w
            scores = scores - scores.max()
            odds = np.exp(scores)
            total = odds.sum()
            value -= float((scores[right] - np.log(total)).sum())
            gradient -= x[right].sum(axis=0) - right.sum() * (odds @ x) / total
        return value, gradient

    found = minimize(loss, np.zeros(len(scale)), jac=True, method="L-BFGS-B")
    return np.asarray(found.x / scale)
