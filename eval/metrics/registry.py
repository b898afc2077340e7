"""Metrics by name: the decorator that registers one, and the function that measures rows with them."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np

from eval.errors import MetricError
from eval.metrics.ir import IR_PREFIX, ir_measure
from eval.metrics.rows import Rows

Better = Literal["higher", "lower"]
Function = Callable[..., np.ndarray]
F = TypeVar("F", bound=Function)


@dataclass(frozen=True, slots=True)
class Metric:
    """A registered metric.

    Attributes:
        name: How settings and tables call it, without the cutoff.
        function: ``function(rows)`` or ``function(rows, k)``; see :func:`metric`.
        cutoffs: The cutoffs measured unless others are asked for; empty where it takes none.
        better: Which direction is better; None where neither is.
        quantile: The quantile over rows that sums it up; None for the mean.
        whole: Whether it is one figure of all lists together rather than one a row.
    """

    name: str
    function: Function
    cutoffs: tuple[int, ...] = ()
    better: Better | None = None
    quantile: float | None = None
    whole: bool = False

    @property
    def description(self) -> str:
        """The first line of the function's docstring."""
        return (self.function.__doc__ or "").partition("\n")[0]


METRICS: dict[str, Metric] = {}
"""All registered metrics by name, in the order of their modules."""


def metric(
    name: str,
    *,
    cutoffs: tuple[int, ...] = (),
    better: Better | None = None,
    quantile: float | None = None,
    whole: bool = False,
) -> Callable[[F], F]:
    """Register a function as a metric and hand it back unchanged.

    The function takes :class:`Rows`, and a cutoff ``k`` where ``cutoffs`` are given. It returns one
    value a row, shape (n,), NaN where the metric says nothing of a row; or, with ``whole``, one value
    of all lists, shape ().
    """

    def register(function: F) -> F:
        if name in METRICS:
            raise MetricError(f"two metrics are called {name!r}")
        METRICS[name] = Metric(name, function, cutoffs, better, quantile, whole)
        return function

    return register


@dataclass(frozen=True, slots=True)
class Measurement:
    """One metric at one cutoff over all rows: a value a row, shape (n,), or shape () for a whole metric."""

    metric: Metric
    cutoff: int | None
    values: np.ndarray

    @property
    def name(self) -> str:
        """``recall@10``; without the cutoff where there is none."""
        return self.metric.name if self.cutoff is None else f"{self.metric.name}@{self.cutoff}"

    @property
    def n(self) -> int:
        """Rows that the metric says something of."""
        return int(np.isfinite(self.values).sum())

    @property
    def value(self) -> float:
        """The mean or quantile over those rows; NaN where there are none."""
        values = self.values[np.isfinite(self.values)]
        if not len(values):
            return float("nan")
        if self.metric.quantile is None:
            return math.fsum(values) / len(values)
        return float(np.quantile(values, self.metric.quantile, method="inverted_cdf"))


def measure(rows: Rows, names: Sequence[str] | None = None) -> dict[str, Measurement]:
    """Measure rows.

    Args:
        rows: The rows of one system.
        names: ``recall@10`` for one cutoff, ``recall`` for the metric's usual ones, ``ir:AP@10`` for
            any measure of ir-measures. All registered metrics where not given.

    Returns:
        Measurements by name (``recall@10``), in the order asked for.

    Raises:
        MetricError: an unknown name, a wrong cutoff, or no rows.
    """
    if not len(rows):
        raise MetricError("there are no rows to measure")
    asked = [pair for name in (METRICS if names is None else names) for pair in _parse(name, rows.depth)]
    found = [_measure(rows, metric, cutoff) for metric, cutoff in asked]
    return {m.name: m for m in found}


def _measure(rows: Rows, metric: Metric, cutoff: int | None) -> Measurement:
    values = metric.function(rows) if cutoff is None else metric.function(rows, cutoff)
    return Measurement(metric, cutoff, np.asarray(values, dtype=np.float64))


def _parse(name: str, depth: int) -> list[tuple[Metric, int | None]]:
    if name.startswith(IR_PREFIX):
        return [(Metric(name, lambda rows: ir_measure(rows, name), better="higher"), None)]
    base, at, cutoff = name.partition("@")
    if base not in METRICS:
        near = difflib.get_close_matches(base, METRICS, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(METRICS)}"
        raise MetricError(f"there is no metric {base!r}", hint=hint)
    metric = METRICS[base]
    if not at:
        return [(metric, k) for k in metric.cutoffs if k <= depth] if metric.cutoffs else [(metric, None)]
    if not metric.cutoffs:
        raise MetricError(f"the metric {base!r} takes no cutoff", where=repr(name), hint=f"Ask for {base!r}")
    if not cutoff.isdecimal() or not 1 <= int(cutoff) <= depth:
        raise MetricError("the cutoff must be a whole number", where=repr(name), hint=f"Use 1 to {depth}")
    return [(metric, int(cutoff))]
