"""Drawing one token from its scores."""

from __future__ import annotations

import numpy as np

from agent.lm.base import Sampling


def draw(logits: np.ndarray, sampling: Sampling, rng: np.random.Generator) -> int:
    """Index of the next token.

    Greedy at temperature 0. Otherwise drawn from the smallest set of tokens whose probability,
    after the temperature, reaches ``top_p`` (nucleus sampling, Holtzman et al. 2020).

    Args:
        logits: Scores, shape (n,); forbidden tokens are -inf.
        sampling: Temperature and ``top_p``.
        rng: Source of randomness.
    """
    if sampling.temperature == 0:
        return int(np.argmax(logits))
    scaled = logits.astype(np.float64) / sampling.temperature
    probabilities = np.exp(scaled - scaled.max())
    probabilities /= probabilities.sum()
    if sampling.top_p < 1:
        order = np.argsort(-probabilities, kind="stable")
        before = np.cumsum(probabilities[order]) - probabilities[order]
        probabilities[order[(before >= sampling.top_p) & (before > 0)]] = 0
        probabilities /= probabilities.sum()
    return int(rng.choice(len(probabilities), p=probabilities))
