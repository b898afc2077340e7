"""Whether systems differ from a baseline on the same rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eval.errors import StatisticsError
from eval.statistics.bootstrap import Interval, mean_intervals
from eval.statistics.clusters import chunks, cluster_sums
from eval.statistics.power import smallest_detectable_differences


@dataclass(frozen=True, slots=True)
class Comparison:
    """One system against the baseline on one metric, over the rows that both have a value for.

    Attributes:
        difference: System minus baseline, with its interval.
        p: Two-sided p-value of the paired test; None where no row has both values.
        adjusted_p: The same after Holm's correction for the number of systems compared.
        detectable: The smallest true difference that such a comparison finds in 80% of cases; None
            where it cannot be told.
    """

    difference: Interval
    p: float | None
    adjusted_p: float | None
    detectable: float | None


def compare(
    systems: Mapping[str, np.ndarray],
    baseline: str,
    clusters: Sequence[str] | np.ndarray,
    *,
    level: float = 0.95,
    resamples: int = 10_000,
    seed: int = 0,
) -> dict[str, Comparison]:
    """Compare systems with a named baseline, row by row.

    Intervals are by paired cluster bootstrap, p-values by :func:`sign_flip_test`.

    Args:
        systems: Values of one metric by system, the baseline's among them, each of shape (n,), rows in
            the same order.
        baseline: The name of the baseline.
        clusters: The dialogue or user of each row, shape (n,).
        level: Confidence of the intervals; 1 - level is the significance for ``detectable``.
        resamples: Draws of the bootstrap and of the test.
        seed: The same seed gives the same figures.

    Returns:
        A comparison for every system but the baseline, in the order given.

    Raises:
        StatisticsError: the baseline is not among the systems, or the rows are not the same.
    """
    if baseline not in systems:
        names = ", ".join(systems)
        raise StatisticsError(f"there is no row {baseline!r} to compare with", hint=f"There are: {names}")
    lengths = {len(values) for values in systems.values()}
    if len(lengths) > 1:
        raise StatisticsError(
            "the systems have different numbers of rows", hint="Compare them on the same rows"
        )
    others = [name for name in systems if name != baseline]
    if not others:
        return {}
    differences = np.stack([systems[name] - systems[baseline] for name in others], axis=1)
    intervals = mean_intervals(differences, clusters, level=level, resamples=resamples, seed=seed)
    p = sign_flip_test(differences, clusters, resamples=resamples, seed=seed)
    adjusted = holm(p)
    detectable = smallest_detectable_differences(differences, clusters, alpha=1 - level)
    return {
        name: Comparison(intervals[j], _known(p[j]), _known(adjusted[j]), _known(detectable[j]))
        for j, name in enumerate(others)
    }


def sign_flip_test(
    differences: np.ndarray, clusters: Sequence[str] | np.ndarray, *, resamples: int = 10_000, seed: int = 0
) -> np.ndarray:
    """Paired randomisation test: if nothing differs, each cluster's difference may as well be negated.

    The p-value is the share of sign patterns whose |Σ ± S_c| is above the |Σ S_c| seen, S_c a cluster's
    sum of differences, plus half the share of those that equal it: sums of hits often tie, and counting
    ties in full finds 2-4% where 5% are promised. All 2^C patterns are tried where they are no more than
    ``resamples``; else as many random ones and the pattern seen. Sources: Fisher, The Design of
    Experiments (1935); for system comparison Smucker, Allan and Carterette, CIKM 2007; the half is the
    mid-p of Lancaster, JASA 1961.

    Args:
        differences: Shape (n, m) or (n,); NaN where a row lacks one of the two values.
        clusters: The dialogue or user of each row, shape (n,).
        resamples: How many patterns.
        seed: The same seed gives the same p-values.

    Returns:
        Two-sided p-values, shape (m,); 1 where nothing differs, NaN for columns without values.
    """
    data = cluster_sums(differences, clusters)
    p = [_sign_flip(sums[sums != 0], resamples, seed) for sums in data.sums.T]
    return np.where(data.clusters > 0, p, np.nan)


def _sign_flip(sums: np.ndarray, resamples: int, seed: int) -> float:
    """The p-value for one column of cluster sums without zeros, which no sign changes."""
    if not len(sums):
        return 1.0
    count, done, extreme = len(sums), 0, 0.0
    exact = 2**count <= resamples
    total, rng = (2**count if exact else resamples), np.random.default_rng(seed)
    # Rounding must not part sums that are equal in exact arithmetic.
    seen, rounding = abs(sums.sum()), 1e-9 * np.abs(sums).sum()
    for size in chunks(total, count):
        if exact:
            bits = (np.arange(done, done + size)[:, None] >> np.arange(count)) & 1
        else:
            bits = rng.integers(0, 2, size=(size, count), dtype=np.int8)
        excess = np.abs((2.0 * bits - 1) @ sums) - seen
        extreme += ((excess > rounding).sum() + (excess >= -rounding).sum()) / 2
        done += size
    return float(extreme / total if exact else (extreme + 1) / (total + 1))


def holm(p_values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Adjust p-values so that the chance of any false positive among them stays at the level.

    Ascending, p_(i) becomes max over j <= i of min(1, (m - j + 1) p_(j)). Source: Holm, A simple
    sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 1979.

    Args:
        p_values: Shape (m,); NaN stays NaN and does not count.

    Returns:
        Adjusted p-values in the same order, shape (m,).

    Raises:
        StatisticsError: a p-value outside 0..1.
    """
    p = np.asarray(p_values, dtype=np.float64)
    known = np.flatnonzero(np.isfinite(p))
    if ((p[known] < 0) | (p[known] > 1)).any():
        raise StatisticsError("a p-value is not between 0 and 1")
    order = known[np.argsort(p[known], kind="stable")]
    adjusted = np.full(p.shape, np.nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)), 1)
    return adjusted


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
