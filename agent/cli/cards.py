"""Recommendations as people see them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from agent.cli.flow import hanging, joined
from agent.cli.terminal import one_line
from agent.recommendation import Recommendation

INDENT = 4
GAP = "  "
_CATEGORIES = 4


def card(recommendation: Recommendation, console: Console, width: int) -> Iterator[Text]:
    """The lines of one item: rank, label and categories; below, why."""
    rank = Text(f"{recommendation.rank:>2}  ", "bold cyan")
    *lines, last = hanging(console, rank, Text(one_line(recommendation.label), "bold"), width, INDENT)
    categories = Text(one_line(joined(recommendation.item.categories, _CATEGORIES)), "magenta")
    if last.cell_len + len(GAP) + categories.cell_len <= width:
        yield from (*lines, Text.assemble(last, GAP, categories) if categories else last)
    else:
        yield from (*lines, last)
        yield from hanging(console, Text(" " * INDENT), categories, width, INDENT)
    if recommendation.reasons:
        why = Text(one_line(recommendation.reasons[0].text), "dim")
        yield from hanging(console, Text(" " * INDENT), why, width, INDENT)


def show_cards(recommendations: Iterable[Recommendation], console: Console, width: int) -> None:
    """Print a list, an item a card."""
    for recommendation in recommendations:
        for line in card(recommendation, console, width):
            console.print(line, soft_wrap=True)
