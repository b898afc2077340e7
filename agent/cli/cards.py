"""Recommendations as people see them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from agent.catalog import Item
from agent.catalog.dates import is_date
from agent.cli.flow import hanging, joined
from agent.cli.terminal import one_line
from agent.recommendation import Recommendation
from agent.understanding.people import holds_people

_INDENT = Text("    ")
_GAP = "  "
_CATEGORIES = 4
_PEOPLE = 3


def card(recommendation: Recommendation, width: int) -> Iterator[Text]:
    """The lines of one item: rank, label and categories; below, who made it when, and why."""
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
    if facts := _made(recommendation.item):
        yield from hanging(_INDENT, one_line(facts), width, "green")
    if recommendation.reasons:
        yield from hanging(_INDENT, recommendation.reasons[0].text, width, "dim")


def _made(item: Item) -> str:
    """The people of an item, of its first column of people, and its date."""
    people: Iterable[str] = ()
    for name, value in item.attributes.items():
        if holds_people(name) and value:
            people = (value,) if isinstance(value, str) else tuple(map(str, value))
            break
    dates = [value for value in item.attributes.values() if is_date(value)]
    return " · ".join(filter(None, (joined(tuple(people), _PEOPLE), *dates[:1])))


def show_cards(recommendations: Iterable[Recommendation], console: Console, width: int) -> None:
    """Print a list, an item a card."""
    for recommendation in recommendations:
        for line in card(recommendation, width):
            console.print(line, soft_wrap=True)
