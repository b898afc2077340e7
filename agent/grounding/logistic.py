"""Logistic regression by Newton's method, enough for a dozen features."""

from __future__ import annotations

import numpy as np


def fit_logistic(
    features: np.ndarray, labels: np.ndarray, *, penalty: float = 0.01
) -> tuple[float, np.ndarray]:
    """Fit by iteratively re-weighted least squares with an L2 penalty on the weights.

    Args:
        features: Shape (n, d).
        labels: 0 or 1, shape (n,).
        penalty: Half the inverse variance of the normal prior on a weight.

    Returns:
        The bias and the weights, shape (d,).
    """
    design = np.column_stack([np.ones(len(features)), features])
    ridge = penalty * np.r_[0.0, np.ones(features.shape[1])]
    weights = np.zeros(design.shape[1])
    for _ in range(100):
        probabilities = sigmoid(design @ weights)
        gradient = design.T @ (probabilities - labels) + ridge * weights
        curvature = (design * (probabilities * (1 - probabilities))[:, None]).T @ design + np.diag(
            ridge + 1e-9
        )
        step = np.linalg.solve(curvature, gradient)
        weights = weights - step
        if np.abs(step).max() < 1e-8:
            break
    return float(weights[0]), weights[1:]


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), without overflow."""
    return 1.0 / (1.0 + np.exp(-np.clip(logits, -60.0, 60.0)))


def wilson(count: int, total: int, z: float = 1.959964) -> tuple[float, float]:
    """Confidence interval of a proportion (Wilson, 1927), 95 % by default; (0, 1) of nothing."""
    if total == 0:
        return 0.0, 1.0
    share, scale = count / total, 1 + z * z / total
    centre = (share + z * z / (2 * total)) / scale
    half = z / scale * ((share * (1 - share) + z * z / (4 * total)) / total) ** 0.5
    return max(0.0, centre - half), min(1.0, centre + half)
