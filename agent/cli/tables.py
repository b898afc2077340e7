"""Tables in one look."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from rich.table import Table
from rich.text import Text

from agent.cli.terminal import one_line, width


def make_table(
    columns: Iterable[str],
    rows: Iterable[Iterable[object]],
    *,
    right: Collection[str] = (),
    wrap: bool = False,
    even: bool = False,
    footer: Iterable[object] = (),
) -> Table:
    """A table without lines; its last column takes the room that is left.

    Cells are plain text: nothing in them is markup or controls the terminal.

    Args:
        columns: The headers; the first column names a row.
        rows: The cells.
        right: The columns whose cells are numbers.
        wrap: Whether the last column is wrapped rather than cut.
        even: Whether all columns are wrapped and share the room evenly.
        footer: The cells of a last row of totals.
    """
    columns, footer = list(columns), list(footer)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), width=width(), header_style="dim underline")
    for number, name in enumerate(columns):
        is_last = number == len(columns) - 1
        table.add_column(
            name,
            justify="right" if name in right else "left",
            style="cyan" if number == 0 else "",
            no_wrap=not (even or (is_last and wrap)),
            ratio=1 if even or is_last else None,
            overflow="fold" if even or wrap else "ellipsis",
        )
    for row in rows:
        table.add_row(*map(_plain, row))
    if footer:
        table.add_row(*map(_plain, footer), style="dim")
    return table


def _plain(cell: object) -> Text:
    return Text(one_line(str(cell)))
