"""How small a difference the rows at hand can find."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special

from eval.errors import StatisticsError
from eval.statistics.clusters import cluster_sums, ratio


def smallest_detectable_differences(
    differences: np.ndarray, clusters: Sequence[str] | np.ndarray, *, power: float = 0.8, alpha: float = 0.05
) -> np.ndarray:
    """The smallest true mean difference that a two-sided paired test finds with the given power.

    (t_{1-α/2} + t_{power}) · se with C - 1 degrees of freedom and the cluster-robust standard error of
    the paired differences. Source: Bloom, Minimum detectable effects, Evaluation Review 1995.

    Args:
        differences: System minus baseline, shape (n, m) or (n,); NaN where a row lacks one of the two.
        clusters: The dialogue or user of each row, shape (n,).
        power: The chance to find it.
        alpha: The significance level; divide it by the number of comparisons where there are several.

    Returns:
        Differences in the metric's own unit, shape (m,). NaN where nothing can be told: fewer than two
        clusters, or no variation at all.

    Raises:
        StatisticsError: power or alpha is not between 0 and 1.
    """
    for name, value in (("power", power), ("alpha", alpha)):
        if not 0 < value < 1:
            raise StatisticsError(f"{name} {value} is not between 0 and 1")
    data = cluster_sums(differences, clusters)
    freedom = np.maximum(data.clusters - 1, 1)
    errors = data.standard_errors
    found = (special.stdtrit(freedom, 1 - alpha / 2) + special.stdtrit(freedom, power)) * errors
    return np.where(ratio(errors, errors) == 1, found, np.nan)
