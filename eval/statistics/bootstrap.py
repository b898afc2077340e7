"""Confidence intervals by cluster bootstrap."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from eval.errors import StatisticsError
from eval.statistics.clusters import ClusterSums, checked, cluster_sums, draws, ratio

Method = Literal["bca", "percentile"]


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its confidence interval.

    ``low`` and ``high`` are None where fewer than two clusters have values, and of figures that no
    resampling can judge. ``value`` is None where no row has a value; ``n`` counts the rows that do.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    clusters: int


def mean_intervals(
    values: np.ndarray,
    clusters: Sequence[str] | np.ndarray,
    *,
    level: float = 0.95,
    method: Method = "bca",
    resamples: int = 2000,
    seed: int = 0,
) -> tuple[Interval, ...]:
    """Intervals for the means of m columns, from the same resamples.

    Whole clusters are drawn with replacement (Field and Welsh, Bootstrapping clustered data, JRSS B
    2007); the mean of a draw is the sum of its values over their number. ``bca`` corrects the
    percentiles for bias and skewness, with the acceleration from leaving out one cluster at a time
    (Efron, Better bootstrap confidence intervals, JASA 1987). Both are widened for few clusters; with
    under 40 of them and skewed values they still hold the truth less often than they say. Values that
    are all alike give an interval of no width: the bootstrap cannot know what it has not seen.

    Args:
        values: Shape (n, m) or (n,); NaN where there is no value.
        clusters: The dialogue or user of each row, shape (n,).
        level: The confidence.
        method: ``bca`` or ``percentile``.
        resamples: How many draws.
        seed: The same seed gives the same intervals.

    Returns:
        One interval a column.

    Raises:
        StatisticsError: values or options that no interval can be computed from.
    """
    _check(level, resamples)
    if method not in ("bca", "percentile"):
        raise StatisticsError(f"there is no method {method!r}", hint="Use 'bca' or 'percentile'")
    data = cluster_sums(values, clusters)
    replicates = np.concatenate(
        [
            ratio(counts @ data.sums, counts @ data.sizes)
            for counts in draws(len(data.sums), resamples, data.sums.shape[1], seed)
        ]
    )
    tails = _expanded_tails(level, data.clusters)
    if method == "bca":
        tails = _bca_tails(data, replicates, tails)
    columns = checked(values, clusters)[0].T
    parts = zip(columns, replicates.T, tails, data.sizes.T, strict=True)
    return tuple(_interval(_mean(column), *rest) for column, *rest in parts)


def quantile_interval(
    values: np.ndarray,
    clusters: Sequence[str] | np.ndarray,
    quantile: float,
    *,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Percentile interval for a quantile (inverted empirical distribution) by cluster bootstrap.

    BCa's acceleration does not exist for quantiles (Efron and Tibshirani 1993, chapter 11), hence
    percentiles.

    Args:
        values: Shape (n,); NaN where there is no value.
        clusters: The dialogue or user of each row, shape (n,).
        quantile: Between 0 and 1.
        level: The confidence.
        resamples: How many draws.
        seed: The same seed gives the same interval.

    Raises:
        StatisticsError: values or options that no interval can be computed from.
    """
    _check(level, resamples)
    if not 0 <= quantile <= 1:
        raise StatisticsError(f"{quantile} is no quantile", hint="Use a number from 0 to 1")
    table, codes = checked(values, clusters)
    column = table[:, 0]
    order = np.argsort(column, kind="stable")[: int(np.isfinite(column).sum())]
    sizes = np.bincount(codes[order], minlength=int(codes.max()) + 1)
    if not len(order):
        return Interval(None, None, None, 0, 0)
    ordered, owners = column[order], codes[order]
    replicates = []
    for counts in draws(len(sizes), resamples, len(order), seed):
        weights = np.cumsum(counts[:, owners], axis=1)
        rank = np.maximum(np.ceil(quantile * weights[:, -1:] * (1 - 1e-12)), 1)
        replicates.append(
            np.where(
                weights[:, -1] > 0, ordered[(weights < rank).sum(axis=1).clip(max=len(order) - 1)], np.nan
            )
        )
    tails = _expanded_tails(level, np.array([(sizes > 0).sum()]))[0]
    value = float(np.quantile(ordered, quantile, method="inverted_cdf"))
    return _interval(value, np.concatenate(replicates), tails, sizes)


def _expanded_tails(level: float, clusters: np.ndarray) -> np.ndarray:
    """The two percentiles of an interval, wider for few clusters, shape (m, 2).

    Φ(±√(C / (C - 1)) t): resampling C clusters gives a variance (C - 1) / C too small and takes no account
    of its being estimated (Hesterberg, The American Statistician 2015).
    """
    c = np.maximum(clusters, 2)
    z = np.sqrt(c / (c - 1)) * special.stdtrit(c - 1, (1 + level) / 2)
    return special.ndtr(np.stack([-z, z], axis=1))


def _bca_tails(data: ClusterSums, replicates: np.ndarray, tails: np.ndarray) -> np.ndarray:
    """The percentiles that BCa reads the interval from, shape (m, 2); plain ones where it is undefined."""
    # Replicates that equal the mean but for rounding count half.
    tolerance = 1e-12 * ratio(np.abs(data.sums).sum(axis=0), data.sizes.sum(axis=0))
    drawn = np.isfinite(replicates).sum(axis=0)
    under, over = data.means - tolerance, data.means + tolerance
    below = ratio((replicates < under).sum(axis=0) + (replicates <= over).sum(axis=0), 2 * drawn)
    bias = special.ndtri(below)[:, None]
    jackknife = ratio(data.sums.sum(axis=0) - data.sums, data.sizes.sum(axis=0) - data.sizes)
    jackknife = np.where(data.sizes > 0, jackknife, np.nan)
    centre = ratio(np.nansum(jackknife, axis=0), np.isfinite(jackknife).sum(axis=0))
    influence = np.nan_to_num(centre - jackknife)
    acceleration = ratio((influence**3).sum(axis=0), 6 * (influence**2).sum(axis=0) ** 1.5)
    acceleration = np.nan_to_num(acceleration)[:, None]
    with np.errstate(invalid="ignore"):
        shifted = bias + special.ndtri(tails)
        corrected = special.ndtr(bias + shifted / (1 - acceleration * shifted))
    return np.where(np.isfinite(corrected) & np.isfinite(bias), corrected, tails)


def _mean(values: np.ndarray) -> float:
    """The correctly rounded mean, whatever the order of the rows."""
    values = values[np.isfinite(values)]
    return math.fsum(values) / len(values) if len(values) else math.nan


def _interval(value: float, replicates: np.ndarray, tails: np.ndarray, sizes: np.ndarray) -> Interval:
    n, clusters = int(sizes.sum()), int((sizes > 0).sum())
    replicates = replicates[np.isfinite(replicates)]
    if clusters < 2:
        return Interval(float(value) if n else None, None, None, n, clusters)
    low, high = np.quantile(replicates, tails)
    return Interval(float(value), float(low), float(high), n, clusters)


def _check(level: float, resamples: int) -> None:
    if not 0 < level < 1:
        raise StatisticsError(f"{level} is no confidence level", hint="Use a number between 0 and 1, as 0.95")
    if resamples < 1:
        raise StatisticsError(f"{resamples} resamples", hint="Use at least 1, better 2000")
