"""Recommendations as people see them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from agent.cli.flow import hanging, joined
from agent.cli.terminal import one_line
from agent.recommendation import Recommendation

_INDENT = Text("    ")
_GAP = "  "
_CATEGORIES = 4


def card(recommendation: Recommendation, width: int) -> Iterator[Text]:
    """The lines of one item: rank, label and categories; below, why."""
    rank = Text(f"{recommendation.rank:>2}  ", "bold cyan")
    *lines, last = hanging(rank, recommendation.label, width, "bold")
    yield from lines
    categories = one_line(joined(recommendation.item.categories, _CATEGORIES))
    if not categories:
        yield last
    elif last.cell_len + cell_len(_GAP + categories) <= width:
        yield last.append(_GAP).append(categories, "magenta")
    else:
        yield last
        yield from hanging(_INDENT, categories, width, "magenta")
    if recommendation.reasons:
        yield from hanging(_INDENT, recommendation.reasons[0].text, width, "dim")


def show_cards(recommendations: Iterable[Recommendation], console: Console, width: int) -> None:
    """Print a list, an item a card."""
    for recommendation in recommendations:
        for line in card(recommendation, width):
            console.print(line, soft_wrap=True)
