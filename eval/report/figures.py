"""Small tables of plain figures that stand below the leader table of every report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from eval.report.board import Board, Line
from eval.report.text import MISSING, milliseconds, number, one_line

_TOKENS = ("prompt_tokens", "completion_tokens")


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A table of text.

    Attributes:
        key: What parts of a page call it.
        title: What it is of.
        note: How to read it.
        headers: Of the columns; the first one names the rows.
        rows: As many cells as there are headers.
        words: How many of the first columns are words, not figures.
    """

    key: str
    title: str
    note: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1


def figure_tables(board: Board) -> tuple[FigureTable, ...]:
    """The tables that have something to say of a board."""
    return tuple(table for table in (costs(board), spreads(board)) if table.rows)


def costs(board: Board) -> FigureTable:
    """What an answer of each cell costs."""
    headers = ("system", "ms p50", "ms p95", "tokens in", "tokens out", "peak MiB")
    rows = [(one_line(line.name), *_cost(board, line)) for line in board.lines]
    rows = [row for row in rows if {*row[1:]} != {MISSING}]
    kept = [place for place in range(len(headers)) if any(row[place] != MISSING for row in rows)]
    return FigureTable(
        key="cost",
        title="Cost of an answer",
        note="Milliseconds and tokens are of one answer, tokens as a mean. The peak is of the process "
        "while the cell ran, with the model and the data that it held.",
        headers=tuple(headers[place] for place in kept),
        rows=tuple(tuple(row[place] for place in kept) for row in rows),
    )


def spreads(board: Board) -> FigureTable:
    """The main metric of each cell over the variants of its prompt."""
    return FigureTable(
        key="spread",
        title=f"Spread of {one_line(board.main)} over variants of the prompt",
        note="Each variant has a mean over all rows; these are the mean, the least, the greatest and the "
        "standard deviation of those means. Within rows: the standard deviation over the variants of a row, "
        "as a mean over rows.",
        headers=("system", "variants", "count", "mean", "min", "max", "sd", "within rows"),
        rows=tuple(row for line in board.lines for row in _spreads(board, line)),
        words=2,
    )


def _cost(board: Board, line: Line) -> tuple[str, ...]:
    cost = line.cell.cost
    tokens = (board.read(line, name).value for name in _TOKENS)
    return (
        milliseconds(cost.milliseconds_p50),
        milliseconds(cost.milliseconds_p95),
        *map(number, tokens),
        number(cost.peak_megabytes),
    )


def _spreads(board: Board, line: Line) -> Iterator[tuple[str, ...]]:
    for kind, by_metric in line.cell.spreads.items():
        found = by_metric.get(board.main)
        if found is not None and found.mean is not None:
            figures = (found.mean, found.low, found.high, found.sd, found.within_sd)
            yield one_line(line.name), kind, str(found.variants), *map(number, figures)
