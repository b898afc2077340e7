"""What the leader table of a data set holds, whatever it is printed on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from eval.errors import ResultsError
from eval.metrics import METRICS
from eval.metrics.registry import Better
from eval.report.names import short_names
from eval.results import CellResult, DatasetStamp, RunResult
from eval.statistics import Comparison, Interval

Standing = Literal["better", "worse", "different", "undecided", "baseline", "untested"]

MARKS: dict[Standing, str] = {
    "better": "▲",
    "worse": "▼",
    "different": "≠",
    "undecided": "",
    "baseline": "",
    "untested": "",
}
"""What stands behind a figure; nothing where the data do not decide."""

_CHOICES = ("accuracy", "auc")
_BY_PROTOCOL = {
    "title-grounding": ("recall@1", "out_of_catalog_rate"),
    "understanding": ("mentions_f1", "constraints_f1", "intents_accuracy"),
}
_HEADLINES = (
    "success_rate@5",
    "turns_to_success",
    "recall@10",
    "ndcg@10",
    "recall@1",
    "mrr@10",
    "recall@50",
    "hit_rate@10",
)
_DIVERSITY = ("embedding_distance@10", "category_distance@10", "subtopic_recall@10")
COST = "milliseconds_p50"
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric of one cell, and what the paired test against the baseline says of it."""

    metric: str
    interval: Interval | None
    comparison: Comparison | None
    standing: Standing

    @property
    def value(self) -> float | None:
        """The estimate; None where nothing was measured."""
        return None if self.interval is None else self.interval.value

    @property
    def mark(self) -> str:
        """``▲`` better, ``▼`` worse, ``≠`` different where neither direction is better."""
        return MARKS[self.standing]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table; its name is the cell's label without what all labels share."""

    name: str
    cell: CellResult
    figures: tuple[Figure, ...]
    is_baseline: bool

    def figure(self, metric: str) -> Figure:
        """The figure of one of the board's metrics; raises KeyError for others."""
        for found in self.figures:
            if found.metric == metric:
                return found
        raise KeyError(metric)

    @property
    def is_floor(self) -> bool:
        """Whether it is there to be beaten."""
        return self.cell.kind == "floor"


@dataclass(frozen=True)
class Board:
    """The cells of one data set, best first by the first metric.

    Attributes:
        dataset: The data set.
        metrics: The headline metrics, the one that orders the table first.
        lines: The cells.
        baseline: What they were compared with; None where nothing was named.
        shared: What was left out of the names.
        level: Confidence of the intervals; 1 - level is the significance.
    """

    dataset: DatasetStamp
    metrics: tuple[str, ...]
    lines: tuple[Line, ...]
    baseline: Line | None
    shared: tuple[str, ...]
    level: float

    @property
    def main(self) -> str:
        """The metric that orders the table."""
        return self.metrics[0]

    @cached_property
    def systems(self) -> tuple[Line, ...]:
        """All that is not a floor, best first."""
        return tuple(line for line in self.lines if not line.is_floor)

    @cached_property
    def floors(self) -> tuple[Line, ...]:
        """The floors, best first."""
        return tuple(line for line in self.lines if line.is_floor)

    @property
    def has_outputs(self) -> bool:
        """Whether stored outputs of other systems are among the lines."""
        return any(line.cell.kind == "outputs" for line in self.lines)

    def best(self, lines: Sequence[Line]) -> Line | None:
        """The first of the lines that has a value; None where there is none."""
        return next((line for line in lines if line.figures[0].value is not None), None)

    def detectable(self, metric: str) -> tuple[float, float] | None:
        """The least and greatest of the smallest detectable differences; None where there are none."""
        found = [line.figure(metric).comparison for line in self.lines]
        known = [c.detectable for c in found if c is not None and c.detectable is not None]
        return (min(known), max(known)) if known else None

    @property
    def diversity(self) -> str | None:
        """The measure of diversity at hand."""
        return next(iter(_measured(_DIVERSITY, [line.cell for line in self.lines])), None)

    def read(self, line: Line, metric: str) -> Figure:
        """Any metric of a line, also one that is not in the table."""
        return _figure(line.cell, metric, is_baseline=line.is_baseline, level=self.level)


