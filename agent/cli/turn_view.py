"""One turn of a conversation as it happens: a spinner, the cards, the reply word by word."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from agent.cli.cards import show_cards
from agent.cli.flow import Flow, hanging
from agent.cli.terminal import clipped, out, width
from agent.cli.working import Working
from agent.localisation import text
from agent.recommendation import Recommendations
from agent.session import Turn

INDENT = "    "


def show_utterance(utterance: str, locale: str) -> None:
    """Print what the user said as if it had been typed; of a very long text the beginning."""
    first = Text(prompt(locale), "bold green")
    for line in hanging(first, clipped(utterance), width()):
        out().print(line, soft_wrap=True)


def prompt(locale: str) -> str:
    """What stands before the user's words."""
    return f"{text('cli.you', locale)} › "


def show_turn(pieces: Iterator[Recommendations | str | Turn], working: Working, locale: str) -> None:
    """Print the pieces of a turn as they come."""
    console = out()
    gap = False
    flow = Flow(console, width(), indent=INDENT)
    with working.on(text("cli.thinking", locale)):
        for piece in pieces:
            if isinstance(piece, Turn):
                continue
            working.pause()
            if isinstance(piece, Recommendations):
                console.print()
                show_cards(piece, console, width())
                gap = len(piece) > 0
                working.resume()
            else:
                if gap:
                    console.print()
                gap = False
                flow.write(piece)
    flow.end()
