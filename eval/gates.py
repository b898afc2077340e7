"""Gates: conditions that a run must meet, alone or against a baseline, for programs to act on."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from eval.errors import GateError
from eval.metrics import METRICS
from eval.results import CellResult, RowTable, RunResult
from eval.statistics import Comparison, compare

FAILED_GATE = 100
"""The exit code when a gate fails: no other failure has it."""

MAIN = ("recall@1", "recall@10", "recall@50", "ndcg@10", "mrr@10", "accuracy", "auc", "success_rate@5")
"""The metrics that two runs are compared on where no gate names others."""

GateKind = Literal["under", "over", "drop"]
_LIMIT = re.compile(r"(?P<metric>[^=\s]+)=(?P<limit>[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition on one metric.

    Attributes:
        kind: ``under`` fails where the value is below the limit, ``over`` where it is above, ``drop``
            where the run is worse than the baseline by more than the limit (for metrics that are better
            when lower, worse means higher).
        metric: Such as ``recall@10``.
        limit: In the metric's own unit.
    """

    kind: GateKind
    metric: str
    limit: float

    @classmethod
    def parse(cls, kind: GateKind, text: str) -> Gate:
        """Read ``recall@10=.10``.

        Raises:
            GateError: it is misspelt, or there is no such metric.
        """
        match = _LIMIT.fullmatch(text.strip())
        if match is None:
            raise GateError(f"{text!r} is no gate", hint="write METRIC=NUMBER, such as recall@10=.10")
        name, limit = match["metric"], float(match["limit"])
        base = name.partition("@")[0]
        if base not in METRICS and not base.startswith("ir:"):
            raise GateError(f"there is no metric {base!r}", hint=f"there are: {', '.join(METRICS)}")
        if kind == "drop" and limit < 0:
            raise GateError(f"{text!r}: a drop is 0 or more")
        return cls(kind, name, limit)

    def __str__(self) -> str:
        if math.isinf(self.limit):
            return self.metric
        sign = {"under": ">=", "over": "<=", "drop": "drops at most"}[self.kind]
        return f"{self.metric} {sign} {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one gate on one cell.

    Attributes:
        cell: Id of the cell of the run.
        value: Its value.
        baseline: The baseline's value; None where the gate needs none.
        passed: Whether the gate holds.
        comparison: The paired comparison, where both runs have the same rows.
    """

    gate: Gate
    cell: str
    value: float
    baseline: float | None
    passed: bool
    comparison: Comparison | None = None

    def __str__(self) -> str:
        """``recall@10 drops at most 0.005: 0.093 -> 0.081 (p = 0.03)``."""
        came = f"{self.value:.4f}" if self.baseline is None else f"{self.baseline:.4f} -> {self.value:.4f}"
        p = self.comparison.p if self.comparison is not None else None
        return f"{self.gate}: {came}" + (f" (p = {p:.3g})" if p is not None else "")


def judge(
    run: RunResult,
    gates: Sequence[Gate],
    baseline: RunResult | None = None,
    *,
    cell: str | None = None,
    against: str | None = None,
) -> tuple[Verdict, ...]:
    """Judge a run's cells by gates.

    Args:
        run: The run.
        gates: The conditions.
        baseline: The run to compare with, where a gate needs one.
        cell: Id or label of the one cell that is judged; all but the floors by default.
        against: Id or label of the baseline's cell; that of the same id by default, or the only one
            where both runs have a single one.

    Raises:
        GateError: a cell has no value for a metric, the baseline lacks a cell, or the data differ.
        ResultsError: there is no cell of that name.
    """
    judged = [run.cell(cell)] if cell is not None else list(_judged(run))
    if not judged:
        raise GateError("there is nothing but floors in it", where=f"run {run.id!r}", hint="name one: --cell")
    found = []
    for each in judged:
        other = None
        if baseline is not None:
            other = baseline.cell(against) if against is not None else _counterpart(each, judged, baseline)
            _check_data(run, each, baseline, other)
        found += [_verdict(gate, each, other) for gate in gates]
    return tuple(found)


def main_differences(run: RunResult) -> list[Gate]:
    """Gates on the main metrics that a run has, which never fail: to show how it differs from another."""
    measured = [cell.measurements for cell in run.cells if cell.kind != "floor"]
    names = [name for name in MAIN if all(name in found for found in measured)]
    return [Gate("drop", name, math.inf) for name in names]


def paired(metric: str, rows: RowTable | None, others: RowTable | None) -> Comparison | None:
    """Compare two cells row by row; None where their rows are not the same ones or lack the metric."""
    if rows is None or others is None or rows.ids != others.ids:
        return None
    if metric not in rows.values or metric not in others.values:
        return None
    values = {"run": _array(rows.values[metric]), "baseline": _array(others.values[metric])}
    return compare(values, "baseline", rows.clusters)["run"]


def _judged(run: RunResult) -> Iterator[CellResult]:
    return (cell for cell in run.cells if cell.kind != "floor")


def _counterpart(cell: CellResult, judged: Sequence[CellResult], baseline: RunResult) -> CellResult:
    same = [other for other in baseline.cells if other.id == cell.id]
    candidates = list(_judged(baseline))
    if not same and len(judged) == 1 and len(candidates) == 1:
        return candidates[0]
    if not same:
        names = ", ".join(repr(other.id) for other in candidates)
        raise GateError(
            f"the baseline has no cell {cell.id!r}",
            where=f"run {baseline.id!r}",
            hint=f"name one with --against: {names}",
        )
    return same[0]


def _check_data(run: RunResult, cell: CellResult, baseline: RunResult, other: CellResult) -> None:
    ours = run.datasets[cell.settings.dataset]
    theirs = baseline.datasets[other.settings.dataset]
    if ours.checksum != theirs.checksum or ours.protocol != theirs.protocol:
        raise GateError(
            f"the baseline was made on other data ({theirs.name} {theirs.checksum} {theirs.protocol}, "
            f"not {ours.name} {ours.checksum} {ours.protocol})",
            where=f"run {baseline.id!r}",
            hint="make it again on the data of today",
        )


def _verdict(gate: Gate, cell: CellResult, baseline: CellResult | None) -> Verdict:
    value = _value(gate.metric, cell)
    if gate.kind != "drop":
        passed = value >= gate.limit if gate.kind == "under" else value <= gate.limit
        return Verdict(gate, cell.id, value, None, passed)
    if baseline is None:
        raise GateError(f"{gate}: there is no baseline", hint="name a run to compare with")
    before = _value(gate.metric, baseline)
    metric = METRICS.get(gate.metric.partition("@")[0])
    worse = value - before if metric is not None and metric.better == "lower" else before - value
    # A drop of exactly the limit passes, whatever rounding does to the subtraction.
    passed = worse <= gate.limit or math.isclose(worse, gate.limit, rel_tol=0, abs_tol=1e-12)
    return Verdict(gate, cell.id, value, before, passed, paired(gate.metric, cell.rows, baseline.rows))


def _value(metric: str, cell: CellResult) -> float:
    interval = cell.measurements.get(metric)
    if interval is None or interval.value is None:
        raise GateError(
            f"there is no value of {metric!r}",
            where=f"cell {cell.id!r}",
            hint=f"there are: {', '.join(_measured(cell.measurements))}",
        )
    return interval.value


def _measured(measurements: Mapping[str, object]) -> list[str]:
    return [name for name, interval in measurements.items() if getattr(interval, "value", None) is not None]


def _array(values: Sequence[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