def boards(run: RunResult, metrics: Sequence[str] | None = None) -> tuple[Board, ...]:
    """The boards of a run, one a data set, in the order of the run.

    Args:
        run: The results.
        metrics: The columns; those of the data set's protocol where not given.

    Raises:
        ResultsError: there are no cells, or no cell has a metric asked for.
    """
    if not run.cells:
        raise ResultsError("the run has no cells", where=f"run {run.id!r}", hint="Run it first")
    found = (_board(run, stamp, metrics) for stamp in run.datasets.values() if run.of(stamp.name))
    return tuple(found)


def better(metric: str) -> Better | None:
    """Which direction is better; ``higher`` for measures of ir-measures."""
    known = METRICS.get(metric.partition("@")[0])
    if known is not None:
        return known.better
    return "higher" if metric.startswith("ir:") else None


def describe(metric: str) -> str:
    """One sentence on a metric; empty where it is not ours."""
    known = METRICS.get(metric.partition("@")[0])
    return known.description if known is not None else ""


def _board(run: RunResult, stamp: DatasetStamp, metrics: Sequence[str] | None) -> Board:
    cells = run.of(stamp.name)
    names = tuple(_measured(metrics, cells) if metrics is not None else _headline(cells, stamp.protocol))
    if not names:
        asked = ", ".join(metrics or ())
        raise ResultsError(
            f"no cell has measured {asked or 'anything'}",
            where=f"run {run.id!r}, data set {stamp.name!r}",
            hint=f"There are: {', '.join(_all(cells))}" if _all(cells) else None,
        )
    baseline = run.baselines.get(stamp.name)
    short, shared = short_names([cell.label for cell in cells])
    lines = [
        Line(
            short[cell.label],
            cell,
            tuple(_figure(cell, name, is_baseline=cell.id == baseline, level=run.level) for name in names),
            cell.id == baseline,
        )
        for cell in cells
    ]
    sign = -1 if better(names[0]) != "lower" else 1
    lines.sort(key=lambda line: _order(line.figures[0].value, sign))
    base = next((line for line in lines if line.is_baseline), None)
    return Board(stamp, names, tuple(lines), base, shared, run.level)


def _order(value: float | None, sign: int) -> tuple[bool, float]:
    return (value is None, 0.0 if value is None else sign * value)


def _figure(cell: CellResult, metric: str, *, is_baseline: bool, level: float) -> Figure:
    comparison = cell.comparisons.get(metric)
    standing = _standing(metric, comparison, level)
    return Figure(metric, cell.measurements.get(metric), comparison, "baseline" if is_baseline else standing)


def _standing(metric: str, comparison: Comparison | None, level: float) -> Standing:
    if comparison is None or comparison.adjusted_p is None or comparison.difference.value is None:
        return "untested"
    if comparison.adjusted_p > 1 - level + _ROUNDING:
        return "undecided"
    direction = better(metric)
    if direction is None:
        return "different"
    return "better" if (comparison.difference.value > 0) == (direction == "higher") else "worse"


def _headline(cells: Sequence[CellResult], protocol: str) -> list[str]:
    """Up to three measures of accuracy and one of diversity; of choices, where all is listed, only theirs."""
    if own := _measured(_BY_PROTOCOL.get(protocol, ()), cells):
        return own
    if choices := _measured(_CHOICES, cells):
        return choices
    accuracy = _measured(_HEADLINES, cells)[:3]
    found = accuracy + _measured(_DIVERSITY, cells)[:1]
    return found or _all(cells)[:3]


def _measured(names: Iterable[str], cells: Sequence[CellResult]) -> list[str]:
    """The names that at least one cell has a value of."""
    return [name for name in names if any(_has(cell, name) for cell in cells)]


def _all(cells: Sequence[CellResult]) -> list[str]:
    names = dict.fromkeys(name for cell in cells for name in cell.measurements)
    return _measured(names, cells)


def _has(cell: CellResult, name: str) -> bool:
    interval = cell.measurements.get(name)
    return interval is not None and interval.value is not None
