"""What a reader of the tables must be told, in sentences."""

from __future__ import annotations

from collections import Counter

from eval.report.board import Board, Line, Standing
from eval.report.text import figure, number, one_line, p_value, plural, signed, tick
from eval.results import RunResult


def summary(board: Board) -> str:
    """What was asked: ``redial: 901 rows of 340 dialogues or users, 6,281 items``."""
    stamp = board.dataset
    rows = (
        f"{plural(stamp.rows, 'row')} in {plural(stamp.clusters, 'dialogue or user', 'dialogues or users')}"
    )
    return f"{one_line(stamp.name)}: {rows}, {plural(stamp.items, 'item')}"


def confidence(board: Board) -> str:
    """The level of the intervals: ``95%``."""
    return f"{100 * board.level:g}%"


def value_with_interval(board: Board, line: Line) -> str:
    """The first metric in words: ``.121 (95% interval .104 to .139)``."""
    found = line.figures[0]
    text = figure(found.metric, found.value)
    if found.interval is None or found.interval.low is None:
        return text
    low, high = (figure(found.metric, end) for end in (found.interval.low, found.interval.high))
    return f"{text} ({confidence(board)} interval {low} to {high})"


def difference(line: Line) -> str:
    """The difference from the baseline: ``+.031 (+.012 to +.050), p = .012``; empty without a comparison."""
    found = line.figures[0].comparison
    if found is None or found.difference.value is None:
        return ""
    interval = found.difference
    ends = f" ({signed(interval.low)} to {signed(interval.high)})" if interval.low is not None else ""
    return f"{signed(interval.value)}{ends}, {p_value(found.adjusted_p)}"


def standings(board: Board) -> Counter[Standing]:
    """How often each standing falls on the systems, by the first metric."""
    return Counter(line.figures[0].standing for line in board.systems if not line.is_baseline)


def board_notes(board: Board) -> list[str]:
    """How to read the marks, and what the comparison could have found."""
    notes = [f"Intervals hold {confidence(board)}, by bootstrap over dialogues or users."]
    if board.baseline is not None:
        notes.append(
            f"▲ better, ▼ worse than {one_line(board.baseline.name)}: paired randomisation test, "
            f"p ≤ {tick(round(1 - board.level, 6))} after Holm. No mark: not decided."
        )
    if board.shared:
        notes.append(f"Left out of the names, because all share it: {one_line(', '.join(board.shared))}.")
    detectable = board.detectable(board.main)
    if detectable is not None:
        ends = dict.fromkeys(number(end) for end in detectable)
        notes.append(
            f"Detects: the smallest difference in {one_line(board.main)} that 80% of such runs find, "
            f"{' to '.join(ends)}."
        )
    unknown = board.dataset.unknown_targets
    if unknown:
        notes.append(f"{plural(unknown, 'right answer is', 'right answers are')} not in the catalog: missed.")
    reasons = Counter[str]()
    for line in board.lines:
        reasons.update(line.cell.failures)
    notes += [f"Failed, counted as 0: {count:,} × {one_line(reason)}." for reason, count in reasons.items()]
    notes += [f"{one_line(line.name)}: {one_line(note)}" for line in board.lines for note in line.cell.notes]
    return notes


def run_notes(run: RunResult) -> list[str]:
    """What holds of the run as a whole."""
    unfinished = ["The run is not finished: some rows are missing."] if not run.complete else []
    return unfinished + list(run.notes)
