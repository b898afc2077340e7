"""Sums by cluster: dialogues or users are drawn as wholes, because their rows are not independent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from eval.errors import StatisticsError

CHUNK = 4_000_000
"""Numbers held at once while resampling."""


@dataclass(frozen=True, slots=True)
class ClusterSums:
    """Values summed by cluster, for m columns of values at once.

    Attributes:
        sums: Sum of the values of each cluster, NaN left out, shape (clusters, m).
        sizes: How many values were summed, shape (clusters, m).
    """

    sums: np.ndarray
    sizes: np.ndarray

    @property
    def means(self) -> np.ndarray:
        """Mean over all values of each column, shape (m,); NaN where a column has none."""
        return ratio(self.sums.sum(axis=0), self.sizes.sum(axis=0))

    @property
    def clusters(self) -> np.ndarray:
        """Clusters with at least one value, shape (m,)."""
        return (self.sizes > 0).sum(axis=0)

    @property
    def standard_errors(self) -> np.ndarray:
        """Cluster-robust standard errors of the means, shape (m,); NaN with under two clusters.

        √(C / (C - 1) Σ_c (S_c - n_c x̄)²) / N: the linearised variance of a ratio of sums (Cochran, Sampling
        Techniques, 1977, chapter 6). For clusters of one value it is s / √n.
        """
        c = self.clusters
        deviations = self.sums - self.sizes * np.nan_to_num(self.means)
        variances = ratio(c * (deviations**2).sum(axis=0), np.maximum(c - 1, 0))
        return ratio(np.sqrt(variances), self.sizes.sum(axis=0))


def cluster_sums(values: np.ndarray, clusters: Sequence[str] | np.ndarray) -> ClusterSums:
    """Sum values by cluster, clusters in sorted order.

    Args:
        values: Shape (n, m) or (n,); NaN where there is no value.
        clusters: The cluster of each row, shape (n,).

    Raises:
        StatisticsError: see :func:`checked`.
    """
    table, codes = checked(values, clusters)
    count = int(codes.max()) + 1
    present = np.isfinite(table)
    columns = range(table.shape[1])
    filled = np.where(present, table, 0.0)
    sums = [np.bincount(codes, weights=filled[:, j], minlength=count) for j in columns]
    sizes = [np.bincount(codes, weights=present[:, j], minlength=count) for j in columns]
    return ClusterSums(np.stack(sums, axis=1), np.stack(sizes, axis=1))


def checked(values: np.ndarray, clusters: Sequence[str] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values as a float table of shape (n, m), and the number of each row's cluster, shape (n,).

    Raises:
        StatisticsError: no rows, another number of clusters than of rows, or infinite values.
    """
    table = np.asarray(values, dtype=np.float64)
    table = table[:, None] if table.ndim == 1 else table
    labels = np.asarray(clusters)
    if table.ndim != 2 or not table.size:
        raise StatisticsError(f"values of shape {np.shape(values)}", hint="Pass at least one row")
    if labels.shape != (len(table),):
        raise StatisticsError(f"{labels.size} cluster names for {len(table)} rows", hint="Name one a row")
    if np.isinf(table).any():
        raise StatisticsError("infinite values have no mean", hint="Use NaN where there is no value")
    return table, np.unique(labels, return_inverse=True)[1]


def draws(clusters: int, resamples: int, width: int, seed: int) -> Iterator[np.ndarray]:
    """How often each cluster is drawn, in chunks of resamples, each of shape (chunk, clusters).

    Args:
        clusters: How many clusters there are; as many are drawn each time, with replacement.
        resamples: How many times.
        width: Numbers that the caller needs for one resample, so that chunks stay small.
        seed: The same seed gives the same draws.
    """
    drawn, start = _drawn(clusters, resamples, seed), 0
    for size in chunks(resamples, max(clusters, width)):
        yield drawn[start : start + size].astype(np.float64)
        start += size


# All metrics, systems and comparisons of a data set are judged by the same draws.
@lru_cache(maxsize=4)
def _drawn(clusters: int, resamples: int, seed: int) -> np.ndarray:
    """How often each cluster is drawn in each resample, shape (resamples, clusters)."""
    rng = np.random.default_rng(seed)
    counts = np.empty((resamples, clusters), dtype=np.uint16)
    for row in counts:
        row[:] = np.bincount(rng.integers(clusters, size=clusters), minlength=clusters)
    return counts


def chunks(total: int, width: int) -> Iterator[int]:
    """Sizes that add up to ``total``, each with at most about ``CHUNK`` numbers of ``width`` a unit."""
    step = max(1, CHUNK // width)
    for start in range(0, total, step):
        yield min(step, total - start)


def ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """The quotient; NaN where the denominator is 0."""
    out = np.full(np.broadcast_shapes(np.shape(numerator), np.shape(denominator)), np.nan)
    return np.divide(numerator, denominator, out=out, where=np.asarray(denominator) != 0)
