"""All measurements of a system with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from eval.metrics import Measurement
from eval.statistics.bootstrap import Interval, mean_intervals, quantile_interval


def summarise(
    measurements: Mapping[str, Measurement],
    clusters: Sequence[str] | np.ndarray,
    *,
    where: np.ndarray | None = None,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> dict[str, Interval]:
    """Value and interval of every measurement, by name.

    Metrics of all lists together (coverage, Gini) have no interval: a resample repeats lists and so
    covers less than the sample does.

    Args:
        measurements: What :func:`eval.metrics.measure` returned.
        clusters: The dialogue or user of each row, shape (n,).
        where: The rows of a slice, shape (n,), to sum up those alone; metrics of all lists together
            are then left out. A slice without rows has no values.
        level: The confidence.
        resamples: Draws of the bootstrap.
        seed: The same seed gives the same intervals.

    Raises:
        StatisticsError: no rows, or clusters that do not fit them.
    """
    labels = np.asarray(clusters)
    keep = np.ones(len(labels), dtype=bool) if where is None else where
    by_row = {name: m.values[keep] for name, m in measurements.items() if not m.metric.whole}
    means = [name for name in by_row if measurements[name].metric.quantile is None]
    if where is not None and not keep.any():
        return dict.fromkeys(by_row, Interval(None, None, None, 0, 0))
    found: dict[str, Interval] = {}
    if means:
        table = np.stack([by_row[name] for name in means], axis=1)
        found.update(
            zip(
                means,
                mean_intervals(table, labels[keep], level=level, resamples=resamples, seed=seed),
                strict=True,
            )
        )
    for name, m in measurements.items():
        if m.metric.quantile is not None:
            found[name] = quantile_interval(
                by_row[name], labels[keep], m.metric.quantile, level=level, resamples=resamples, seed=seed
            )
        elif m.metric.whole and where is None:
            value = m.value if m.n else None
            found[name] = Interval(value, None, None, len(labels), len(np.unique(labels)))
    return {name: found[name] for name in measurements if name in found}
