"""The leader tables as GitHub tables, for READMEs and pull requests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from eval.report.board import COST, Board, Figure, Line, boards
from eval.report.figures import FigureTable, figure_tables
from eval.report.notes import board_notes, run_notes, summary
from eval.report.text import figure, number, one_line, signed
from eval.results import RunResult

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#&!@:])")


def to_markdown(run: RunResult, *, metrics: Sequence[str] | None = None) -> str:
    """All leader tables of a run.

    Args:
        run: The results.
        metrics: The columns; those of each data set's protocol where not given.

    Raises:
        ResultsError: see :func:`eval.report.board.boards`.
    """
    parts = [f"# {escape(run.id)}", *(f"> {escape(note)}" for note in run_notes(run))]
    for board in boards(run, metrics):
        parts += [f"## {escape(summary(board))}", _table(board)]
        parts.append("\n".join(f"- {escape(note)}" for note in board_notes(board)))
        for figures in figure_tables(board):
            parts += [f"### {escape(figures.title)}", _plain(figures), escape(figures.note)]
    revision = f", revision {escape(run.machine.revision)}" if run.machine.revision else ""
    parts.append(f"groundrec {escape(run.machine.groundrec)}{revision}, {escape(run.created)}")
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """One line of text in which nothing is markup, a mention or a link."""
    return _SPECIAL.sub(r"\\\1", one_line(text))


def _table(board: Board) -> str:
    compared = [f"Δ {board.main}", "detects"] if board.baseline is not None else []
    headers = ["system", *board.metrics, *compared, "ms", "n", "failed"]
    lines = [_row(map(escape, headers)), _row(["---"] + ["---:"] * (len(headers) - 1))]
    return "\n".join(lines + [_row(_cells(board, line)) for line in board.lines])


def _plain(figures: FigureTable) -> str:
    sides = ["---"] * figures.words + ["---:"] * (len(figures.headers) - figures.words)
    rows = [_row(map(escape, row)) for row in figures.rows]
    return "\n".join([_row(map(escape, figures.headers)), _row(sides), *rows])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(board: Board, line: Line) -> list[str]:
    name = escape(line.name)
    tag = " (baseline)" if line.is_baseline else " (floor)" if line.is_floor else ""
    comparison = line.figures[0].comparison
    compared = []
    if board.baseline is not None:
        compared = [
            signed(comparison.difference.value) if comparison else "",
            number(comparison.detectable) if comparison else "",
        ]
    return [
        (f"*{name}*" if line.is_floor else f"**{name}**") + tag,
        *map(_figure, line.figures),
        *compared,
        figure(COST, board.read(line, COST).value),
        f"{line.cell.n:,}",
        f"{line.cell.failed:,}",
    ]


def _figure(found: Figure) -> str:
    text = f"{figure(found.metric, found.value)}{' ' if found.mark else ''}{found.mark}"
    interval = found.interval
    if interval is None or interval.low is None:
        return text
    low, high = (figure(found.metric, end) for end in (interval.low, interval.high))
    return f"{text} ({low}–{high})"
