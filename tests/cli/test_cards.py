"""Recommendations and traces as people see them."""

import io

from rich.console import Console

from agent.catalog import Item
from agent.cli.cards import show_cards
from agent.cli.trace_table import trace_table
from agent.lm import Usage
from agent.recommendation import Reason, Recommendation
from agent.trace import Trace


def shown(*recommendations, width=40):
    console = Console(file=io.StringIO(), width=200)
    show_cards(recommendations, console, width)
    return console.file.getvalue().splitlines()


def recommendation(rank, title, categories=(), why=""):
    item = Item(str(rank), title, categories=categories)
    return Recommendation(rank, item, title, 1.0, (Reason(why),) if why else ())


def test_a_card_holds_rank_label_categories_and_why():
    card = recommendation(2, "Alien (1979)", ("Horror", "Sci-Fi"), "It is like The Thing.")
    assert shown(card) == [" 2  Alien (1979)  Horror · Sci-Fi", "    It is like The Thing."]


def test_ranks_are_aligned_and_long_lines_hang():
    lines = shown(
        recommendation(9, "Up"),
        recommendation(10, "A title that is far too long for one line", ("a", "b", "c", "d", "e", "f")),
    )
    assert lines == [
        " 9  Up",
        "10  A title that is far too long for one",
        "    line  a · b · c · d +2",
    ]


def test_a_hostile_title_controls_nothing():
    assert shown(recommendation(1, "\x1b[2J[red]x[/red]:smile:\nnew")) == [" 1  [2J[red]x[/red]:smile: new"]


def test_a_trace_is_a_table_of_stages():
    trace = Trace()
    with trace.stage("generate") as stage:
        stage.usage = Usage(prompt_tokens=1200, completion_tokens=34, cached_tokens=56)
        stage.outputs = {"items": ["a", "b"], "none": []}
        stage.notes.append("trimmed history")
    with trace.stage("rank") as stage:
        stage.outputs = {"pmi": [0.5]}
    trace.stages[0].milliseconds, trace.stages[1].milliseconds = 1500.4, 20
    console = Console(file=io.StringIO(), width=100)
    console.print(trace_table(trace, "en"))
    rows = [line.split(maxsplit=5) for line in console.file.getvalue().splitlines()]
    assert rows[1] == [
        "generate",
        "1,500",
        "1,200",
        "56",
        "34",
        "trimmed history; items: a, b".ljust(len(rows[1][5])),
    ]
    assert [cell.strip() for cell in rows[2]] == ["rank", "20", "pmi:", "0.5"]
    assert rows[3] == ["all", "1,520", "1,200", "56", "34"]


def test_a_card_of_an_article_tells_who_wrote_it_when():
    item = Item("a", "On Walks", attributes={"authors": ("Ann", "Bob", "Cy", "Dee"), "date": "2026-03-01"})
    assert shown(Recommendation(1, item, "On Walks", 1.0)) == [
        " 1  On Walks",
        "    Ann · Bob · Cy +1 · 2026-03-01",
    ]
