"""Intervals, tests and power for rows in clusters: the turns of a dialogue, the lists of a user."""

from eval.statistics.bootstrap import Interval, mean_intervals, quantile_interval
from eval.statistics.comparison import Comparison, compare, holm, sign_flip_test
from eval.statistics.power import smallest_detectable_differences
from eval.statistics.spread import Spread, spread
from eval.statistics.summary import summarise

__all__ = [
    "Comparison",
    "Interval",
    "Spread",
    "compare",
    "holm",
    "mean_intervals",
    "quantile_interval",
    "sign_flip_test",
    "smallest_detectable_differences",
    "spread",
    "summarise",
]
