"""The leader tables as a terminal shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, JustifyMethod, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from eval.report.board import COST, Board, Figure, Line, Standing, boards
from eval.report.figures import FigureTable, figure_tables
from eval.report.notes import board_notes, run_notes, summary
from eval.report.text import figure, number, one_line
from eval.results import RunResult

_STYLES: dict[Standing, str] = {"better": "bold cyan", "worse": "yellow", "different": "magenta"}
_NAME = 28
_INTERVALS = 2
"""Metrics that are shown with their intervals, and are shown however narrow the terminal is."""


@dataclass(frozen=True)
class TerminalReport:
    """All leader tables of a run, for rich to print.

    Two metrics stand with their intervals, which fits 100 columns; the others follow where there is room.
    """

    boards: tuple[Board, ...]
    notes: tuple[str, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        for board in self.boards:
            yield Text(summary(board), style="bold")
            yield _widest(board, console, options)
            for note in board_notes(board):
                yield Text(note, style="dim")
            for table in figure_tables(board):
                yield Text(f"\n{table.title}", style="bold")
                yield _plain(table)
                yield Text(table.note, style="dim")
            yield Text()
        for note in self.notes:
            yield Text(one_line(note), style="yellow")


def terminal_report(run: RunResult, *, metrics: Sequence[str] | None = None) -> TerminalReport:
    """The leader tables of a run.

    Args:
        run: The results.
        metrics: The columns; those of each data set's protocol where not given.

    Raises:
        ResultsError: see :func:`eval.report.board.boards`.
    """
    return TerminalReport(boards(run, metrics), tuple(run_notes(run)))


def _plain(figures: FigureTable) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=False)
    for place, header in enumerate(figures.headers):
        if place < figures.words:
            table.add_column(header if place else "", min_width=8, max_width=_NAME, overflow="fold")
        else:
            table.add_column(header, justify="right", no_wrap=True)
    for row in figures.rows:
        table.add_row(*map(Text, row))
    return table


def _widest(board: Board, console: Console, options: ConsoleOptions) -> Table:
    """The table with as many metrics as there is room for."""
    for count in range(len(board.metrics), _INTERVALS, -1):
        table = _table(board, board.metrics[:count])
        if Measurement.get(console, options.update(max_width=1000), table).maximum <= options.max_width:
            return table
    return _table(board, board.metrics[:_INTERVALS])


def _table(board: Board, metrics: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=False)
    table.add_column("", min_width=12, max_width=_NAME, overflow="fold")
    table.add_column("", no_wrap=True)
    for place, metric in enumerate(metrics):
        name = Text(one_line(metric).replace("_", "\n"))
        justify: JustifyMethod = "left" if place < _INTERVALS else "right"
        table.add_column(name, justify=justify, no_wrap=True)
    for title in ("ms", "n", "failed", "detects"):
        table.add_column(title, justify="right", no_wrap=True)
    for line in board.lines:
        table.add_row(*_cells(board, line, metrics), style="dim" if line.is_floor else "")
    return table


def _cells(board: Board, line: Line, metrics: Sequence[str]) -> list[Text]:
    tags = {"floor": "floor", "outputs": "stored", "system": ""}
    comparison = line.figures[0].comparison
    return [
        Text(one_line(line.name), style="" if line.is_floor else "bold"),
        Text("base" if line.is_baseline else tags[line.cell.kind], style="dim"),
        *(_figure(line.figure(metric), full=place < _INTERVALS) for place, metric in enumerate(metrics)),
        Text(figure(COST, board.read(line, COST).value)),
        Text(f"{line.cell.n:,}"),
        Text(f"{line.cell.failed:,}", style="bold red" if line.cell.failed else ""),
        Text(number(comparison.detectable if comparison else None)),
    ]


def _figure(found: Figure, *, full: bool) -> Text:
    style = _STYLES.get(found.standing, "")
    text = Text.assemble((f"{figure(found.metric, found.value)}{found.mark or ' '}", style))
    interval = found.interval
    if full and interval is not None and interval.low is not None:
        low, high = figure(found.metric, interval.low), figure(found.metric, interval.high)
        text.append(f" {low}–{high}", style="dim")
    return text
